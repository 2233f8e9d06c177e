//! Which thread waits for which. A cycle is a deadlock.
//!
//! ```
//! use potok::sharing::{Wait, find_cycle};
//!
//! let waits = [
//!     Wait::new("ann", "the mill", "bob"),
//!     Wait::new("bob", "the milk", "ann"),
//!     Wait::new("cid", "the milk", "ann"),
//! ];
//! let cycle = find_cycle(&waits).unwrap();
//! assert_eq!(cycle.waits.len(), 2);                 // cid waits for it, but is not in it
//! assert_eq!(
//!     cycle.to_string(),
//!     "ann waits for the mill, which bob holds → bob waits for the milk, which ann holds",
//! );
//! ```
//!
//! *What to notice*: every thread in the cycle waits for one that waits too. None of them
//! can be the first to continue. Source: Coffman, Elphick and Shoshani, "System
//! Deadlocks" (1971), whose fourth condition is the circular wait.

use crate::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A thread that waits for something that another thread holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wait {
    /// Who waits.
    pub who: String,
    /// What for: a lock, a fork, a permit.
    pub wants: String,
    /// Who holds it.
    pub held_by: String,
}

impl Wait {
    /// `who` waits for `wants`, which `held_by` holds.
    pub fn new(
        who: impl Into<String>,
        wants: impl Into<String>,
        held_by: impl Into<String>,
    ) -> Self {
        Wait { who: who.into(), wants: wants.into(), held_by: held_by.into() }
    }
}

/// A cycle of waits: each for the holder that waits next, the last for the first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cycle {
    /// The waits in the order of the cycle, starting from the smallest name.
    pub waits: Vec<Wait>,
}

/// The cycle among `waits`, if there is one; of several, the one with the smallest name.
///
/// A thread can wait for one thing at a time, so of two waits of the same thread only the
/// later one counts.
pub fn find_cycle(waits: &[Wait]) -> Option<Cycle> {
    let next: BTreeMap<&str, &Wait> = waits.iter().map(|w| (&*w.who, w)).collect();
    next.keys().find_map(|&first| {
        let mut cycle = vec![];
        let mut at = first;
        // Longer than the number of waits: it ended in a cycle without the start.
        while cycle.len() < next.len() {
            let wait = *next.get(at)?;
            cycle.push(wait.clone());
            at = &wait.held_by;
            if at == first {
                return Some(Cycle { waits: cycle });
            }
        }
        None
    })
}

/// As a sentence, starting from the smallest name.
impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Wait { who, wants, held_by }) in self.waits.iter().enumerate() {
            let arrow = if i == 0 { "" } else { " → " };
            write!(f, "{arrow}{}", words::waits_for(who, wants, held_by))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(edges: &[(u8, u8)]) -> Vec<Wait> {
        edges
            .iter()
            .map(|(a, b)| Wait::new(format!("t{a}"), "x", format!("t{b}")))
            .collect()
    }

    #[test]
    fn a_chain_is_no_cycle() {
        assert_eq!(find_cycle(&waits(&[(1, 2), (2, 3)])), None);
        assert_eq!(find_cycle(&[]), None);
    }

    #[test]
    fn a_thread_can_wait_for_itself() {
        assert_eq!(find_cycle(&waits(&[(1, 1)])).unwrap().waits.len(), 1);
    }

    proptest::proptest! {
        /// The oracle repeatedly removes threads that wait for a thread that does not wait.
        /// What cannot be removed contains a cycle.
        #[test]
        fn there_is_a_cycle_if_something_cannot_be_removed(
            held_by in proptest::collection::vec(proptest::option::of(0u8..7), 7)
        ) {
            let mut left: Vec<(u8, u8)> =
                (0..).zip(held_by).filter_map(|(a, b)| Some((a, b?))).collect();
            let cycle = find_cycle(&waits(&left));
            loop {
                let before = left.len();
                let waiting: Vec<u8> = left.iter().map(|&(a, _)| a).collect();
                left.retain(|(_, b)| waiting.contains(b));
                if left.len() == before {
                    break;
                }
            }
            assert_eq!(cycle.is_some(), !left.is_empty());
            if let Some(Cycle { waits }) = cycle {
                let next = waits.iter().cycle().skip(1);
                assert!(waits.iter().zip(next).all(|(a, b)| a.held_by == b.who));
            }
        }
    }
}
