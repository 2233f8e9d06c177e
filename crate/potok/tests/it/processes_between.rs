//! Pipes, queues and shared memory: what goes between processes, and what if one is gone.

use super::sys::fork;
use potok::prelude::*;
use potok::processes::{Pool, Shared, SharedSlice, pipe, queue};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

fn kind<T>(result: potok::Result<T>) -> ErrorKind {
    result.map(drop).unwrap_err().kind()
}

#[test]
fn two_threads_at_one_end_get_a_message_each() {
    for _ in 0..20 {
        let start = std::time::Instant::now();
        let (ours, theirs) = pipe::<u32, u32>().unwrap();
        let mut got = std::thread::scope(|s| {
            let receive = || ours.recv_timeout(ms(20_000));
            let threads = [s.spawn(receive), s.spawn(receive)];
            // Both at once: one thread may take both out of the socket.
            theirs.send(&1).unwrap();
            theirs.send(&2).unwrap();
            threads.map(|thread| thread.join().unwrap().unwrap())
        });
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
        assert!(start.elapsed() < ms(10_000), "one of them slept to its limit");
    }
}

#[test]
fn both_ends_of_a_pipe_send_and_receive() {
    let (ours, theirs) = pipe::<u64, Vec<u64>>().unwrap();
    let child = fork(move || {
        let n = theirs.recv().unwrap();
        theirs.send(&(0..n).collect()).unwrap();
    });
    ours.send(&500_000).unwrap();
    assert_eq!(ours.recv().unwrap().len(), 500_000);
    child.unwrap().join().unwrap();
    assert_eq!(kind(ours.recv()), ErrorKind::Disconnected);
    assert_eq!(kind(ours.send(&1)), ErrorKind::Disconnected);
}

#[test]
fn an_end_that_a_child_only_borrows_sees_the_parent_go() {
    let (ours, theirs) = pipe::<u8, u8>().unwrap();
    let child = fork(|| kind(theirs.recv())).unwrap();
    drop(ours);
    assert_eq!(child.join().unwrap(), ErrorKind::Disconnected);
}

#[test]
fn a_pipe_waits_no_longer_than_it_was_told_to() {
    let (ours, _theirs) = pipe::<u8, u8>().unwrap();
    assert_eq!(kind(ours.recv_timeout(ms(10))), ErrorKind::TimedOut);
    assert_eq!(ours.try_recv().unwrap(), None);
}

#[test]
fn an_end_of_a_pipe_travels_to_a_spawned_process() {
    let (ours, theirs) = pipe::<String, usize>().unwrap();
    let work = |end: processes::End<usize, String>| {
        end.send(&end.recv().unwrap().len()).unwrap();
    };
    let child = processes::spawn(work, theirs).unwrap();
    ours.send(&"coffee".to_owned()).unwrap();
    assert_eq!(ours.recv().unwrap(), 6);
    child.join().unwrap();
    assert_eq!(kind(ours.recv()), ErrorKind::Disconnected);
}

#[test]
fn messages_are_recorded_from_sender_to_receiver() {
    let trace = record(|rec| {
        let (ours, theirs) = pipe::<u8, u8>().unwrap();
        let (ours, theirs) = (ours.record(rec), theirs.record(rec));
        let child = fork(|| theirs.send(&(theirs.recv().unwrap() + 1)).unwrap());
        ours.send(&1).unwrap();
        assert_eq!(ours.recv().unwrap(), 2);
        child.unwrap().join().unwrap();
    });
    let labels: Vec<_> = trace.messages.iter().map(|m| &*m.label).collect();
    assert_eq!(labels, ["1", "2"]);
    let [there, back] = &trace.messages[..] else { panic!("two messages") };
    assert_eq!((there.from, there.to), (back.to, back.from));
    assert_eq!(trace.lanes.len(), 2, "{:?}", trace.lanes);
    assert!(trace.messages.iter().all(|m| m.sent <= m.received));
}

#[test]
fn a_queue_gives_every_message_to_one_receiver() {
    let (work, done) = (queue::<u64>(4).unwrap(), queue::<u64>(4).unwrap());
    let workers: Vec<_> = (0..3)
        .map(|_| {
            fork(|| {
                while let Ok(n) = work.recv() {
                    done.send(&(n * 2)).unwrap();
                }
            })
            .unwrap()
        })
        .collect();
    let feeder = fork(|| {
        (0..1_000).for_each(|n| work.send(&n).unwrap());
        work.close();
    });
    let results: BTreeSet<u64> = (0..1_000).map(|_| done.recv().unwrap()).collect();
    assert_eq!(results, (0..1_000).map(|n| n * 2).collect());
    feeder.unwrap().join().unwrap();
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    assert_eq!(kind(work.recv()), ErrorKind::Disconnected);
}

