//! How a job's functions are found again in another process: each by the place of what
//! makes it.
//!
//! *What to notice*: a closure that captures nothing has no bytes, so whoever knows its type
//! has it. The type is known where the job is put together; a maker that is recorded there,
//! for that very type, remembers it.

use super::functions::{Combine, Key, Map, Partitioner, Reduce, Value, Values};
use potok_process::{Maker, Place};
use std::sync::Arc;

/// Where the maker of a function is recorded. `None`: the function captures something.
pub(super) type Recorded = Option<Place>;

/// Where each function of a job is recorded.
#[derive(Clone, Copy)]
pub(super) struct Recipe {
    pub(super) map: Recorded,
    pub(super) reduce: Recorded,
    /// The outer `None`: there is none.
    pub(super) combine: Option<Recorded>,
    pub(super) partition: Option<Recorded>,
}

/// A map function, and where it is recorded.
pub(super) fn map<T, Q, V, F>(f: F) -> (Map<T, Q, V>, Recorded)
where
    T: ?Sized + 'static,
    Q: Key + ?Sized,
    V: Value,
    F: Fn(&T, &mut dyn FnMut(&Q, V)) + Send + Sync + 'static,
{
    match Maker::<Map<T, Q, V>>::of(f, |f| Arc::new(f)) {
        Ok(maker) => (maker.code().make(), Some(maker.place())),
        Err(f) => (Arc::new(f), None),
    }
}

/// The same for a reduce function.
pub(super) fn reduce<Q, V, O, F>(f: F) -> (Reduce<Q, V, O>, Recorded)
where
    Q: Key + ?Sized,
    V: Value,
    O: Value,
    F: Fn(&Q, Values<'_, V>) -> O + Send + Sync + 'static,
{
    match Maker::<Reduce<Q, V, O>>::of(f, |f| Arc::new(f)) {
        Ok(maker) => (maker.code().make(), Some(maker.place())),
        Err(f) => (Arc::new(f), None),
    }
}

/// The same for a combiner.
pub(super) fn combiner<V, F>(f: F) -> (Combine<V>, Recorded)
where
    V: Value,
    F: Fn(&mut V, V) + Send + Sync + 'static,
{
    match Maker::<Combine<V>>::of(f, |f| Arc::new(f)) {
        Ok(maker) => (maker.code().make(), Some(maker.place())),
        Err(f) => (Arc::new(f), None),
    }
}

/// The same for what finds a key's partition.
pub(super) fn partitioner<Q, F>(f: F) -> (Partitioner<Q>, Recorded)
where
    Q: Key + ?Sized,
    F: Fn(&Q, usize) -> usize + Send + Sync + 'static,
{
    match Maker::<Partitioner<Q>>::of(f, |f| Arc::new(f)) {
        Ok(maker) => (maker.code().make(), Some(maker.place())),
        Err(f) => (Arc::new(f), None),
    }
}
