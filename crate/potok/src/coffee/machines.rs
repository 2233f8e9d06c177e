//! The machines: the thread that has waited longest gets any free one.

use potok_base::sync::{lock, unpoisoned};
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Instant;

/// Machines that threads share, handed out first come, first served.
///
/// A `Mutex` for each would not do: it is unfair, and the thread that has just returned the
/// machine nearly always gets it again.
#[derive(Debug)]
pub(super) struct Machines {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    free: BTreeSet<usize>,
    line: VecDeque<u64>,
    next_ticket: u64,
}

impl Machines {
    pub(super) fn new(n: usize) -> Self {
        let state =
            State { free: (0..n).collect(), line: VecDeque::new(), next_ticket: 0 };
        Machines { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Waits for a free machine. Returns its number and the time of the request, by which
    /// machines are handed out; `None` after `deadline`.
    pub(super) fn take(&self, deadline: Instant) -> Option<(usize, Instant)> {
        let mut state = self.lock();
        let asked = Instant::now();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.line.push_back(ticket);
        loop {
            if state.line.front() == Some(&ticket)
                && let Some(machine) = state.free.pop_first()
            {
                state.line.pop_front();
                // There may be a machine for the next thread, too.
                self.changed.notify_all();
                return Some((machine, asked));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                state.line.retain(|&other| other != ticket);
                self.changed.notify_all();
                return None;
            }
            state = unpoisoned(self.changed.wait_timeout(state, left)).0;
        }
    }

    pub(super) fn put_back(&self, machine: usize) {
        self.lock().free.insert(machine);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::ms;

    #[test]
    fn a_thread_that_gives_up_does_not_block_the_line() {
        let machines = Machines::new(1);
        let soon = || Instant::now() + ms(5);
        assert_eq!(machines.take(soon()).unwrap().0, 0);
        assert_eq!(machines.take(soon()), None);
        machines.put_back(0);
        let patient = Instant::now() + ms(10_000);
        assert_eq!(machines.take(patient).unwrap().0, 0);
    }

    #[test]
    fn the_machine_goes_to_the_first_request() {
        let machines = Machines::new(1);
        let deadline = Instant::now() + ms(10_000);
        let (held, _) = machines.take(deadline).unwrap();
        let order = Mutex::new(vec![]);
        std::thread::scope(|s| {
            for i in 0..5 {
                let (machines, order) = (&machines, &order);
                s.spawn(move || {
                    let (machine, _) = machines.take(deadline).unwrap();
                    order.lock().unwrap().push(i);
                    machines.put_back(machine);
                });
                // The next thread asks only when this one waits in line.
                while machines.lock().line.len() <= i {
                    std::thread::yield_now();
                }
            }
            machines.put_back(held);
        });
        assert_eq!(order.into_inner().unwrap(), [0, 1, 2, 3, 4]);
    }
}
