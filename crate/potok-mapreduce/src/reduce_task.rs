//! A reduce task: on a thread, in a process, and key by key in a program on a cluster.

use super::flow::{Group, KEPT, ReduceTask, text};
use super::functions::{Key, Reduce, Value, Values};
use super::job::MapReduce;
use super::merge::merge;
use super::pairs::Part;
use super::spill::Spill;
use super::task::Context;
use potok_base::error::Result;

/// The result of a reduce task: keys in their order, each with its result.
#[derive(Debug)]
pub(super) struct ReduceOutput<K, O> {
    pub(super) results: Vec<(K, O)>,
    pub(super) flow: ReduceTask,
}

/// Gathers one partition of all map outputs by key, and reduces each key in its order.
pub(super) fn reduce<T, Q, V, O>(
    job: &MapReduce<T, Q, V, O>,
    parts: &[Part<'_, Q::Owned, V>],
    spill: Option<&Spill<Q, V>>,
    context: &Context<'_>,
) -> Result<ReduceOutput<Q::Owned, O>>
where
    T: ?Sized + 'static,
    Q: Key + ?Sized,
    V: Value,
    O: Value,
{
    let mut results = vec![];
    let mut groups = vec![];
    merge(parts, spill, &mut |key, values| {
        if context.stall().is_break() || context.is_cancelled() {
            return context.check_wanted();
        }
        key.with(|key: &Q| {
            let result = reduce_key(&job.functions.reduce, key, values, &mut groups);
            results.push((key.to_owned(), result));
        });
        Ok(())
    })?;
    context.crash_before_the_end();
    context.check_wanted()?;
    let keys = results.len() as u64;
    let flow = ReduceTask { worker: context.worker, keys, groups };
    Ok(ReduceOutput { results, flow })
}

/// Reduces one key. The first keys of a task are kept for its picture.
pub(super) fn reduce_key<Q: Key + ?Sized, V: Value, O: Value>(
    reduce: &Reduce<Q, V, O>,
    key: &Q,
    values: &[&[V]],
    groups: &mut Vec<Group>,
) -> O {
    let result = reduce(key, Values::of(values));
    if groups.len() < KEPT {
        groups.push(Group {
            key: text(&key),
            values: Values::of(values).take(KEPT).map(|value| text(&value)).collect(),
            n_values: values.iter().map(|group| group.len() as u64).sum(),
            result: text(&result),
        });
    }
    result
}
