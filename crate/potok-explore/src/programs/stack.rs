//! A stack without locks, of nodes in an array: `A` on top of `B`. Its top is an atomic.

use crate::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use crate::thread;

/// Node 0 is no node.
const A: usize = 1;
const B: usize = 2;

/// One thread pops. Another pops twice and pushes the first node back: the top is `A`
/// again, as if nothing had happened, and the first thread's `compare_exchange` succeeds,
/// with a next node that belongs to somebody. Panics then.
pub fn aba() -> &'static str {
    both(false)
}

/// The cure of [`aba`]: a number beside the top that every change increases.
pub fn version_beside_top() -> &'static str {
    both(true)
}

struct Stack {
    /// The version times ten and the node.
    top: AtomicUsize,
    next: [AtomicUsize; 3],
    versions: bool,
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
        let version = if self.versions { top / 10 + 1 } else { 0 };
        self.top.compare_exchange(top, version * 10 + node, SeqCst, SeqCst).is_ok()
    }
}

fn both(versions: bool) -> &'static str {
    let stack = Stack {
        top: AtomicUsize::new(A).named("top"),
        next: [
            AtomicUsize::new(0).named("no node"),
            AtomicUsize::new(B).named("A.next"),
            AtomicUsize::new(0).named("B.next"),
        ],
        versions,
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
    // Everything that can still be popped, by nobody but us.
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