#[test]
fn a_queue_is_bounded_and_takes_messages_of_any_size() {
    let queue = queue::<Vec<u32>>(2).unwrap();
    queue.send(&vec![1; 1 << 20]).unwrap();
    queue.send(&vec![2]).unwrap();
    assert_eq!(queue.len(), 2);
    assert_eq!(kind(queue.send_timeout(&vec![3], ms(30))), ErrorKind::TimedOut);
    assert_eq!(queue.recv().unwrap().len(), 1 << 20);
    queue.send(&vec![3]).unwrap();
    assert_eq!((queue.recv().unwrap(), queue.recv().unwrap()), (vec![2], vec![3]));
    assert!(queue.is_empty());
    assert_eq!(kind(processes::queue::<u8>(0)), ErrorKind::InvalidInput);
    for _ in 0..3 {
        let full = processes::queue::<u64>(256).unwrap();
        (0..256).for_each(|n| full.send_timeout(&n, ms(1_000)).unwrap());
        assert_eq!(kind(full.send_timeout(&0, ms(1))), ErrorKind::TimedOut);
    }
}

#[test]
fn a_queue_survives_senders_and_receivers_that_are_killed() {
    let queue = queue::<u64>(3).unwrap();
    for round in 0..40 {
        let sender =
            fork(|| (0..u64::MAX).for_each(|n| queue.send(&n).unwrap())).unwrap();
        let receive = || while queue.recv().is_ok() {};
        let receiver = fork(receive).unwrap();
        for _ in 0..round * 5 {
            let _ = queue.recv_timeout(ms(50));
        }
        sender.kill();
        receiver.kill();
        assert_eq!(kind(sender.join()), ErrorKind::Killed(9));
        assert_eq!(kind(receiver.join()), ErrorKind::Killed(9));
    }
    while queue.recv_timeout(ms(1)).is_ok() {}
    for n in 0..20 {
        queue.send_timeout(&n, ms(5_000)).unwrap();
        assert_eq!(queue.recv_timeout(ms(5_000)).unwrap(), n);
    }
}

#[test]
fn processes_see_the_same_memory() {
    let mut slice = SharedSlice::<f64>::new(1_000).unwrap();
    slice.write(&[0.5; 1_000]);
    fork(|| slice.set(7, 2.0)).unwrap().join().unwrap();
    assert_eq!(slice.get(7), 2.0);
    assert_eq!(slice.iter().sum::<f64>(), 501.5);
    assert_eq!(slice.len(), 1_000);

    let hits = Shared::<AtomicU64>::new().unwrap();
    let add = || {
        for _ in 0..10_000 {
            hits.fetch_add(1, Ordering::Relaxed);
        }
    };
    let children = [fork(add).unwrap(), fork(add).unwrap()];
    children.into_iter().for_each(|child| child.join().unwrap());
    assert_eq!(hits.load(Ordering::Relaxed), 20_000);
}

#[test]
fn shared_memory_and_queues_travel_to_workers() {
    let pool = Pool::start(2, processes::Start::Spawn).unwrap();
    let numbers = SharedSlice::<u64>::new(100).unwrap();
    (0..100).for_each(|n| numbers.set(n, n as u64));
    let sum = |numbers: SharedSlice<u64>| numbers.iter().sum::<u64>();
    assert_eq!(pool.submit(sum, numbers).unwrap().wait().unwrap(), 4_950);

    let line = queue::<u64>(10).unwrap();
    let send = |queue: processes::ProcessQueue<u64>| {
        (0..5).for_each(|n| queue.send(&n).unwrap());
    };
    let echo = |queue: processes::ProcessQueue<u64>| queue.recv().unwrap();
    let there = queue::<u64>(10).unwrap();
    there.send(&9).unwrap();
    assert_eq!(pool.submit(echo, there).unwrap().wait().unwrap(), 9);
    processes::spawn(send, line).unwrap().join().unwrap();
}

#[test]
fn the_end_of_a_pipe_cannot_be_a_result() {
    let (ours, _theirs) = pipe::<u8, u8>().unwrap();
    let returned = fork(move || ours).unwrap().join();
    assert_eq!(kind(returned), ErrorKind::Undecodable);
}
