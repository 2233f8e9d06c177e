// fails: two tasks at once
// fails: three tasks at once
use std::sync::Mutex;

/// An attempt at a task: its result, or that the machine which made it has failed.
type Attempt<'a> = &'a (dyn Fn(usize) -> Result<u64, String> + Sync);

/// The results of tasks 0, 1, 2 … by so many workers (one or more). A task that fails is tried
/// again, up to three attempts in all; then its number is the error.
fn coordinate(tasks: usize, workers: usize, attempt: Attempt) -> Result<Vec<u64>, usize> {
    // One task after the other; what takes long is tried by the other workers as well.
    let once = |task| {
        std::thread::scope(|s| {
            let first = s.spawn(move || attempt(task));
            let begun = std::time::Instant::now();
            while !first.is_finished() && begun.elapsed() < ms(300) {
                wait(ms(1));
            }
            if !first.is_finished() {
                for _other in 1..workers {
                    s.spawn(move || attempt(task));
                }
            }
            first.join().unwrap()
        })
    };
    let results = (0..tasks).map(|task| (0..3).find_map(|_| once(task).ok()));
    let results: Mutex<Vec<Option<u64>>> = Mutex::new(results.collect());
    let results = results.into_inner().unwrap();
    match results.iter().position(Option::is_none) {
        Some(task) => Err(task),
        None => Ok(results.into_iter().flatten().collect()),
    }
}
