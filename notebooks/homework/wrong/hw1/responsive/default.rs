// fails: the result of the job
// fails: ticks while the job runs
// fails: the ticks are here
// fails: ticks, but not more than one in a millisecond
// fails: no ticks after the end
/// Runs `job`, and calls `tick` again and again until the job has ended.
fn responsive(job: impl FnOnce() -> u64 + Send, tick: impl FnMut()) -> u64 {
    std::thread::scope(|_| {
        0
    })
}
