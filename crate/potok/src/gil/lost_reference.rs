//! How a reference is lost: the one bad moment, played again on purpose.
//!
//! ```
//! use potok::prelude::*;
//!
//! let lost = gil::lost_reference();
//! assert_eq!((lost.references, lost.counted), (3, 2));
//! ```
//!
//! *What to notice*: both threads load the same count before either stores it. The object
//! is freed while somebody still uses it.

use potok_base::table;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, PoisonError};

/// One object, three references, a count of two: how it comes to that, step by step.
#[derive(Clone, PartialEq, Eq)]
pub struct LostReference {
    /// What each thread did, in the order in which it really happened.
    pub steps: Vec<Step>,
    /// References that exist before any is given back.
    pub references: usize,
    /// References that the object has counted at that moment.
    pub counted: usize,
    /// References that were still in use when the count reached zero.
    pub dangling: usize,
}

/// One step of one thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Who took it.
    pub thread: &'static str,
    /// What was done.
    pub action: String,
    /// The object's count after it.
    pub count: usize,
}

/// Two threads take a reference to the same object at the worst moment.
///
/// They are real threads that load and store for real; only their turns are fixed, so
/// that what happens once in a million times happens every time.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let story = gil::lost_reference();
/// assert_eq!(story.steps.last().unwrap().count, 0);   // freed …
/// assert_eq!(story.dangling, 1);                      // … while main still uses it
/// ```
pub fn lost_reference() -> LostReference {
    // `main` made the object and holds the first reference.
    let (object, turns) = (AtomicUsize::new(1), Turns::default());
    let take_and_give_back = |thread: &'static str, order: [usize; 3]| {
        let mut seen = 0;
        turns.wait_for(order[0], || {
            seen = object.load(Relaxed);
            Step { thread, action: format!("loads {seen}"), count: seen }
        });
        turns.wait_for(order[1], || {
            object.store(seen + 1, Relaxed);
            Step { thread, action: format!("stores {seen} + 1"), count: seen + 1 }
        });
        turns.wait_for(order[2], || {
            let left = object.load(Relaxed) - 1;
            object.store(left, Relaxed);
            let freed = if left == 0 { ", frees the object" } else { "" };
            Step { thread, action: format!("gives back{freed}"), count: left }
        });
    };
    std::thread::scope(|s| {
        s.spawn(|| take_and_give_back("ann", [0, 2, 4]));
        s.spawn(|| take_and_give_back("bob", [1, 3, 5]));
    });
    let steps = turns.steps.into_inner().unwrap_or_else(PoisonError::into_inner);
    LostReference { references: 3, counted: steps[3].count, dangling: 1, steps }
}

/// Lets threads take their steps in a fixed order.
#[derive(Default)]
struct Turns {
    steps: Mutex<Vec<Step>>,
    next: Condvar,
}

impl Turns {
    fn wait_for(&self, turn: usize, step: impl FnOnce() -> Step) {
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let mut steps = self
            .next
            .wait_while(steps, |steps| steps.len() < turn)
            .unwrap_or_else(PoisonError::into_inner);
        steps.push(step());
        self.next.notify_all();
    }
}

impl fmt::Display for LostReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row =
            |who: &str, did: &str, n: usize| [who.into(), did.into(), n.to_string()];
        let made = row("main", "makes the object", 1);
        let steps = self.steps.iter().map(|s| row(s.thread, &s.action, s.count));
        let rows: Vec<_> = [made].into_iter().chain(steps).collect();
        table::write(f, ["thread", "step", "count"], &rows)?;
        let Self { references, counted, dangling, .. } = self;
        write!(
            f,
            "\n{references} references, {counted} counted; freed with {dangling} in use"
        )
    }
}

/// A cell shows its last value by `{:?}`: let it be the table.
impl fmt::Debug for LostReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lost_reference_is_lost_every_time() {
        let first = lost_reference();
        assert_eq!(first, lost_reference());
        let count: Vec<usize> = first.steps.iter().map(|step| step.count).collect();
        assert_eq!(count, [1, 1, 2, 2, 1, 0]);
    }
}
