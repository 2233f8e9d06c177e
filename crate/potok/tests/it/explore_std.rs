//! Code written against `std`'s paths is explored by one line, and is right without it.

use potok::explore::{Coverage, Report, explore};

/// The same source twice: as it stands, and with that line.
macro_rules! both_ways {
    ($($source:item)*) => {
        mod plain {
            $($source)*
        }

        mod explored {
            use potok::explore::std;
            $($source)*
        }
    };
}

both_ways! {
    use std::collections::VecDeque;
    use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::SeqCst};
    use std::sync::mpsc::{TryRecvError, TrySendError, channel, sync_channel};
    use std::sync::{Arc, Barrier, Condvar, Mutex, PoisonError, RwLock};
    use std::thread;

    pub(super) fn racy() -> u64 {
        let hits = Arc::new(AtomicU64::new(0));
        let hit = |hits: Arc<AtomicU64>| move || hits.store(hits.load(SeqCst) + 1, SeqCst);
        let threads: Vec<_> = (0..2).map(|_| thread::spawn(hit(Arc::clone(&hits)))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        hits.load(SeqCst)
    }

    pub(super) fn locked() -> u32 {
        let sum = RwLock::new(0);
        let queue = Mutex::new(VecDeque::from([1, 2]));
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    let item = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    *sum.write().unwrap() += item.unwrap_or(0);
                });
            }
        });
        sum.into_inner().unwrap()
    }

    pub(super) fn waits() -> u8 {
        let (ready, changed) = (Mutex::new(false), Condvar::new());
        let seen = AtomicU8::new(0);
        let barrier = Barrier::new(2);
        thread::scope(|s| {
            s.spawn(|| {
                let guard = ready.lock().unwrap();
                drop(changed.wait_while(guard, |ready| !*ready).unwrap());
                seen.fetch_add(1, SeqCst);
                barrier.wait();
            });
            *ready.lock().unwrap() = true;
            changed.notify_one();
            barrier.wait();
        });
        seen.into_inner()
    }

    pub(super) fn channels() -> Vec<u32> {
        let (sender, receiver) = channel();
        let (other, kept) = (sender.clone(), thread::current().id());
        thread::scope(|s| {
            s.spawn(move || sender.send(1).unwrap());
            s.spawn(move || other.send(2).unwrap());
        });
        let _ = kept;
        let mut all: Vec<u32> = receiver.into_iter().collect();
        all.sort_unstable();
        all
    }

    pub(super) fn bounded(bound: usize) -> Vec<u32> {
        let (sender, receiver) = sync_channel(bound);
        thread::scope(|s| {
            s.spawn(move || (1..=3).for_each(|n| sender.send(n).unwrap()));
            receiver.iter().collect()
        })
    }

    pub(super) fn without_waiting() -> (bool, bool, bool, Vec<u32>, bool) {
        let (sender, receiver) = sync_channel(1);
        let empty = receiver.try_recv() == Err(TryRecvError::Empty);
        sender.try_send(1).unwrap();
        let full = sender.try_send(2) == Err(TrySendError::Full(2));
        let all = receiver.try_iter().collect();
        drop(receiver);
        let gone = sender.send(3).is_err();
        let (nobody, there) = sync_channel::<u32>(0);
        let rendezvous = nobody.try_send(1) == Err(TrySendError::Full(1));
        drop(nobody);
        (empty, full, gone && there.recv().is_err(), all, rendezvous)
    }

    pub(super) fn forgotten_sender() -> u32 {
        let (sender, receiver) = channel();
        let kept = sender.clone();
        thread::scope(|s| {
            s.spawn(move || sender.send(1).unwrap());
            let sum = receiver.iter().sum();
            drop(kept);
            sum
        })
    }
}

/// All schedules of a program, which has to give one value under each of them.
fn one_value<T: std::fmt::Debug>(value: T, program: impl Fn() -> T + Send + 'static) {
    let report = explore(program).expect([value]);
    assert!(report.passed(), "{:?}", report.worst().map(|o| &o.ending));
    assert_eq!(report.coverage, Coverage::All);
    assert!(report.schedules > 1);
}

fn worst(report: &Report) -> String {
    report.worst().unwrap().ending.to_string()
}

#[test]
fn what_is_right_is_right_under_every_order_and_without_exploring() {
    one_value(3, explored::locked);
    one_value(1, explored::waits);
    one_value(vec![1, 2], explored::channels);
    one_value(vec![1, 2, 3], || explored::bounded(0));
    one_value(vec![1, 2, 3], || explored::bounded(2));
    for (locked, waits, channels, bounded) in [
        (plain::locked(), plain::waits(), plain::channels(), plain::bounded(1)),
        // Outside of an exploration these are ordinary threads and locks.
        (
            explored::locked(),
            explored::waits(),
            explored::channels(),
            explored::bounded(0),
        ),
    ] {
        assert_eq!((locked, waits), (3, 1));
        assert_eq!((channels, bounded), (vec![1, 2], vec![1, 2, 3]));
    }
    let right = (true, true, true, vec![1], true);
    assert_eq!(plain::without_waiting(), right);
    assert_eq!(explored::without_waiting(), right);
    assert!((1..=2).contains(&plain::racy()));
}

#[test]
fn what_goes_wrong_is_found() {
    assert_eq!(worst(&explore(explored::racy).expect([2])), "1");
    let forgotten = worst(&explore(explored::forgotten_sender));
    assert!(forgotten.starts_with("deadlock"), "{forgotten}");
    let _ = plain::forgotten_sender; // it would not end
}

#[test]
fn real_parts_are_not_seen() {
    assert!(explore(plain::racy).saw_no_step());
}
