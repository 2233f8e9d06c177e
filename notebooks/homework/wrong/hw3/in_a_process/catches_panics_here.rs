// fails: a crash
// fails: an exit
// fails: a memory of its own
/// What `job` returns, run in a process of its own; or how that process ended, in words.
fn in_a_process(job: impl FnOnce() -> u64) -> Result<u64, String> {
    let job = std::panic::AssertUnwindSafe(job);
    std::panic::catch_unwind(job).map_err(|payload| match payload.downcast::<&str>() {
        Ok(words) => words.to_string(),
        Err(_) => "a panic".to_string(),
    })
}
