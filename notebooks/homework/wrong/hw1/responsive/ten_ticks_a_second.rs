// fails: ticks while the job runs
/// Runs `job`, and calls `tick` again and again until the job has ended.
fn responsive(job: impl FnOnce() -> u64 + Send, mut tick: impl FnMut()) -> u64 {
    std::thread::scope(|s| {
        let job = s.spawn(job);
        while !job.is_finished() {
            tick();
            wait(ms(100));
        }
        job.join().unwrap()
    })
}
