//! The generic code of a job, compiled once: where the job is defined. The code for spilling
//! only where the job may spill.
//!
//! *What to notice*: a generic function is compiled in the crate that calls it; called
//! through a pointer, in the crate that makes the pointer. So the cell with the two functions
//! takes some seconds to compile, and the cells that run the job do not.

use super::engine::run_on;
use super::functions::{Key, Value};
use super::input::{Source, Split};
use super::job::MapReduce;
use super::map_task::{MapOutput, map};
use super::merge::{Take, merge_runs};
use super::pairs::{Part, Parts};
use super::reduce_task::{ReduceOutput, reduce};
use super::run::Run;
use super::spill::Spill;
use super::task::Context;
use super::threads::ThreadWorkers;
use potok_base::error::Result;
use potok_process::frame;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

type Owned<Q> = <Q as ToOwned>::Owned;

type RunOn<T, Q, V, O> = fn(
    ThreadWorkers,
    &MapReduce<T, Q, V, O>,
    &Arc<dyn Source<T>>,
) -> Result<Run<Owned<Q>, O>>;

type MapTask<T, Q, V, O> = fn(
    &MapReduce<T, Q, V, O>,
    &dyn Source<T>,
    &Split,
    Option<&Spill<Q, V>>,
    &Context<'_>,
) -> Result<MapOutput<Owned<Q>, V>>;

type ReduceTask<T, Q, V, O> = fn(
    &MapReduce<T, Q, V, O>,
    &[Part<'_, Owned<Q>, V>],
    Option<&Spill<Q, V>>,
    &Context<'_>,
) -> Result<ReduceOutput<Owned<Q>, O>>;

/// The generic functions that run a job of these types.
pub(super) struct Compiled<T: ?Sized, Q: ToOwned + ?Sized, V, O> {
    /// All tasks, on threads.
    pub(super) run_on: RunOn<T, Q, V, O>,
    /// One map task.
    pub(super) map: MapTask<T, Q, V, O>,
    /// One reduce task.
    pub(super) reduce: ReduceTask<T, Q, V, O>,
}

// Not derived: that would ask the same of the types.
impl<T: ?Sized, Q: ToOwned + ?Sized, V, O> Clone for Compiled<T, Q, V, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized, Q: ToOwned + ?Sized, V, O> Copy for Compiled<T, Q, V, O> {}

impl<T: ?Sized + 'static, Q: Key + ?Sized, V: Value, O: Value> Compiled<T, Q, V, O> {
    pub(super) fn here() -> Self {
        Compiled { run_on, map, reduce }
    }
}

/// Reads a key with its values.
type Read<K, V> = fn(&[u8]) -> Result<(K, Vec<V>)>;

type SpillAll<Q, V> = fn(&Spill<Q, V>, &mut Parts<Owned<Q>, V>) -> Result<()>;

type MergeRuns<Q, V> = fn(
    &[Part<'_, Owned<Q>, V>],
    &Spill<Q, V>,
    &mut Take<'_, Owned<Q>, V>,
) -> Result<()>;

/// The generic functions for spilling. Made where the types are known to allow it; a job
/// that stays in memory has none of them compiled.
pub(super) struct Codec<Q: ToOwned + ?Sized, V> {
    /// A key with its values as bytes, and back.
    pub(super) write: fn(&mut Vec<u8>, &Q, &[V]) -> Result<()>,
    pub(super) read: Read<Q::Owned, V>,
    /// About how many bytes a value has on the heap.
    pub(super) weigh: fn(&V) -> usize,
    /// Spills all pairs of a map task.
    pub(super) spill: SpillAll<Q, V>,
    /// Merges what was spilled.
    pub(super) merge: MergeRuns<Q, V>,
}

// Not derived: that would ask the same of `Q` and `V`.
impl<Q: ToOwned + ?Sized, V> Clone for Codec<Q, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q: ToOwned + ?Sized, V> Copy for Codec<Q, V> {}

impl<Q, V> Codec<Q, V>
where
    Q: Key + Serialize + ?Sized,
    Q::Owned: DeserializeOwned,
    V: Value + Serialize + DeserializeOwned,
{
    pub(super) fn new() -> Self {
        Codec {
            write: |bytes, key, values| frame::append(bytes, &(key, values)),
            read: frame::value,
            weigh: |value| postcard::to_stdvec(value).map_or(0, |bytes| bytes.len()),
            spill: Spill::write_now,
            merge: merge_runs,
        }
    }
}
