// fails: two crash
// fails: one hangs
// fails: all crash
/// What `attempt(0)` returns, run in a process of its own; if that one fails, or takes longer
/// than `limit`, what `attempt(1)` returns, and so on, up to `most` attempts. Then their
/// number is the error.
fn supervise(
    most: u32,
    limit: std::time::Duration,
    attempt: &dyn Fn(u32) -> u64,
) -> Result<u64, u32> {
    for n in 0..most {
        return processes::Limits::new().wall(limit).fork(|| attempt(n)).unwrap().join().map_err(|_| n + 1);
    }
    Err(most)
}
