//! All runs of a program as one graph, so that a page can step through them by hand.
//!
//! *What to notice*: the search tries each order once and leaves no order out, so its runs
//! are all there is to step to. They are a tree of prefixes first. In it the same thing is
//! seen again and again: two states from which everything that follows is the same, word
//! for word, are one, which makes a graph of it that is small enough to be sent along.
//!
//! * `tree`: grows while the search runs. `merge`: the graph that it becomes.

mod merge;
mod tree;

pub(super) use tree::Tree;

use super::schedule::Ending;
use std::fmt;

/// The states of a program, each after the states that follow it; the last is the start.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Graph {
    pub(super) states: Vec<State>,
    /// All words, each once; the states have their indices.
    pub(super) texts: Vec<String>,
    /// The names of threads that take steps.
    pub(super) lanes: Vec<Text>,
    /// The names of shared objects.
    pub(super) columns: Vec<Text>,
    /// How runs end.
    pub(super) endings: Vec<Ending>,
}

/// An index into [`Graph::texts`].
pub(super) type Text = usize;

/// What is seen between two steps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// Indices into [`Graph::columns`], and the values there.
    pub(super) values: Vec<(usize, Text)>,
    /// What each thread would do next.
    pub(super) turns: Vec<Turn>,
    /// An index into [`Graph::endings`], if the run ends here.
    pub(super) ending: Option<usize>,
}

/// What a thread would do next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Turn {
    /// An index into [`Graph::lanes`].
    pub(super) lane: usize,
    /// The step, as the program writes it.
    pub(super) action: Text,
    /// What keeps it from being taken, where there is no way.
    pub(super) obstacle: Obstacle,
    /// Where it leads: to one state, unless the step wakes one of several threads.
    pub(super) ways: Vec<Way>,
}

/// Why a step cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Obstacle {
    /// The thread waits for others.
    Waits,
    /// It has yielded, and no other thread has taken a step since.
    Yielded,
    /// It could be taken, but this was beyond the bounds of the search.
    Untried,
}

/// A step that can be taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Way {
    /// Its part of the schedule's string: `1`, or `1>2`.
    pub(super) choices: Text,
    /// What happens: `counter.load → 0`.
    pub(super) action: Text,
    /// An index into [`Graph::states`].
    pub(super) to: usize,
}

/// A report is printed now and then; thousands of states are not meant to be.
impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Graph({} states)", self.states.len())
    }
}

#[cfg(test)]
mod tests;
