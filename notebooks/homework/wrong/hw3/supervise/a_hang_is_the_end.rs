// fails: one hangs
/// What `attempt(0)` returns, run in a process of its own; if that one fails, or takes longer
/// than `limit`, what `attempt(1)` returns, and so on, up to `most` attempts. Then their
/// number is the error.
fn supervise(
    most: u32,
    limit: std::time::Duration,
    attempt: &dyn Fn(u32) -> u64,
) -> Result<u64, u32> {
    for n in 0..most {
        let child = processes::Limits::new().wall(limit).fork(|| attempt(n));
        match child.and_then(|child| child.join()) {
            Ok(value) => return Ok(value),
            Err(error) if error.kind() == ErrorKind::TimedOut => return Err(n + 1),
            Err(_) => {}
        }
    }
    Err(most)
}
