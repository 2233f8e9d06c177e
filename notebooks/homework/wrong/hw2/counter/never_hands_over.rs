// fails: who has the lock is alone
mod counter {
    use potok::explore::std;
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
    use std::sync::{Mutex, MutexGuard};

    /// Who has this has the GIL.
    pub type Held<'a> = MutexGuard<'a, ()>;

    /// The GIL, and what a Python program has: a `counter`, and a `lock` for it.
    #[derive(Default)]
    pub struct Program {
        pub gil: Mutex<()>,
        pub lock: Mutex<()>,
        pub counter: AtomicU64,
    }

    impl Program {
        /// Another thread has asked for the GIL: it may have it for a while.
        fn hand_over<'a>(&'a self, held: Held<'a>) -> Held<'a> {
            held
        }

        /// Gives up the GIL, waits, and takes the GIL again.
        pub fn without_gil<'a, R>(
            &'a self,
            held: Held<'a>,
            wait: impl FnOnce() -> R,
        ) -> (Held<'a>, R) {
            drop(held);
            let result = wait();
            (self.gil.lock().unwrap(), result)
        }

        /// `with lock: counter += 1`, by a thread that has the GIL.
        pub fn add_one<'a>(&'a self, held: Held<'a>) -> Held<'a> {
            // Load, add, store, and the GIL changes hands in between.
            let seen = self.counter.load(SeqCst);
            let held = self.hand_over(held);
            self.counter.store(seen + 1, SeqCst);
            held
        }
    }
}
