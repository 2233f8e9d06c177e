// fails: no ticks after the end
/// Runs `job`, and calls `tick` again and again until the job has ended.
fn responsive(job: impl FnOnce() -> u64 + Send, mut tick: impl FnMut()) -> u64 {
    std::thread::scope(|s| {
        let job = s.spawn(job);
        for _ in 0..1_000 {
            tick();
            wait(ms(1));
        }
        job.join().unwrap()
    })
}
