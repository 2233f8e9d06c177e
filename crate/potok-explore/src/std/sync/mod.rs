//! [`std::sync`], explored; see [`super`] for what is missing.

pub mod mpsc;

pub use crate::sync::{
    Barrier, BarrierWaitResult, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard,
    RwLockWriteGuard, WaitTimeoutResult,
};
pub use ::std::sync::{
    Arc, LockResult, PoisonError, TryLockError, TryLockResult, Weak,
};

pub mod atomic {
    //! [`std::sync::atomic`], explored.

    pub use crate::sync::atomic::{
        AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8,
        AtomicU16, AtomicU32, AtomicU64, AtomicUsize,
    };
    // Every step is seen by all threads at once: a fence has nothing left to do.
    pub use ::std::sync::atomic::{Ordering, compiler_fence, fence};
}
