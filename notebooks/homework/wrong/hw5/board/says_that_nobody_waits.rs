// fails: a writer who waits is seen
mod board {
    use potok::explore::std;
    use std::sync::{Condvar, Mutex};

    /// A board with the menu: many may read it at once, who writes is alone.
    #[derive(Debug, Default)]
    pub struct Board {
        state: Mutex<State>,
        changed: Condvar,
    }

    #[derive(Debug, Default)]
    struct State {
        readers: u32,
        writing: bool,
        /// Writers who wait.
        waiting: u32,
    }

    impl Board {
        /// Waits while somebody writes, or waits to write; then reads.
        pub fn start_reading(&self) {
            let mut state = self.state.lock().unwrap();
            while state.writing {
                state = self.changed.wait(state).unwrap();
            }
            state.readers += 1;
        }

        pub fn stop_reading(&self) {
            self.state.lock().unwrap().readers -= 1;
            self.changed.notify_all();
        }

        /// Waits while somebody reads or writes; then writes.
        pub fn start_writing(&self) {
            let mut state = self.state.lock().unwrap();
            state.waiting += 1;
            while state.writing || state.readers > 0 {
                state = self.changed.wait(state).unwrap();
            }
            state.writing = true;
            state.waiting -= 1;
        }

        pub fn stop_writing(&self) {
            self.state.lock().unwrap().writing = false;
            self.changed.notify_all();
        }

        /// Whether a writer waits.
        pub fn writer_waits(&self) -> bool {
            false
        }
    }
}
