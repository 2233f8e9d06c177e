// fails: never more than there is room for
// fails: two baristas
mod counter {
    use potok::explore::std;
    use std::collections::VecDeque;
    use std::sync::{Condvar, Mutex};

    /// A counter with room for so many cups.
    #[derive(Debug)]
    pub struct Counter {
        room: usize,
        /// The cups, and the most that stood here at once.
        cups: Mutex<(VecDeque<u32>, usize)>,
        filled: Condvar,
        emptied: Condvar,
    }

    impl Counter {
        pub fn new(room: usize) -> Self {
            let cups = Mutex::new((VecDeque::new(), 0));
            Counter { room, cups, filled: Condvar::new(), emptied: Condvar::new() }
        }

        /// Puts a cup down; waits until there is room for it.
        pub fn put(&self, cup: u32) {
            let mut cups = self.cups.lock().unwrap();
            cups.0.push_back(cup);
            self.filled.notify_one();
            cups.1 = cups.1.max(cups.0.len());
        }

        /// Takes the first cup; waits until there is one.
        pub fn take(&self) -> u32 {
            let mut cups = self.cups.lock().unwrap();
            loop {
                if let Some(cup) = cups.0.pop_front() {
                    self.emptied.notify_one();
                    return cup;
                }
                cups = self.filled.wait(cups).unwrap();
            }
        }

        /// The most cups that stood here at once.
        pub fn most(&self) -> usize {
            self.cups.lock().unwrap().1
        }
    }
}
