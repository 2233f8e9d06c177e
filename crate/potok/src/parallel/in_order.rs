//! Results put in the order of their items while the loop runs.
//!
//! *What to notice*: a batch is appended as soon as all before it are there, while it is
//! still in the processor's cache, and its memory is reused for the next one. Collected
//! only at the end, all results would be in memory twice, and one thread would copy them
//! while the others idle.

use potok_base::sync::{lock, unpoisoned};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The results of the first items, and batches that came early.
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

    /// Adds the results of a batch that begins with item `first`.
    pub(super) fn put(&self, first: usize, mut batch: Vec<R>) {
        let mut state = lock(&self.0);
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

    /// All results up to the first one missing.
    pub(super) fn into_results(self) -> Vec<R> {
        unpoisoned(self.0.into_inner()).results
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
