//! A key with the values that one map task emitted with it.

use super::runs::Runs;
use super::table_key::TableKey;
use std::ops::Range;

/// A key with its values, in the order in which they came.
#[derive(Debug)]
pub(super) struct Pairs<K, V> {
    pub(super) key: TableKey<K>,
    pub(super) values: ValueList<V>,
}

/// Pairs, each with the hash of its key.
pub(super) type Hashed<K, V> = Vec<(u64, Pairs<K, V>)>;

/// The pairs of a map task: those that were spilled to disk, then the rest.
#[derive(Debug)]
pub(super) struct Parts<K, V> {
    /// For each partition its runs.
    pub(super) runs: Vec<Runs>,
    /// The others, partition by partition, and where each partition begins.
    pub(super) pairs: Hashed<K, V>,
    pub(super) starts: Vec<usize>,
}

/// One partition of them.
#[derive(Debug)]
pub(super) struct Part<'a, K, V> {
    pub(super) runs: &'a [Range<u64>],
    pub(super) pairs: &'a [(u64, Pairs<K, V>)],
}

impl<K, V> Parts<K, V> {
    pub(super) fn part(&self, n: usize) -> Part<'_, K, V> {
        let start = self.starts.get(n).copied().unwrap_or_default();
        let end = self.starts.get(n + 1).copied().unwrap_or(self.pairs.len());
        Part { runs: &self.runs[n], pairs: &self.pairs[start..end] }
    }
}

/// Brings the pairs of each partition together; returns where each begins.
///
/// In place, without copies: an element in a wrong partition is swapped with the first
/// unsettled one of its own. After Peter McIlroy, Keith
/// Bostic and Douglas McIlroy, "Engineering radix sort" (1993).
pub(super) fn gather<P>(
    pairs: &mut [P],
    mut partitions: Vec<u32>,
    n: usize,
) -> Vec<usize> {
    let mut starts = vec![0; n];
    for &partition in &partitions {
        starts[partition as usize] += 1;
    }
    let mut before = 0;
    for start in &mut starts {
        before += std::mem::replace(start, before);
    }
    let mut heads = starts.clone();
    for own in 0..n {
        let end = starts.get(own + 1).copied().unwrap_or(pairs.len());
        while heads[own] < end {
            let here = heads[own];
            let partition = partitions[here] as usize;
            if partition != own {
                pairs.swap(here, heads[partition]);
                partitions.swap(here, heads[partition]);
            }
            heads[partition] += 1;
        }
    }
    starts
}

/// Values. A single one needs no allocation.
#[derive(Debug)]
pub(super) enum ValueList<V> {
    None,
    One(V),
    Many(Vec<V>),
}

impl<V> ValueList<V> {
    pub(super) fn push(&mut self, value: V) {
        match self {
            ValueList::None => *self = ValueList::One(value),
            ValueList::Many(values) => values.push(value),
            ValueList::One(_) => {
                let first =
                    std::mem::replace(self, ValueList::Many(Vec::with_capacity(4)));
                if let (ValueList::One(first), ValueList::Many(values)) = (first, self)
                {
                    values.extend([first, value]);
                }
            }
        }
    }

    pub(super) fn slice(&self) -> &[V] {
        match self {
            ValueList::None => &[],
            ValueList::One(value) => std::slice::from_ref(value),
            ValueList::Many(values) => values,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn gathering_puts_each_pair_into_its_partition(
            partitions in proptest::collection::vec(0_u32..5, 0..60),
        ) {
            let mut pairs: Vec<(u32, usize)> =
                partitions.iter().copied().zip(0..).collect();
            let all = pairs.clone();
            let starts = gather(&mut pairs, partitions, 5);
            assert!(pairs.is_sorted_by_key(|pair| pair.0));
            for (n, start) in starts.iter().enumerate() {
                let smaller = pairs.iter().filter(|pair| (pair.0 as usize) < n);
                assert_eq!(*start, smaller.count());
            }
            pairs.sort_unstable_by_key(|pair| pair.1);
            assert_eq!(pairs, all);
        }
    }
}
