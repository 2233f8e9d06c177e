// fails: squares
// fails: three workers, three at once
// fails: in the order of the items, whoever is done first
// fails: one long item holds up nobody
// fails: two workers, two at once
// fails: each item once
fn parallel_map<T: Send, R: Send>(
    items: Vec<T>,
    workers: usize,
    work: &(dyn Fn(T) -> R + Sync),
) -> Vec<R> {
    vec![]
}
