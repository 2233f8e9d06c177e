// fails: three workers, three at once
// fails: one long batch holds up nobody
fn pool<T: Send, R: Send>(
    batches: Vec<Vec<T>>,
    workers: usize,
    work: &(dyn Fn(T) -> R + Sync),
) -> Vec<R> {
    let _ = workers;
    batches.into_iter().flatten().map(work).collect()
}
