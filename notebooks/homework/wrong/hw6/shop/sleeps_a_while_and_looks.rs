// fails: without orders the machine sleeps
// fails: two machines are told
// fails: one order, two machines
mod shop {
    use potok::explore::std;
    use std::collections::VecDeque;
    use std::sync::{Condvar, Mutex};

    /// Orders of a shop that closes in the evening.
    #[derive(Debug, Default)]
    pub struct Shop {
        state: Mutex<State>,
        changed: Condvar,
    }

    #[derive(Debug, Default)]
    struct State {
        orders: VecDeque<u32>,
        closed: bool,
    }

    impl Shop {
        /// Puts an order at the end.
        pub fn put(&self, order: u32) {
            self.state.lock().unwrap().orders.push_back(order);
            self.changed.notify_one();
        }

        /// No order comes any more: whoever waits for one is told.
        pub fn close(&self) {
            self.state.lock().unwrap().closed = true;
            self.changed.notify_all();
        }

        /// Takes the first order; waits for one. `None` when the shop has closed and all
        /// orders were taken.
        pub fn take(&self) -> Option<u32> {
            loop {
                let mut state = self.state.lock().unwrap();
                if let Some(order) = state.orders.pop_front() {
                    return Some(order);
                }
                if state.closed {
                    return None;
                }
                drop(state);
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        }
    }
}
