//! What was needed for a while goes back to the system.
//!
//! *What to notice*: the allocator keeps what a thread has freed for that thread, and what
//! another thread frees for the one that asked for it; one that sleeps gives nothing back. So
//! a moment after there was something to do, each of the relay's threads is made to.
//!
//! How much may be needed at once is bounded where it is kept: what clients send in
//! [`quota`](super::front), what waits for them in [`outbox`](super::front), the cells that
//! were run in [`history`](super::history), and what evcxr made of them in
//! [`objects`](super::objects), the noise of a crash in [`cell`](super::cell).

use crate::sync::{lock, unpoisoned};
use crate::sys;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// The relay's threads, besides the one that it began on.
pub(super) const WORKERS: usize = 2;

/// How often to look whether there was something to do.
const LOOK: Duration = Duration::from_secs(1);

/// How long one thread waits for the others.
const PATIENCE: Duration = Duration::from_millis(50);

/// Whether memory was used since the last look.
static USED: AtomicBool = AtomicBool::new(false);

/// Notes that a client has come, said or was told something, or has left.
pub(super) fn used() {
    USED.store(true, Ordering::Relaxed);
}

/// Gives memory back, as long as the relay lives. To be awaited by the thread that is none
/// of its workers.
pub(super) async fn give_back() -> Infallible {
    loop {
        tokio::time::sleep(LOOK).await;
        if USED.swap(false, Ordering::Relaxed) {
            sys::give_memory_back();
            if !on_all_workers().await {
                used(); // Whoever was left out is asked again.
            }
        }
    }
}

/// Has each worker give back what it keeps. They meet: a task that waits for the other one
/// keeps its thread, so that the two are on two. Where one of them has more important things
/// to do, it is left out this time. Whether all were there.
async fn on_all_workers() -> bool {
    let meeting = Arc::new(Meeting::default());
    let asked = [(); WORKERS].map(|()| {
        let meeting = Arc::clone(&meeting);
        tokio::spawn(async move {
            let met = meeting.wait(PATIENCE);
            sys::give_memory_back();
            met
        })
    });
    let mut all = true;
    for worker in asked {
        all &= worker.await.unwrap_or(false);
    }
    all
}

#[derive(Debug, Default)]
struct Meeting {
    present: Mutex<usize>,
    complete: Condvar,
}

impl Meeting {
    /// Waits until all are there, at most for so long. Whether they are.
    fn wait(&self, patience: Duration) -> bool {
        let mut present = lock(&self.present);
        *present += 1;
        self.complete.notify_all();
        let missing = |present: &mut usize| *present < WORKERS;
        let waited = self.complete.wait_timeout_while(present, patience, missing);
        !unpoisoned(waited).1.timed_out()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_who_come_meet_and_nobody_waits_for_ever() {
        let meeting = Meeting::default();
        let patience = Duration::from_secs(20);
        let met = std::thread::scope(|s| {
            let here = [(); WORKERS].map(|()| s.spawn(|| meeting.wait(patience)));
            here.map(|thread| thread.join().unwrap())
        });
        assert_eq!(met, [true; WORKERS]);
        assert!(!Meeting::default().wait(Duration::ZERO), "alone");
    }

    #[test]
    fn a_worker_that_was_left_out_is_missed() {
        let mut workers = tokio::runtime::Builder::new_multi_thread();
        let runtime = workers.worker_threads(WORKERS).build().unwrap();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let (begun, begins) = std::sync::mpsc::channel();
        runtime.spawn(async move {
            begun.send(()).unwrap();
            ended.recv().ok();
        });
        begins.recv().unwrap();
        assert!(
            !runtime.block_on(on_all_workers()),
            "one of them has other things to do"
        );
        drop(end);
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        while !runtime.block_on(on_all_workers()) {
            assert!(std::time::Instant::now() < deadline, "both are free");
        }
    }
}
