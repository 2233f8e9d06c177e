// fails: squares
// fails: three workers, three at once
// fails: a batch is one worker's
// fails: in the order of the items, whoever is done first
// fails: one long batch holds up nobody
// fails: each item once
fn pool<T: Send, R: Send>(
    batches: Vec<Vec<T>>,
    workers: usize,
    work: &(dyn Fn(T) -> R + Sync),
) -> Vec<R> {
    let _ = (batches, workers, work);
    vec![]
}
