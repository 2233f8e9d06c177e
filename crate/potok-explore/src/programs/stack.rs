//! A lock-free stack of nodes in an array, `A` on top of `B`. Its top is an atomic.

use crate::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use crate::thread;

/// Nodes are numbered from 1; 0 stands for the end of the stack.
const A: usize = 1;
const B: usize = 2;

/// One thread pops. Another pops twice and pushes the first node back: the top is `A`
/// again, as if nothing had happened, so the first thread's `compare_exchange` succeeds
/// and makes `B` the top, which the other thread owns by now. Panics then.
pub fn aba() -> &'static str {
    one_pops_another_pushes_back(|_old_top, node| node)
}

/// The cure of [`aba`]: a version beside the node, which every change increases.
pub fn version_beside_top() -> &'static str {
    one_pops_another_pushes_back(|old_top, node| {
        let version = old_top / 10 + 1;
        version * 10 + node
    })
}

struct Stack {
    /// The node in the last decimal digit; the digits before it are the version, if any.
    top: AtomicUsize,
    next: [AtomicUsize; 3],
    /// What replaces a top by a node.
    new_top: fn(usize, usize) -> usize,
}

impl Stack {
    fn pop(&self) -> usize {
        loop {
            let top = self.top.load(SeqCst);
            let node = top % 10;
            if node == 0 {
                return 0;
            }
            let next = self.next[node].load(SeqCst);
            if self.replace(top, next) {
                return node;
            }
        }
    }

    fn push(&self, node: usize) {
        loop {
            let top = self.top.load(SeqCst);
            self.next[node].store(top % 10, SeqCst);
            if self.replace(top, node) {
                return;
            }
        }
    }

    fn replace(&self, top: usize, node: usize) -> bool {
        let new = (self.new_top)(top, node);
        self.top.compare_exchange(top, new, SeqCst, SeqCst).is_ok()
    }
}

fn one_pops_another_pushes_back(new_top: fn(usize, usize) -> usize) -> &'static str {
    let stack = Stack {
        top: AtomicUsize::new(A).named("top"),
        next: [
            AtomicUsize::new(0).named("end"),
            AtomicUsize::new(B).named("A.next"),
            AtomicUsize::new(0).named("B.next"),
        ],
        new_top,
    };
    let (mine, yours) = thread::scope(|s| {
        let mine = s.spawn(|| stack.pop());
        let yours = s.spawn(|| {
            let first = stack.pop();
            let second = stack.pop();
            if first != 0 {
                stack.push(first);
            }
            second
        });
        (mine.join().unwrap(), yours.join().unwrap())
    });
    // The other threads are gone: what can still be popped is ours.
    let mut owned = vec![mine, yours];
    let mut node = stack.top.into_inner() % 10;
    let mut next = stack.next.map(AtomicUsize::into_inner);
    while node != 0 {
        owned.push(node);
        node = std::mem::take(&mut next[node]);
    }
    for node in [A, B] {
        let owners = owned.iter().filter(|&&other| other == node).count();
        assert!(owners == 1, "node {node} has {owners} owners");
    }
    "every node has one owner"
}
