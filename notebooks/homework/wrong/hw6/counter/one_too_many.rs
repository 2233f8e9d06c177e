// fails: never more than there is room for
// fails: at a full counter the barista sleeps
// fails: two baristas
mod counter {
    use potok::explore::std;
    use std::collections::VecDeque;
    use std::sync::{Condvar, Mutex};

    /// A counter with room for so many cups.
    #[derive(Debug)]
    pub struct Counter {
        room: usize,
        cups: Mutex<VecDeque<u32>>,
        filled: Condvar,
        emptied: Condvar,
    }

    impl Counter {
        pub fn new(room: usize) -> Self {
            let cups = Mutex::default();
            Counter { room, cups, filled: Condvar::new(), emptied: Condvar::new() }
        }

        /// Puts a cup down; waits until there is room for it.
        pub fn put(&self, cup: u32) {
            let mut cups = self.cups.lock().unwrap();
            while cups.len() > self.room {
                cups = self.emptied.wait(cups).unwrap();
            }
            cups.push_back(cup);
            self.filled.notify_one();
        }

        /// Takes the first cup; waits until there is one.
        pub fn take(&self) -> u32 {
            let mut cups = self.cups.lock().unwrap();
            loop {
                if let Some(cup) = cups.pop_front() {
                    self.emptied.notify_one();
                    return cup;
                }
                cups = self.filled.wait(cups).unwrap();
            }
        }
    }
}
