//! The machines: any free one, to whoever has waited longest.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Machines that threads share, handed out first come, first served.
///
/// A `Mutex` alone would not do: it is unfair, and the thread that has just given the
/// machine back nearly always gets it again.
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

    /// Waits for a free machine. Returns its number and when it was asked for, which is
    /// the order in which machines are handed out; `None` after `deadline`.
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
                // There may be a machine for the next in line, too.
                self.changed.notify_all();
                return Some((machine, asked));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                state.line.retain(|&other| other != ticket);
                self.changed.notify_all();
                return None;
            }
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    pub(super) fn give_back(&self, machine: usize) {
        self.lock().free.insert(machine);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::ms;

    #[test]
    fn who_gives_up_does_not_block_the_line() {
        let machines = Machines::new(1);
        let soon = || Instant::now() + ms(5);
        assert_eq!(machines.take(soon()).unwrap().0, 0);
        assert_eq!(machines.take(soon()), None);
        machines.give_back(0);
        let patient = Instant::now() + ms(10_000);
        assert_eq!(machines.take(patient).unwrap().0, 0);
    }

    #[test]
    fn the_machine_goes_to_who_asked_first() {
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
                    machines.give_back(machine);
                });
                // The next one asks only when this one stands in line.
                while machines.lock().line.len() <= i {
                    std::thread::yield_now();
                }
            }
            machines.give_back(held);
        });
        assert_eq!(order.into_inner().unwrap(), [0, 1, 2, 3, 4]);
    }
}
