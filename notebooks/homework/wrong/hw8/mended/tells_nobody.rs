// fails: a guest who waits
// fails: two guests who wait
// fails: woken for nothing
// fails: one guest early, one late
mod mended {
    use potok::explore::std;
    use std::sync::{Condvar, Mutex};

    /// Coffee that is waited for.
    #[derive(Debug, Default)]
    pub struct Coffee {
        ready: Mutex<bool>,
        told: Condvar,
    }

    impl Coffee {
        /// Says that the coffee is ready: to all who wait, and to all who come later.
        pub fn serve(&self) {
            *self.ready.lock().unwrap() = true;
        }

        /// Waits until the coffee is ready.
        pub fn wait(&self) {
            let mut ready = self.ready.lock().unwrap();
            while !*ready {
                ready = self.told.wait(ready).unwrap();
            }
        }

        /// Whether it is.
        pub fn is_ready(&self) -> bool {
            *self.ready.lock().unwrap()
        }

        /// Wakes all who wait, though nothing has changed: `std` may do so at any time.
        pub fn stir(&self) {
            self.told.notify_all();
        }
    }
}
