// fails: the ticks are here
fn responsive(job: impl FnOnce() -> u64 + Send, tick: impl FnMut() + Send) -> u64 {
    std::thread::scope(|s| {
        let job = s.spawn(job);
        let ticker = s.spawn(|| {
            let mut tick = tick;
            while !job.is_finished() {
                tick();
                wait(ms(1));
            }
            job.join().unwrap()
        });
        ticker.join().unwrap()
    })
}
