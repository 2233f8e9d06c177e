//! Which thread waits for which when none can continue.

use super::execution::{At, State};
use super::object::Kind;
use super::operation::{Operation, ThreadId};
use crate::words;

impl State {
    /// Names the cycle of a deadlock, or all waiting threads where there is no cycle.
    pub(super) fn who_waits(&self) -> String {
        let lines: Vec<String> = match self.cycle() {
            Some(cycle) => cycle.iter().filter_map(|&t| self.waits(t)).collect(),
            None => (0..self.threads.len())
                .filter(|&t| !self.only_joins(t))
                .filter_map(|t| self.waits(t))
                .collect(),
        };
        lines.join("; ")
    }

    /// A cycle of threads each of which waits for the next.
    fn cycle(&self) -> Option<Vec<ThreadId>> {
        (0..self.threads.len()).find_map(|start| {
            let mut path = vec![start];
            loop {
                let next = *self.holders(*path.last()?).first()?;
                if next == start {
                    return Some(path);
                }
                if path.contains(&next) {
                    return None;
                }
                path.push(next);
            }
        })
    }

    /// The threads that could end this one's wait, where that is known.
    fn holders(&self, thread: ThreadId) -> Vec<ThreadId> {
        let At::Announced(operation) = &self.threads[thread].at else { return vec![] };
        match operation {
            Operation::Lock { object, .. } | Operation::Read { object } => {
                match &self.objects[*object].kind {
                    Kind::Lock { writer, readers } => {
                        writer.iter().chain(readers).copied().collect()
                    }
                    _ => vec![],
                }
            }
            Operation::Join(threads) => {
                let alive =
                    |t: &&ThreadId| !matches!(self.threads[**t].at, At::Finished);
                threads.iter().filter(alive).copied().collect()
            }
            _ => vec![],
        }
    }

    fn only_joins(&self, thread: ThreadId) -> bool {
        matches!(&self.threads[thread].at, At::Announced(Operation::Join(_)))
    }

    /// What one thread waits for, as a sentence.
    fn waits(&self, thread: ThreadId) -> Option<String> {
        let At::Announced(operation) = &self.threads[thread].at else { return None };
        let name = |t: &ThreadId| format!("`{}`", self.threads[*t].name);
        let object = |o: &usize| format!("`{}`", self.objects[*o].name);
        let who = name(&thread);
        let holders: Vec<String> = self.holders(thread).iter().map(name).collect();
        let holders = holders.join(", ");
        Some(match operation {
            Operation::Lock { object: o, .. } | Operation::Read { object: o } => {
                words::waits_for(who, object(o), holders)
            }
            Operation::Asleep { condvar, .. } => words::sleeps_on(who, object(condvar)),
            Operation::AtBarrier { barrier, .. } => {
                words::waits_at(who, object(barrier))
            }
            Operation::Join(_) => words::waits_for_end(who, holders),
            Operation::Touch { .. } | Operation::Yield => return None,
        })
    }
}
