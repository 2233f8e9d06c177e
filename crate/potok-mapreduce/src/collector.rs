//! What a map function emits, grouped by key: combined, counted, and sent to partitions.
//! The same on a thread, in a process and in a program on a cluster.

use super::flow::{KEPT, Shuffled, text};
use super::functions::{Combine, Functions, Key, Value};
use super::pairs::{Hashed, Pairs, ValueList};
use super::spill::Spill;
use super::table::Table;
use super::table_key::{ShortText, TableKey, hash_of};
use crate::words;
use potok_base::error::{Error, Result};
use std::borrow::Borrow;

/// The table of a map task.
pub(super) struct Collector<'a, Q: Key + ?Sized, V> {
    table: Table<Pairs<Q::Owned, V>>,
    combine: Option<&'a Combine<V>>,
    pub(super) emitted: u64,
    /// The first pairs, as text.
    pub(super) first: Vec<(String, String)>,
    /// Bytes of keys that are kept outside of the table, and values in the table.
    outside: usize,
    values: usize,
    /// About how many bytes a value has outside of itself, from a few of them.
    weight: usize,
    weighed: Option<V>,
}

impl<'a, Q: Key + ?Sized, V: Value> Collector<'a, Q, V> {
    pub(super) fn new(combine: Option<&'a Combine<V>>) -> Self {
        Collector {
            table: Table::new(),
            combine,
            emitted: 0,
            first: vec![],
            outside: 0,
            values: 0,
            weight: 0,
            weighed: None,
        }
    }

    /// Counts a pair that is not kept here.
    #[inline]
    pub(super) fn note(&mut self, key: &Q, value: &V) {
        self.emitted += 1;
        if self.first.len() < KEPT {
            self.first.push((text(&key), text(value)));
        }
    }

    #[inline]
    pub(super) fn emit(&mut self, key: &Q, value: V) {
        self.note(key, &value);
        // Values with memory of their own: every now and then one is weighed.
        if std::mem::needs_drop::<V>() && self.emitted % 64 == 1 {
            self.weighed = Some(value.clone());
        }
        let pairs = match ShortText::of(key) {
            Some(short) => self.table.entry(
                short.hash(),
                |pairs| matches!(pairs.key, TableKey::Short(other) if other == short),
                || Pairs { key: TableKey::Short(short), values: ValueList::None },
            ),
            None => self.table.entry(
                hash_of(key),
                |pairs| matches!(&pairs.key, TableKey::Any(other) if other.borrow() == key),
                || {
                    self.outside += size_of_val(key);
                    Pairs { key: TableKey::Any(key.to_owned()), values: ValueList::None }
                },
            ),
        };
        match (&mut pairs.values, self.combine) {
            (ValueList::One(sum), Some(combine)) => combine(sum, value),
            (values, _) => {
                self.values += 1;
                values.push(value);
            }
        }
    }

    /// How many keys it has.
    pub(super) fn keys(&self) -> usize {
        self.table.entries().len()
    }

    /// About how much memory it takes.
    pub(super) fn bytes(&mut self, spill: &Spill<Q, V>) -> u64 {
        // A table doubles its room before it needs all of it, as vectors do.
        let entry = 2 * size_of::<(u64, Pairs<Q::Owned, V>)>() + 4 * size_of::<u64>();
        if let Some(value) = self.weighed.take() {
            self.weight = self.weight.max((spill.codec.weigh)(&value));
        }
        let value = 2 * size_of::<V>() + self.weight;
        (self.keys() * entry + self.outside + self.values * value) as u64
    }

    /// What it has, in the order in which keys came. It is empty then.
    pub(super) fn take(&mut self) -> Hashed<Q::Owned, V> {
        (self.outside, self.values) = (0, 0);
        std::mem::replace(&mut self.table, Table::new()).into_entries()
    }
}

impl<T: ?Sized, Q: Key + ?Sized, V, O> Functions<T, Q, V, O> {
    /// Which partition `values` values of a key with this hash belong to, on every engine.
    /// Counts them there.
    ///
    /// # Errors
    /// The author's function names a partition that is not there.
    pub(super) fn partition_of<K: Borrow<Q>>(
        &self,
        key: TableKey<&K>,
        hash: u64,
        values: usize,
        shuffled: &mut [Shuffled],
    ) -> Result<usize> {
        let n = shuffled.len();
        let partition = match &self.partition {
            None => (hash % n as u64) as usize,
            Some(partition) => key.with(|key: &Q| partition(key, n)),
        };
        let Some(there) = shuffled.get_mut(partition) else {
            let key = key.with(|key: &Q| text(&key));
            return Err(Error::invalid(words::bad_partition(partition, key, n)));
        };
        let bytes = match key {
            TableKey::Short(text) => text.len(),
            TableKey::Any(key) => size_of_val::<Q>(key.borrow()),
        };
        there.pairs += values as u64;
        there.bytes += (values * (bytes + size_of::<V>())) as u64;
        Ok(partition)
    }
}
