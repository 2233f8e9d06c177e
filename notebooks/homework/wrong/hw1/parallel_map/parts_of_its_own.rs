// fails: one long item holds up nobody
fn parallel_map<T: Send, R: Send>(
    items: Vec<T>,
    workers: usize,
    work: &(dyn Fn(T) -> R + Sync),
) -> Vec<R> {
    let size = items.len().div_ceil(workers).max(1);
    let mut items = items.into_iter();
    std::thread::scope(|s| {
        let mut threads = vec![];
        loop {
            let part: Vec<T> = items.by_ref().take(size).collect();
            if part.is_empty() {
                break;
            }
            threads.push(s.spawn(|| part.into_iter().map(work).collect::<Vec<R>>()));
        }
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}
