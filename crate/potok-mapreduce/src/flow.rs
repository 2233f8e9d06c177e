//! The data flow of a run: the slide's diagram as data.
//!
//! ```
//! use potok::map_reduce::{MapReduce, SLIDE};
//! let run = MapReduce::new(
//!     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
//!     |_word, counts| counts.sum::<u64>(),
//! )
//! .over(SLIDE)
//! .run()?;
//! assert_eq!(run.flow.maps[0].split.label, "Deer Bear River");
//! assert_eq!(run.flow.maps[0].pairs[1], ("Bear".into(), "1".into()));
//! let car = run.flow.reduces.iter().flat_map(|r| &r.groups).find(|g| g.key == "Car");
//! assert_eq!(car.unwrap().values, ["1", "1", "1"]);
//! assert!(run.flow.is_complete());
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the numbers are always complete. Keys and values are kept as text,
//! and only the first few of each task.

use super::input::Split;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// The slide's input: three lines, one split each.
pub const SLIDE: &str = "Deer Bear River\nCar Car River\nDeer Car Bear";

/// How many pairs and groups of a task are kept, and how many values of a group.
pub(super) const KEPT: usize = 16;

/// The input and output of each task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// The map tasks, one for each split, in the order of the input.
    pub maps: Vec<MapTask>,
    /// The reduce tasks, one for each partition.
    pub reduces: Vec<ReduceTask>,
    /// Whether there was a combiner.
    pub combined: bool,
    /// How many bytes were spilled to disk between map and reduce.
    pub spilled: u64,
}

/// What one map task read and emitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapTask {
    /// What it read.
    pub split: Split,
    /// The number of the worker that ran it, from 1.
    pub worker: usize,
    /// How many records it read.
    pub records: u64,
    /// How many pairs it emitted.
    pub emitted: u64,
    /// The first pairs that it emitted, in their order.
    pub pairs: Vec<(String, String)>,
    /// What it emitted for each partition, after combining.
    pub shuffled: Vec<Shuffled>,
}

/// An amount of pairs in the shuffle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shuffled {
    /// How many pairs.
    pub pairs: u64,
    /// Their size in memory: the text of a key that is text, and each value.
    pub bytes: u64,
}

/// The input and output of one reduce task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReduceTask {
    /// The number of the worker that ran it, from 1.
    pub worker: usize,
    /// How many different keys its partition holds.
    pub keys: u64,
    /// The first keys in their order, with their values and results.
    pub groups: Vec<Group>,
}

/// One key with all of its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The key.
    pub key: String,
    /// The first of its values.
    pub values: Vec<String>,
    /// How many values there are.
    pub n_values: u64,
    /// What `reduce` returned.
    pub result: String,
}

impl Flow {
    /// What all map tasks emitted for this partition.
    pub(super) fn into(&self, partition: usize) -> Shuffled {
        self.maps.iter().filter_map(|map| map.shuffled.get(partition)).copied().sum()
    }

    /// What went through the shuffle in all.
    pub fn shuffled(&self) -> Shuffled {
        self.maps.iter().flat_map(|map| &map.shuffled).copied().sum()
    }

    /// How many pairs were emitted in all.
    pub fn emitted(&self) -> u64 {
        self.maps.iter().map(|map| map.emitted).sum()
    }

    /// How many keys there are.
    pub fn keys(&self) -> u64 {
        self.reduces.iter().map(|reduce| reduce.keys).sum()
    }

    /// The pairs of the largest partition, as a multiple of the mean.
    pub fn skew(&self) -> f64 {
        let pairs = (0..self.reduces.len()).map(|partition| self.into(partition).pairs);
        let most = pairs.max().unwrap_or(0) as f64;
        let mean = self.shuffled().pairs as f64 / self.reduces.len().max(1) as f64;
        if mean > 0.0 { most / mean } else { 1.0 }
    }

    /// Whether every pair and every group is kept, so that the whole run can be drawn.
    pub fn is_complete(&self) -> bool {
        let maps = |map: &MapTask| map.pairs.len() as u64 == map.emitted;
        let group = |group: &Group| group.values.len() as u64 == group.n_values;
        self.maps.iter().all(maps)
            && self.reduces.iter().all(|reduce| {
                reduce.groups.len() as u64 == reduce.keys
                    && reduce.groups.iter().all(group)
            })
    }
}

impl std::iter::Sum for Shuffled {
    fn sum<I: Iterator<Item = Shuffled>>(amounts: I) -> Self {
        amounts.fold(Shuffled::default(), |sum, more| Shuffled {
            pairs: sum.pairs + more.pairs,
            bytes: sum.bytes + more.bytes,
        })
    }
}

/// A key or a value as a person writes it: text without quotation marks.
pub(super) fn text(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) => inner.to_owned(),
        None => text,
    }
}
