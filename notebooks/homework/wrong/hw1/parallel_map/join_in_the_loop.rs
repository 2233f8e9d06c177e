// fails: three workers, three at once
// fails: one long item holds up nobody
// fails: two workers, two at once
use std::sync::Mutex;

/// `work` of each item, by so many threads (one or more); the results in the order of the
/// items.
fn parallel_map<T: Send, R: Send>(
    items: Vec<T>,
    workers: usize,
    work: &(dyn Fn(T) -> R + Sync),
) -> Vec<R> {
    let results: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    // `queue.lock().unwrap().next()` gives the next `(place, item)`, and `None` at the end.
    let queue = Mutex::new(items.into_iter().enumerate());
    std::thread::scope(|s| {
        for _worker in 0..workers {
            let worker = s.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some((at, item)) = next else { break };
                    *results[at].lock().unwrap() = Some(work(item));
                }
            });
            worker.join().unwrap();
        }
    });
    let result = |place: Mutex<Option<R>>| place.into_inner().unwrap();
    results.into_iter().map(|place| result(place).expect("an item was left out")).collect()
}
