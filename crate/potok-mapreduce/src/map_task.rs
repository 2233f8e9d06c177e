//! A map task, as any worker runs it: on a thread or in a process.

use super::compact::{Compact, Short};
use super::flow::{KEPT, MapTask, Shuffled, text};
use super::functions::{Combine, Key, Value};
use super::input::{Source, Split};
use super::job::MapReduce;
use super::pairs::{Hashed, Pairs, Parts, Vals, gather};
use super::spill::{Held, Spill};
use super::table::{Table, hash_of};
use super::task::Context;
use potok_base::error::Result;
use std::borrow::Borrow;
use std::ops::ControlFlow;

/// The result of a map task.
#[derive(Debug)]
pub(super) struct MapOutput<K, V> {
    pub(super) parts: Parts<K, V>,
    pub(super) flow: MapTask,
    /// Gives the memory of the parts back in the end.
    pub(super) _held: Option<Held>,
}

/// Reads a split, maps each record, combines what is emitted and parts it.
pub(super) fn map<T, Q, V, O>(
    job: &MapReduce<T, Q, V, O>,
    source: &dyn Source<T>,
    split: &Split,
    spill: Option<&Spill<Q, V>>,
    context: &Context<'_>,
) -> Result<MapOutput<Q::Owned, V>>
where
    T: ?Sized + 'static,
    Q: Key + ?Sized,
    V: Value,
    O: Value,
{
    let n = job.options.reducers;
    let mut parts = Parts { runs: vec![vec![]; n], pairs: vec![], starts: vec![] };
    let mut shuffled = vec![Shuffled::default(); n];
    let mut table: Collector<'_, Q, V> = Collector::new(job.functions.combine.as_ref());
    let (mut records, mut failed) = (0, None);
    source.read(split, &mut |record: &T| {
        if context.is_cancelled() {
            return ControlFlow::Break(());
        }
        (job.functions.map)(record, &mut |key, value| table.emit(key, value));
        records += 1;
        if let Some(spill) = spill
            && table.bytes(spill) > spill.most
        {
            let parted = part(job, table.take(), &mut parts, &mut shuffled);
            if let Err(error) = parted.and_then(|()| spill.write(&mut parts)) {
                failed = Some(error);
                return ControlFlow::Break(());
            }
        }
        context.fail_on_purpose()
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    context.go_on()?;

    let held = spill.map(|spill| spill.hold(table.bytes(spill)));
    part(job, table.take(), &mut parts, &mut shuffled)?;
    if let (Some(spill), Some(None)) = (spill, &held) {
        spill.write(&mut parts)?;
    }
    let flow = MapTask {
        split: split.clone(),
        worker: context.worker,
        records,
        emitted: table.emitted,
        pairs: table.first,
        shuffled,
    };
    Ok(MapOutput { parts, flow, _held: held.flatten() })
}

/// Groups what is emitted by key.
struct Collector<'a, Q: Key + ?Sized, V> {
    table: Table<Pairs<Q::Owned, V>>,
    combine: Option<&'a Combine<V>>,
    emitted: u64,
    /// The first pairs, as text.
    first: Vec<(String, String)>,
    /// Bytes of keys that are kept outside of the table, and values in the table.
    outside: usize,
    values: usize,
    /// About how many bytes a value has outside of itself, from a few of them.
    weight: usize,
    weighed: Option<V>,
}

impl<'a, Q: Key + ?Sized, V: Value> Collector<'a, Q, V> {
    fn new(combine: Option<&'a Combine<V>>) -> Self {
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

    #[inline]
    fn emit(&mut self, key: &Q, value: V) {
        self.emitted += 1;
        if self.first.len() < KEPT {
            self.first.push((text(&key), text(&value)));
        }
        // Values with memory of their own: every now and then one is weighed.
        if std::mem::needs_drop::<V>() && self.emitted % 64 == 1 {
            self.weighed = Some(value.clone());
        }
        let pairs = match Short::of(key) {
            Some(short) => self.table.entry(
                short.hash(),
                |pairs| matches!(pairs.key, Compact::Short(other) if other == short),
                || Pairs { key: Compact::Short(short), values: Vals::None },
            ),
            None => self.table.entry(
                hash_of(key),
                |pairs| matches!(&pairs.key, Compact::Long(other) if other.borrow() == key),
                || {
                    self.outside += size_of_val(key);
                    Pairs { key: Compact::Long(key.to_owned()), values: Vals::None }
                },
            ),
        };
        match (&mut pairs.values, self.combine) {
            (Vals::One(sum), Some(combine)) => combine(sum, value),
            (values, _) => {
                self.values += 1;
                values.push(value);
            }
        }
    }

    /// About how much memory it takes.
    fn bytes(&mut self, spill: &Spill<Q, V>) -> u64 {
        // A table doubles its room before it needs all of it, as vectors do.
        let entry = 2 * size_of::<(u64, Pairs<Q::Owned, V>)>() + 4 * size_of::<u64>();
        if let Some(value) = self.weighed.take() {
            self.weight = self.weight.max((spill.codec.weigh)(&value));
        }
        let entries = self.table.entries().len();
        let value = 2 * size_of::<V>() + self.weight;
        (entries * entry + self.outside + self.values * value) as u64
    }

    /// What it has, in the order in which keys came. Begins anew.
    fn take(&mut self) -> Hashed<Q::Owned, V> {
        (self.outside, self.values) = (0, 0);
        std::mem::replace(&mut self.table, Table::new()).into_entries()
    }
}

/// Sorts pairs by partition, and counts them.
fn part<T, Q, V, O>(
    job: &MapReduce<T, Q, V, O>,
    mut pairs: Hashed<Q::Owned, V>,
    parts: &mut Parts<Q::Owned, V>,
    shuffled: &mut [Shuffled],
) -> Result<()>
where
    T: ?Sized,
    Q: Key + ?Sized,
{
    let n = shuffled.len();
    let mut partitions = Vec::with_capacity(pairs.len());
    for (hash, pairs) in &pairs {
        let partition = job.functions.partition_of(pairs.key.as_ref(), *hash, n)?;
        let bytes = match &pairs.key {
            Compact::Short(key) => key.len(),
            Compact::Long(key) => size_of_val::<Q>(key.borrow()),
        };
        let values = pairs.values.slice().len();
        shuffled[partition].pairs += values as u64;
        shuffled[partition].bytes += (values * (bytes + size_of::<V>())) as u64;
        partitions.push(partition as u32);
    }
    parts.starts = gather(&mut pairs, partitions, n);
    parts.pairs = pairs;
    Ok(())
}
