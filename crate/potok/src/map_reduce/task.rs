//! The two kinds of task, as any worker runs them: on a thread or in a process.

use super::faults::Fault;
use super::flow::{Group, KEPT, MapTask, ReduceTask, Shuffled, text};
use super::input::{Source, Split};
use super::job::{Key, MapReduce, Value, Values};
use super::table::{Table, hash_of};
use crate::error::{Error, ErrorKind, Result};
use std::borrow::Borrow;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What an attempt has to know beside its task.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) worker: usize,
    pub(super) fault: Option<Fault>,
    /// Set when nobody wants the result any more.
    pub(super) cancelled: &'a AtomicBool,
    /// How long a stalled attempt stays away at most.
    pub(super) task_deadline: Duration,
}

/// The result of a map task: pairs by partition, in the order in which keys came.
#[derive(Debug)]
pub(super) struct MapOutput<K, V> {
    pub(super) partitions: Vec<Vec<(u64, Pairs<K, V>)>>,
    pub(super) flow: MapTask,
}

/// A key with the values that one map task emitted with it.
#[derive(Debug)]
pub(super) struct Pairs<K, V> {
    key: K,
    values: Vals<V>,
}

/// One value needs no memory of its own.
#[derive(Debug)]
enum Vals<V> {
    None,
    One(V),
    Many(Vec<V>),
}

impl<V> Vals<V> {
    fn push(&mut self, value: V) {
        match self {
            Vals::None => *self = Vals::One(value),
            Vals::Many(values) => values.push(value),
            Vals::One(_) => {
                let first = std::mem::replace(self, Vals::Many(Vec::with_capacity(4)));
                if let (Vals::One(first), Vals::Many(values)) = (first, self) {
                    values.extend([first, value]);
                }
            }
        }
    }

    fn slice(&self) -> &[V] {
        match self {
            Vals::None => &[],
            Vals::One(value) => std::slice::from_ref(value),
            Vals::Many(values) => values,
        }
    }
}

/// The result of a reduce task: keys in their order, each with its result.
#[derive(Debug)]
pub(super) struct ReduceOutput<K, O> {
    pub(super) results: Vec<(K, O)>,
    pub(super) flow: ReduceTask,
}

/// Reads a split, maps each record, combines what is emitted and parts it.
pub(super) fn map<T, Q, V, O>(
    job: &MapReduce<T, Q, V, O>,
    source: &dyn Source<T>,
    split: &Split,
    context: &Context<'_>,
) -> Result<MapOutput<Q::Owned, V>>
where
    T: ?Sized + 'static,
    Q: Key + ?Sized,
    V: Value,
    O: Value,
{
    let mut table: Table<Pairs<Q::Owned, V>> = Table::new();
    let (mut records, mut emitted, mut first) = (0, 0, vec![]);
    let combine = job.combine.as_deref();
    let mut emit = |key: &Q, value: V| {
        if first.len() < KEPT {
            first.push((text(&key), text(&value)));
        }
        emitted += 1;
        let pairs = table.entry(
            hash_of(key),
            |pairs| pairs.key.borrow() == key,
            || Pairs { key: key.to_owned(), values: Vals::None },
        );
        match (&mut pairs.values, combine) {
            (Vals::One(sum), Some(combine)) => combine(sum, value),
            (values, _) => values.push(value),
        }
    };
    source.read(split, &mut |record: &T| {
        if context.cancelled.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        (job.map)(record, &mut emit);
        records += 1;
        fail_on_purpose(context)
    })?;
    not_cancelled(context)?;

    let n = job.options.reducers;
    let mut partitions: Vec<Vec<_>> = (0..n).map(|_| vec![]).collect();
    let mut shuffled = vec![Shuffled::default(); n];
    for (hash, pairs) in table.into_entries() {
        let key: &Q = pairs.key.borrow();
        let partition = match &job.partition {
            None => hash as usize % n,
            Some(partition) => partition(key, n),
        };
        if partition >= n {
            return Err(Error::invalid(format!(
                "partition {partition} for key {key:?}, but there are {n} reducers, from 0"
            )));
        }
        let values = pairs.values.slice().len();
        shuffled[partition].pairs += values as u64;
        shuffled[partition].bytes +=
            (values * (size_of_val(key) + size_of::<V>())) as u64;
        partitions[partition].push((hash, pairs));
    }
    let flow = MapTask {
        split: split.clone(),
        worker: context.worker,
        records,
        emitted,
        pairs: first,
        shuffled,
    };
    Ok(MapOutput { partitions, flow })
}

/// Gathers one partition of all map outputs by key, and reduces each key in its order.
pub(super) fn reduce<T, Q, V, O>(
    job: &MapReduce<T, Q, V, O>,
    outputs: &[MapOutput<Q::Owned, V>],
    partition: usize,
    context: &Context<'_>,
) -> Result<ReduceOutput<Q::Owned, O>>
where
    T: ?Sized + 'static,
    Q: Key + ?Sized,
    V: Value,
    O: Value,
{
    let mut table: Table<(&Q::Owned, Vec<&[V]>)> = Table::new();
    for output in outputs {
        for (hash, pairs) in &output.partitions[partition] {
            let same = |entry: &(&Q::Owned, _)| *entry.0 == pairs.key;
            let entry = table.entry(*hash, same, || (&pairs.key, vec![]));
            entry.1.push(pairs.values.slice());
        }
    }
    let mut entries = table.into_entries();
    entries.sort_unstable_by(|(_, a), (_, b)| a.0.cmp(b.0));
    let mut results = Vec::with_capacity(entries.len());
    let mut groups = vec![];
    for (_, (key, values)) in &entries {
        not_cancelled(context)?;
        if fail_on_purpose(context).is_break() {
            break;
        }
        let all = Values { groups: values.iter(), group: [].iter() };
        let result = (job.reduce)((*key).borrow(), all.clone());
        if groups.len() < KEPT {
            groups.push(Group {
                key: text(key),
                values: all.take(KEPT).map(|value| text(&value)).collect(),
                n_values: values.iter().map(|group| group.len() as u64).sum(),
                result: text(&result),
            });
        }
        results.push(((*key).clone(), result));
    }
    not_cancelled(context)?;
    let keys = results.len() as u64;
    let flow = ReduceTask { worker: context.worker, keys, groups };
    Ok(ReduceOutput { results, flow })
}

/// Crashes, or stays away until nobody wants the result any more.
fn fail_on_purpose(context: &Context<'_>) -> ControlFlow<()> {
    match context.fault {
        None => ControlFlow::Continue(()),
        // Not `panic!`: that would write a message and a backtrace below the cell.
        Some(Fault::Crash) => std::panic::resume_unwind(Box::new("a crash on purpose")),
        Some(Fault::Stall) => {
            let nap = Duration::from_millis(1);
            let naps = 2 * context.task_deadline.as_millis();
            for _ in 0..naps {
                if context.cancelled.load(Ordering::Relaxed) {
                    break;
                }
                std::thread::sleep(nap);
            }
            ControlFlow::Break(())
        }
    }
}

fn not_cancelled(context: &Context<'_>) -> Result<()> {
    if context.cancelled.load(Ordering::Relaxed) || context.fault.is_some() {
        return Err(Error::new(ErrorKind::TimedOut, "nobody waits for it any more"));
    }
    Ok(())
}
