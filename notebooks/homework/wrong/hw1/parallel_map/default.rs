// fails: squares
// fails: three workers, three at once
// fails: one long item holds up nobody
// fails: each item once
fn parallel_map<T: Send, R: Send>(
    items: Vec<T>,
    workers: usize,
    work: &(dyn Fn(T) -> R + Sync),
) -> Vec<R> {
    vec![]
}
