//! What a run returns: its result, and the record of how it came about.

use super::coordinator::Attempt;
use super::flow::{Flow, Shuffled};
use crate::words;
use potok_base::trace::Trace;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};

/// The result of a job, by partition, and the record of its run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run<K, O> {
    /// For each partition its keys in their order, each with its result.
    pub partitions: Vec<Vec<(K, O)>>,
    /// The data flow.
    pub flow: Flow,
    /// Every attempt at a task, in the order in which they were assigned.
    pub tasks: Vec<Attempt>,
    /// The attempts as a timeline, one lane for each worker.
    pub trace: Trace,
}

impl<K: Ord + Clone, O: Clone> Run<K, O> {
    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.partitions.iter().map(Vec::len).sum()
    }

    /// Whether nothing was emitted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All keys with their results, partition by partition.
    pub fn iter(&self) -> impl Iterator<Item = &(K, O)> {
        self.partitions.iter().flatten()
    }

    /// The result for `key`.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&O>
    where
        K: Borrow<Q>,
    {
        self.partitions.iter().find_map(|partition| {
            let at = partition.binary_search_by(|(other, _)| other.borrow().cmp(key));
            at.ok().map(|at| &partition[at].1)
        })
    }

    /// All keys in their order, each with its result.
    pub fn sorted(&self) -> Vec<(K, O)> {
        let mut all: Vec<(K, O)> = self.iter().cloned().collect();
        all.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        all
    }

    /// The result as a map.
    ///
    /// # Examples
    /// ```
    /// let run = potok::map_reduce::word_count("to be or not to be", 1)?;
    /// assert_eq!(run.to_map()["be"], 2);
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn to_map(&self) -> BTreeMap<K, O> {
        self.iter().cloned().collect()
    }

    /// The `n` keys with the largest results, the largest first; of equals, the smaller
    /// key first.
    ///
    /// # Examples
    /// ```
    /// use potok::{chart, map_reduce::word_count};
    /// let run = word_count("to be or not to be", 1)?;
    /// assert_eq!(run.top(2), [("be".to_string(), 2), ("to".to_string(), 2)]);
    /// let picture = chart::bars("Words", "how often", run.top(4))?;
    /// assert!(picture.text.contains("not"));
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn top(&self, n: usize) -> Vec<(K, O)>
    where
        O: PartialOrd,
    {
        let larger = |a: &&(K, O), b: &&(K, O)| {
            b.1.partial_cmp(&a.1)
                .unwrap_or(std::cmp::Ordering::Equal)
                .then_with(|| a.0.cmp(&b.0))
        };
        let mut all: Vec<&(K, O)> = self.iter().collect();
        all.sort_by(larger);
        all.into_iter().take(n).cloned().collect()
    }

    /// How much went from map tasks to reduce tasks.
    pub fn shuffled(&self) -> Shuffled {
        self.flow.shuffled()
    }
}

/// As one line: how much was read, emitted, shuffled and found.
impl<K, O> Display for Run<K, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flow = &self.flow;
        let records: u64 = flow.maps.iter().map(|map| map.records).sum();
        let Shuffled { pairs, bytes } = flow.shuffled();
        let (splits, reducers) = (flow.maps.len(), flow.reduces.len());
        let (emitted, keys) = (flow.emitted(), flow.keys());
        f.write_str(&words::told(
            records, splits, emitted, pairs, bytes, reducers, keys,
        ))
    }
}
