//! rayon in a child that has none of its threads.
//!
//! *What to notice*: rayon hands work to threads that it starts once and for all. A forked
//! child believes that they run, and would wait for them until its limit of time. A thread
//! that belongs to a pool of its own asks that one instead; so the child's thread becomes
//! a pool of one. That is right for a worker anyway: the cores are shared out already.

use rayon_core::ThreadPoolBuilder;

/// From now on, this thread itself runs what it gives to rayon.
pub(super) fn here() {
    let alone = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    // A thread that was one of rayon's stays one: what it cannot share, it does itself.
    if let Ok(alone) = alone {
        // It lasts as long as the child does.
        std::mem::forget(alone);
    }
}
