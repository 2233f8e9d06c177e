//! Results put in the order of their items while the loop runs.
//!
//! *What to notice*: a batch is added as soon as all before it are there, while it is
//! still in the processor's cache, and its memory serves the next one. Kept to the end,
//! all results would lie in memory twice, and one thread would move them while the others
//! have nothing left to do.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The results of the first items, and batches that came before their turn.
#[derive(Debug)]
pub(super) struct InOrder<R>(Mutex<State<R>>);

#[derive(Debug)]
struct State<R> {
    results: Vec<R>,
    early: BTreeMap<usize, Vec<R>>,
}

impl<R> InOrder<R> {
    pub(super) fn new() -> Self {
        InOrder(Mutex::new(State { results: vec![], early: BTreeMap::new() }))
    }

    /// Takes the results of a batch that begins with item `first`.
    pub(super) fn put(&self, first: usize, mut batch: Vec<R>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let State { results, early } = &mut *state;
        if first != results.len() {
            early.insert(first, batch);
            return;
        }
        results.append(&mut batch);
        while let Some(mut next) = early.remove(&results.len()) {
            results.append(&mut next);
        }
    }

    /// All results up to the first that is missing.
    pub(super) fn into_results(self) -> Vec<R> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).results
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_may_come_in_any_order() {
        let in_order = InOrder::new();
        for (first, batch) in
            [(3, vec![3]), (1, vec![1, 2]), (0, vec![0]), (5, vec![5])]
        {
            in_order.put(first, batch);
        }
        assert_eq!(in_order.into_results(), [0, 1, 2, 3]);
    }
}
