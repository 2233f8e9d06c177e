// fails: squares
// fails: three workers, three at once
// fails: a batch is one worker's
// fails: in the order of the items, whoever is done first
// fails: one long batch holds up nobody
// fails: each item once
// fails: no batches
use std::sync::{Mutex, mpsc};

/// `work` of each item, by so many threads (one or more): whoever is free takes a batch and
/// does all of it. The results are in the order of the items.
fn pool<T: Send, R: Send>(
    batches: Vec<Vec<T>>,
    workers: usize,
    work: &(dyn Fn(T) -> R + Sync),
) -> Vec<R> {
    let (tasks, inbox) = mpsc::channel::<(usize, Vec<T>)>();
    // Only one thread may receive: whoever has the lock.
    let inbox = Mutex::new(inbox);
    let (results, outbox) = mpsc::channel::<(usize, Vec<R>)>();
    let mut done: Vec<(usize, Vec<R>)> = vec![];
    std::thread::scope(|s| {
        for _worker in 0..workers {
            let (inbox, results) = (&inbox, results.clone());
            s.spawn(move || {
                loop {
                    // The lock is given back at the end of this line.
                    let task = inbox.lock().unwrap().recv();
                    let Ok((number, batch)) = task else { break };
                    let of_batch = batch.into_iter().map(work).collect();
                    results.send((number, of_batch)).unwrap();
                }
            });
        }
        for task in batches.into_iter().enumerate() {
            tasks.send(task).unwrap();
        }
        // No task comes any more; then all results, as they come.
        drop(tasks);
        done.extend(outbox);
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().flat_map(|(_, of_batch)| of_batch).collect()
}
