//! What a value costs on its way through a queue: `make bench WHAT=channels`.
//!
//! potok's queues beside crossbeam's channel, which they wrap or stand in for, and
//! std's. All in turn, so that a busy machine is busy for each of them.
#![allow(clippy::print_stdout, reason = "a benchmark reports to a terminal")]

use potok::channels::{self, BlockingQueue, LifoQueue, PriorityQueue, Queue, Store};
use potok::measure::{Machine, Samples};
use std::hint::black_box;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const VALUES: u64 = 400_000;
const ROUNDS: usize = 15;
const ROOM: usize = 64;

fn main() -> potok::Result<()> {
    println!("on {}; {VALUES} values, {ROUNDS} rounds", Machine::here());
    for pairs in [1, 2, 4] {
        let ways: [(&str, &dyn Fn(u64)); 6] = [
            ("crossbeam::channel::bounded", &|n| crossbeam_bounded(n)),
            ("potok::channels::bounded", &|n| reexported(n)),
            ("Queue::bounded", &|n| queue(n, &Queue::bounded(ROOM))),
            ("LifoQueue::bounded", &|n| queue(n, &LifoQueue::bounded(ROOM))),
            ("PriorityQueue::bounded", &|n| queue(n, &PriorityQueue::bounded(ROOM))),
            ("std::sync::mpsc::sync_channel", &|n| standard(n)),
        ];
        let mut runs = vec![vec![]; ways.len()];
        for _ in 0..ROUNDS {
            for ((_, way), runs) in ways.iter().zip(&mut runs) {
                let start = Instant::now();
                way(pairs);
                runs.push(start.elapsed());
            }
        }
        println!(
            "\n{pairs} producers, {pairs} consumers (std has one), room for {ROOM}"
        );
        let base = median(&runs[0]);
        for ((label, _), runs) in ways.iter().zip(runs) {
            let each = runs.iter().map(|run| *run / VALUES as u32).collect();
            let speed = base.as_secs_f64() / median(&runs).as_secs_f64();
            let samples = Samples::new(*label, each)?;
            println!("{samples}; {speed:.2} × the speed of crossbeam");
        }
    }
    Ok(())
}

fn median(runs: &[Duration]) -> Duration {
    let mut runs = runs.to_vec();
    runs.sort_unstable();
    runs[runs.len() / 2]
}

fn queue<S: Store<u64> + Send>(pairs: u64, queue: &BlockingQueue<u64, S>) {
    thread::scope(|s| {
        let producers: Vec<_> = (0..pairs)
            .map(|_| {
                s.spawn(|| (0..VALUES / pairs).for_each(|n| queue.put(n).unwrap()))
            })
            .collect();
        for _ in 0..pairs {
            s.spawn(|| black_box(queue.iter().sum::<u64>()));
        }
        producers.into_iter().for_each(|producer| producer.join().unwrap());
        queue.close();
    });
}

fn crossbeam_bounded(pairs: u64) {
    let (sender, receiver) = crossbeam::channel::bounded(ROOM);
    thread::scope(|s| {
        for _ in 0..pairs {
            let (sender, receiver) = (sender.clone(), receiver.clone());
            s.spawn(move || (0..VALUES / pairs).for_each(|n| sender.send(n).unwrap()));
            s.spawn(move || black_box(receiver.iter().sum::<u64>()));
        }
        drop((sender, receiver));
    });
}

fn reexported(pairs: u64) {
    let (sender, receiver) = channels::bounded(ROOM);
    thread::scope(|s| {
        for _ in 0..pairs {
            let (sender, receiver) = (sender.clone(), receiver.clone());
            s.spawn(move || (0..VALUES / pairs).for_each(|n| sender.send(n).unwrap()));
            s.spawn(move || black_box(receiver.iter().sum::<u64>()));
        }
        drop((sender, receiver));
    });
}

fn standard(pairs: u64) {
    let (sender, receiver) = mpsc::sync_channel(ROOM);
    thread::scope(|s| {
        for _ in 0..pairs {
            let sender = sender.clone();
            s.spawn(move || (0..VALUES / pairs).for_each(|n| sender.send(n).unwrap()));
        }
        drop(sender);
        black_box(receiver.iter().sum::<u64>());
    });
}
