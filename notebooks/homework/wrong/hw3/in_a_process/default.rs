// fails: the value of a job
// fails: a crash
// fails: a panic
// fails: an exit
// fails: a memory of its own
/// What `job` returns, run in a process of its own; or how that process ended, in words.
fn in_a_process(job: impl FnOnce() -> u64) -> Result<u64, String> {
    let _ = job;
    Ok(0)
}
