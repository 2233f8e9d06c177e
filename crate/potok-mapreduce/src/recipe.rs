//! How a job's functions are found again in another process: each by the address of a
//! function that makes it.
//!
//! *What to notice*: a closure that captures nothing has no bytes, so whoever knows its type
//! has it. The type is known where the job is put together; a function made there, for that
//! very type, remembers it.

use super::functions::{Combine, Key, Map, Partitioner, Reduce, Value, Values};
use super::sys;
use std::sync::Arc;

/// What makes a function anew. `None`: it captures something.
pub(super) type Maker<M> = Option<fn() -> M>;

/// What makes each function of a job anew.
pub(super) struct Recipe<T: ?Sized, Q: ?Sized, V, O> {
    pub(super) map: Maker<Map<T, Q, V>>,
    pub(super) reduce: Maker<Reduce<Q, V, O>>,
    /// The outer `None`: there is none.
    pub(super) combine: Option<Maker<Combine<V>>>,
    pub(super) partition: Option<Maker<Partitioner<Q>>>,
}

// Not derived: that would ask the same of the types.
impl<T: ?Sized, Q: ?Sized, V, O> Clone for Recipe<T, Q, V, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized, Q: ?Sized, V, O> Copy for Recipe<T, Q, V, O> {}

impl<T: ?Sized + 'static, Q: Key + ?Sized, V: Value, O: Value> Recipe<T, Q, V, O> {
    pub(super) fn new<M, R>(_map: &M, _reduce: &R) -> Self
    where
        M: Fn(&T, &mut dyn FnMut(&Q, V)) + Send + Sync + 'static,
        R: Fn(&Q, Values<'_, V>) -> O + Send + Sync + 'static,
    {
        let map: fn() -> _ = || Arc::new(sys::conjure::<M>()) as Map<T, Q, V>;
        let reduce: fn() -> _ = || Arc::new(sys::conjure::<R>()) as Reduce<Q, V, O>;
        Recipe {
            map: sys::is_nothing::<M>().then_some(map),
            reduce: sys::is_nothing::<R>().then_some(reduce),
            combine: None,
            partition: None,
        }
    }
}

pub(super) fn combiner<V, F>(_: &F) -> Maker<Combine<V>>
where
    F: Fn(&mut V, V) + Send + Sync + 'static,
{
    let make: fn() -> Combine<V> = || Arc::new(sys::conjure::<F>());
    sys::is_nothing::<F>().then_some(make)
}

pub(super) fn partitioner<Q, F>(_: &F) -> Maker<Partitioner<Q>>
where
    Q: ?Sized,
    F: Fn(&Q, usize) -> usize + Send + Sync + 'static,
{
    let make: fn() -> Partitioner<Q> = || Arc::new(sys::conjure::<F>());
    sys::is_nothing::<F>().then_some(make)
}
