// fails: three workers, three at once
fn pool<T: Send, R: Send>(
    batches: Vec<Vec<T>>,
    workers: usize,
    work: &(dyn Fn(T) -> R + Sync),
) -> Vec<R> {
    let _ = workers;
    std::thread::scope(|s| {
        let start = |batch: Vec<T>| s.spawn(|| batch.into_iter().map(work).collect::<Vec<R>>());
        let threads: Vec<_> = batches.into_iter().map(start).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}
