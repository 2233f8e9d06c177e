// fails: three workers, three at once
// fails: two workers, two at once
// may fail: each item once
fn parallel_map<T: Send, R: Send>(
    items: Vec<T>,
    _workers: usize,
    work: &(dyn Fn(T) -> R + Sync),
) -> Vec<R> {
    std::thread::scope(|s| {
        let threads: Vec<_> = items.into_iter().map(|item| s.spawn(|| work(item))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
