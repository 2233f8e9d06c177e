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
    play([0, 2, 4], [1, 3, 5])
}

/// Plays it with these turns for the three steps of each thread.
fn play(ann: [usize; 3], bob: [usize; 3]) -> LostReference {
    // `main` made the object and holds the first reference.
    let (object, turns) = (AtomicUsize::new(1), Turns::default());
    // How many really use the object: changed only by the thread whose turn it is.
    let in_use = AtomicUsize::new(1);
    let take_and_give_back = |thread: &'static str, order: [usize; 3]| {
        let mut seen = 0;
        turns.wait_for(order[0], || {
            seen = object.load(Relaxed);
            let step = Step { thread, action: format!("loads {seen}"), count: seen };
            (step, in_use.load(Relaxed))
        });
        turns.wait_for(order[1], || {
            object.store(seen + 1, Relaxed);
            let action = format!("stores {seen} + 1");
            let step = Step { thread, action, count: seen + 1 };
            (step, in_use.fetch_add(1, Relaxed) + 1)
        });
        turns.wait_for(order[2], || {
            let left = object.load(Relaxed) - 1;
            object.store(left, Relaxed);
            let freed = if left == 0 { ", frees the object" } else { "" };
            let step =
                Step { thread, action: format!("gives back{freed}"), count: left };
            (step, in_use.fetch_sub(1, Relaxed) - 1)
        });
    };
    std::thread::scope(|s| {
        s.spawn(|| take_and_give_back("ann", ann));
        s.spawn(|| take_and_give_back("bob", bob));
    });
    let steps = turns.steps.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Both take before either gives back, so the most in use is all that were taken.
    let most = steps.iter().max_by_key(|(_, in_use)| *in_use);
    let (counted, references) = most.map_or((1, 1), |(step, n)| (step.count, *n));
    let freed = steps.iter().find(|(step, _)| step.count == 0);
    let dangling = freed.map_or(0, |(_, in_use)| *in_use);
    let steps = steps.into_iter().map(|(step, _)| step).collect();
    LostReference { steps, references, counted, dangling }
}

/// Lets threads take their steps in a fixed order.
#[derive(Default)]
struct Turns {
    /// Each with how many used the object after it.
    steps: Mutex<Vec<(Step, usize)>>,
    next: Condvar,
}

impl Turns {
    fn wait_for(&self, turn: usize, step: impl FnOnce() -> (Step, usize)) {
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
        assert_eq!((first.references, first.counted, first.dangling), (3, 2, 1));
    }

    #[test]
    fn one_after_the_other_nothing_is_lost() {
        let story = play([0, 1, 4], [2, 3, 5]);
        let count: Vec<usize> = story.steps.iter().map(|step| step.count).collect();
        assert_eq!(count, [1, 2, 2, 3, 2, 1]);
        assert_eq!((story.references, story.counted, story.dangling), (3, 3, 0));
    }
}
