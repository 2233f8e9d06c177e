// fails: one long batch holds up nobody
use std::sync::Mutex;

fn pool<T: Send, R: Send>(
    batches: Vec<Vec<T>>,
    workers: usize,
    work: &(dyn Fn(T) -> R + Sync),
) -> Vec<R> {
    let done: Mutex<Vec<(usize, Vec<R>)>> = Mutex::new(vec![]);
    let mut shares: Vec<Vec<(usize, Vec<T>)>> = (0..workers).map(|_| vec![]).collect();
    for (number, batch) in batches.into_iter().enumerate() {
        shares[number % workers].push((number, batch));
    }
    std::thread::scope(|s| {
        for share in shares {
            s.spawn(|| {
                for (number, batch) in share {
                    let of_batch = batch.into_iter().map(work).collect();
                    done.lock().unwrap().push((number, of_batch));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().flat_map(|(_, of_batch)| of_batch).collect()
}
