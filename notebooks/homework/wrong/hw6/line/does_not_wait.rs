// fails: an order that comes later
// fails: without orders the machine sleeps
// fails: two machines, two orders
mod line {
    use potok::explore::std;
    use std::collections::VecDeque;
    use std::sync::{Condvar, Mutex};

    /// A line of orders before a coffee machine.
    #[derive(Debug, Default)]
    pub struct Line {
        orders: Mutex<VecDeque<u32>>,
        arrived: Condvar,
    }

    impl Line {
        /// Puts an order at the end.
        pub fn put(&self, order: u32) {
            self.orders.lock().unwrap().push_back(order);
            self.arrived.notify_one();
        }

        /// Takes the first order; waits until there is one.
        pub fn take(&self) -> u32 {
            self.orders.lock().unwrap().pop_front().unwrap_or(0)
        }
    }
}
