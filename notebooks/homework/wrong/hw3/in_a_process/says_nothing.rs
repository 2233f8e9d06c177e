// fails: a crash
// fails: a panic
// fails: an exit
/// What `job` returns, run in a process of its own; or how that process ended, in words.
fn in_a_process(job: impl FnOnce() -> u64) -> Result<u64, String> {
    processes::fork(job).unwrap().join().map_err(|_| "it failed".to_string())
}
