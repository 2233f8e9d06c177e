// fails: three workers, three at once
// fails: one long item holds up nobody
// fails: two workers, two at once
fn parallel_map<T: Send, R: Send>(
    items: Vec<T>,
    _workers: usize,
    work: &(dyn Fn(T) -> R + Sync),
) -> Vec<R> {
    items.into_iter().map(work).collect()
}
