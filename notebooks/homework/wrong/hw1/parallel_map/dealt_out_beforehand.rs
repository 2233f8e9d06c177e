// fails: one long item holds up nobody
fn parallel_map<T: Send, R: Send>(
    items: Vec<T>,
    workers: usize,
    work: &(dyn Fn(T) -> R + Sync),
) -> Vec<R> {
    let mut hands: Vec<Vec<(usize, T)>> = (0..workers).map(|_| vec![]).collect();
    for (at, item) in items.into_iter().enumerate() {
        hands[at % workers].push((at, item));
    }
    let mut results: Vec<(usize, R)> = std::thread::scope(|s| {
        let hand = |hand: Vec<(usize, T)>| s.spawn(|| hand.into_iter().map(|(at, item)| (at, work(item))).collect());
        let threads: Vec<_> = hands.into_iter().map(hand).collect();
        threads.into_iter().flat_map(|thread| -> Vec<_> { thread.join().unwrap() }).collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
