// fails: ticks while the job runs
// fails: no ticks after the end
/// Runs `job`, and calls `tick` again and again until the job has ended.
fn responsive(job: impl FnOnce() -> u64 + Send, mut tick: impl FnMut()) -> u64 {
    std::thread::scope(|_| {
        let result = job();
        tick();
        result
    })
}
