// fails: one computes at a time
mod request {
    use potok::explore::std;
    use std::sync::Mutex;

    /// The lock of an interpreter. There is nothing in it: it is only held.
    pub type Gil = Mutex<()>;

    /// Computes a request and holds the GIL meanwhile; waits for its answer without it.
    pub fn attached(
        gil: &Gil,
        compute: impl FnOnce() -> u64,
        wait: impl FnOnce(u64) -> u64,
    ) -> u64 {
        let held = gil.try_lock();
        let request = compute();
        drop(held);
        wait(request)
    }
}
