// fails: three attempts at task 3, one at the others
// fails: two tasks at once
// fails: attempts when nothing fails
// fails: three tasks at once
use std::sync::Mutex;

/// An attempt at a task: its result, or that the machine which made it has failed.
type Attempt<'a> = &'a (dyn Fn(usize) -> Result<u64, String> + Sync);

/// The results of tasks 0, 1, 2 … by so many workers. A task that fails is tried again, up
/// to three attempts in all; then its number is the error.
fn coordinate(tasks: usize, workers: usize, attempt: Attempt) -> Result<Vec<u64>, usize> {
    let next = Mutex::new(0..tasks);
    let results: Mutex<Vec<Option<u64>>> = Mutex::new(vec![None; tasks]);
    std::thread::scope(|s| {
        for _worker in 0..workers {
            s.spawn(|| {
                loop {
                    let task = next.lock().unwrap().next();
                    let Some(task) = task else { break };
                    for _ in 0..3 {
                        if let Ok(result) = attempt(task) {
                            results.lock().unwrap()[task] = Some(result);
                        }
                    }
                }
            });
        }
    });
    let results = results.into_inner().unwrap();
    // The first task without a result is the error; else all results.
    match results.iter().position(Option::is_none) {
        Some(task) => Err(task),
        None => Ok(results.into_iter().flatten().collect()),
    }
}
