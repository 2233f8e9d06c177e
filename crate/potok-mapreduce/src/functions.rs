//! The functions that a job's author writes, and what their keys and values must be.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

/// What a key must be able to do, in its borrowed form: a `str`, a number, a tuple.
///
/// Everything that can be hashed, ordered, shown and made an owned value is a key.
pub trait Key: Hash + Ord + Debug + ToOwned<Owned: OwnedKey> + 'static {}
impl<Q: Hash + Ord + Debug + ToOwned<Owned: OwnedKey> + ?Sized + 'static> Key for Q {}

/// What a key must be able to do in its owned form: a `String` for a `str`.
pub trait OwnedKey: Ord + Clone + Debug + Send + Sync + 'static {}
impl<K: Ord + Clone + Debug + Send + Sync + 'static> OwnedKey for K {}

/// What a value or a result must be able to do: be copied, be shown, go to another thread.
pub trait Value: Clone + Debug + Send + Sync + 'static {}
impl<V: Clone + Debug + Send + Sync + 'static> Value for V {}

pub(super) type Map<T, Q, V> = Arc<dyn Fn(&T, &mut dyn FnMut(&Q, V)) + Send + Sync>;
pub(super) type Reduce<Q, V, O> = Arc<dyn Fn(&Q, Values<'_, V>) -> O + Send + Sync>;
pub(super) type Combine<V> = Arc<dyn Fn(&mut V, V) + Send + Sync>;
pub(super) type Partitioner<Q> = Arc<dyn Fn(&Q, usize) -> usize + Send + Sync>;

/// The functions of a job's author.
pub(super) struct Functions<T: ?Sized, Q: ?Sized, V, O> {
    pub(super) map: Map<T, Q, V>,
    pub(super) reduce: Reduce<Q, V, O>,
    pub(super) combine: Option<Combine<V>>,
    pub(super) partition: Option<Partitioner<Q>>,
}

// Not derived: that would ask the same of the types.
impl<T: ?Sized, Q: ?Sized, V, O> Clone for Functions<T, Q, V, O> {
    fn clone(&self) -> Self {
        Functions {
            map: Arc::clone(&self.map),
            reduce: Arc::clone(&self.reduce),
            combine: self.combine.clone(),
            partition: self.partition.clone(),
        }
    }
}

/// All values of one key, in the order of the map tasks. An iterator.
#[derive(Clone, Debug)]
pub struct Values<'a, V> {
    groups: std::slice::Iter<'a, &'a [V]>,
    group: std::slice::Iter<'a, V>,
}

impl<'a, V> Values<'a, V> {
    pub(super) fn of(groups: &'a [&'a [V]]) -> Self {
        Values { groups: groups.iter(), group: [].iter() }
    }
}

impl<V: Clone> Iterator for Values<'_, V> {
    type Item = V;

    fn next(&mut self) -> Option<V> {
        loop {
            if let Some(value) = self.group.next() {
                return Some(value.clone());
            }
            self.group = self.groups.next()?.iter();
        }
    }
}
