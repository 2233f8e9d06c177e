//! The laws of queues, checked on all three.

use super::*;
use crate::error::ErrorKind;
use crate::workload::ms;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(20);

fn in_order(queue: &BlockingQueue<u32, impl Store<u32>>, values: &[u32]) -> Vec<u32> {
    values.iter().try_for_each(|&n| queue.put(n)).unwrap();
    queue.drain()
}

proptest::proptest! {
    #[test]
    fn each_queue_has_its_order(values in proptest::collection::vec(0u32..50, 0..40)) {
        let mut sorted = values.clone();
        sorted.sort_unstable();
        assert_eq!(in_order(&Queue::new(), &values), values);
        assert_eq!(in_order(&PriorityQueue::new(), &values), sorted);
        let mut turned = values.clone();
        turned.reverse();
        assert_eq!(in_order(&LifoQueue::new(), &values), turned);
    }
}

/// Several producers, several consumers: everything arrives, once.
fn nothing_lost(queue: &BlockingQueue<u32, impl Store<u32> + Send>) {
    let got = Mutex::new(vec![]);
    thread::scope(|s| {
        let producers: Vec<_> = (0..3)
            .map(|p| {
                s.spawn(move || (0..200).for_each(|n| queue.put(p * 200 + n).unwrap()))
            })
            .collect();
        for _ in 0..2 {
            s.spawn(|| {
                for value in queue.iter() {
                    got.lock().unwrap().push(value);
                    queue.task_done().unwrap();
                }
            });
        }
        producers.into_iter().for_each(|p| p.join().unwrap());
        queue.join(LONG).unwrap();
        queue.close();
    });
    let mut got = got.into_inner().unwrap();
    got.sort_unstable();
    assert_eq!(got, (0..600).collect::<Vec<_>>());
}

#[test]
fn everything_put_in_comes_out_once() {
    for maxsize in [1, 7, 1_000_000] {
        nothing_lost(&Queue::bounded(maxsize));
        nothing_lost(&LifoQueue::bounded(maxsize));
        nothing_lost(&PriorityQueue::bounded(maxsize));
    }
}

#[test]
fn a_bounded_put_waits_when_full_and_goes_on_when_there_is_room() {
    let queue = Queue::<u32>::bounded(1);
    queue.put(1).unwrap();
    assert_eq!(queue.put_timeout(2, ms(5)), Err(PutError::Full(2)));
    thread::scope(|s| {
        let put = s.spawn(|| queue.put_timeout(2, LONG));
        assert_eq!(queue.get_timeout(LONG), Ok(1));
        assert_eq!(put.join().unwrap(), Ok(()));
    });
    assert_eq!(queue.drain(), [2]);
}

#[test]
fn closing_wakes_the_waiting_threads_and_keeps_the_values() {
    let (empty, full) = (Queue::<u32>::new(), Queue::<u32>::bounded(1));
    full.put(1).unwrap();
    thread::scope(|s| {
        let get = s.spawn(|| empty.get_timeout(LONG));
        let put = s.spawn(|| full.put_timeout(2, LONG));
        empty.close();
        full.close();
        assert_eq!(get.join().unwrap(), Err(GetError::Closed));
        assert_eq!(put.join().unwrap(), Err(PutError::Closed(2)));
    });
    assert_eq!(full.get(), Ok(1));
    assert_eq!(full.get(), Err(GetError::Closed));
    assert_eq!(full.try_put(9), Err(PutError::Closed(9)));
}

#[test]
fn waiting_ends_at_its_limit_and_says_what_for() {
    let queue = Queue::<u32>::new();
    assert_eq!(queue.get_timeout(ms(2)), Err(GetError::Empty));
    assert!(queue.task_done().is_err());
    queue.put(1).unwrap();
    let error = queue.join(ms(2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains("1 tasks left"), "{error}");
}

#[test]
fn a_pipeline_finishes_every_item_once() {
    for maxsize in [1, 3, 1_000_000] {
        let stages = Pipeline::new(20).stage("a", 2, ms(0)).stage("b", 3, ms(1));
        let run = stages.stage("c", 1, ms(0)).maxsize(maxsize).run().unwrap();
        let mut finished = run.finished.clone();
        finished.sort_unstable();
        assert_eq!(finished, (0..20).collect::<Vec<_>>());
        assert!(run.queue_lengths.iter().all(|queue| queue.max() <= maxsize));
        assert!(run.queue_lengths.iter().all(|q| q.at(run.trace.recorded) == 0));
    }
}

#[test]
fn one_worker_a_stage_keeps_the_order() {
    let run = Pipeline::new(9).stage("a", 1, ms(0)).stage("b", 1, ms(1)).run().unwrap();
    assert_eq!(run.finished, (0..9).collect::<Vec<_>>());
    let names = |run: &PipelineRun| -> Vec<String> {
        run.trace.lanes.iter().map(|lane| lane.name.clone()).collect()
    };
    assert_eq!(names(&run), ["a", "b"]);
    let two = Pipeline::new(9).stage("z", 1, ms(1)).stage("a", 2, ms(1)).run().unwrap();
    assert_eq!(names(&two), ["z", "a 1", "a 2"]);
}

#[test]
fn an_impossible_pipeline_is_an_error() {
    assert!(Pipeline::new(1).run().is_err());
    assert!(Pipeline::new(1).stage("a", 0, ms(1)).run().is_err());
    assert!(Pipeline::new(1).stage("a", 1, ms(1)).maxsize(0).run().is_err());
    assert!(Pipeline::new(1_000).stage("a", 1, ms(100)).run().is_err());
}
