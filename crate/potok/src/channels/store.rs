//! The order in which values leave a queue: the only difference between the three queues.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Where a [`BlockingQueue`](super::BlockingQueue) keeps its values. It needs no lock of
/// its own.
pub trait Store<T> {
    /// Puts a value in.
    fn push(&mut self, value: T);
    /// Takes out the next value in its order.
    fn pop(&mut self) -> Option<T>;
    /// How many values are in it.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// First in, first out.
impl<T> Store<T> for VecDeque<T> {
    fn push(&mut self, value: T) {
        self.push_back(value);
    }
    fn pop(&mut self) -> Option<T> {
        self.pop_front()
    }
    fn len(&self) -> usize {
        self.len()
    }
}

/// Last in, first out: a stack.
impl<T> Store<T> for Vec<T> {
    fn push(&mut self, value: T) {
        self.push(value);
    }
    fn pop(&mut self) -> Option<T> {
        self.pop()
    }
    fn len(&self) -> usize {
        self.len()
    }
}

/// The smallest first, as in Python's `PriorityQueue`.
impl<T: Ord> Store<T> for BinaryHeap<Reverse<T>> {
    fn push(&mut self, value: T) {
        self.push(Reverse(value));
    }
    fn pop(&mut self) -> Option<T> {
        self.pop().map(|Reverse(value)| value)
    }
    fn len(&self) -> usize {
        self.len()
    }
}
