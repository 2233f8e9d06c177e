//! rayon and crossbeam in children of a process in which rayon's threads run.

use super::sys::ForkAmongTests;
use potok::prelude::*;
use potok::processes::{Limits, Pool, Start};
use potok::rayon::prelude::*;
use potok::{crossbeam, rayon};

/// Something of all that rayon's global pool is asked for.
fn with_rayon(n: u64) -> u64 {
    let sum = (1..=n).into_par_iter().sum::<u64>();
    let (a, b) = rayon::join(|| sum / 2, || sum - sum / 2);
    let mut parts = [0, 0];
    let [first, second] = &mut parts;
    rayon::scope(|s| {
        s.spawn(move |_| *first = a);
        s.spawn(move |_| *second = b);
    });
    parts.iter().sum()
}

fn with_crossbeam(n: u64) -> u64 {
    let halves = [1..=n / 2, n / 2 + 1..=n];
    let sums = crossbeam::scope(|s| {
        let threads = halves.map(|half| s.spawn(move |_| half.sum::<u64>()));
        threads.map(|thread| thread.join().unwrap())
    });
    sums.unwrap().into_iter().sum()
}

fn with_a_pool_of_its_own(n: u64) -> u64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.install(|| (1..=n).into_par_iter().sum())
}

/// All at once, in one child.
fn everything(n: u64) -> [u64; 3] {
    [with_rayon(n), with_crossbeam(n), with_a_pool_of_its_own(n)]
}

const N: u64 = 100_000;
const SUM: u64 = N * (N + 1) / 2;

#[test]
fn a_forked_child_does_rayons_work_on_its_own_thread() {
    assert_eq!(everything(N), [SUM; 3]);
    let limits = || Limits::new().wall(ms(20_000));
    let child = limits().fork_among_tests(|| everything(N)).unwrap();
    assert_eq!(child.join().unwrap(), [SUM; 3]);
    let threads = limits().fork_among_tests(rayon::current_num_threads).unwrap();
    assert_eq!(threads.join().unwrap(), 1);
}

#[test]
fn so_does_a_worker_of_a_pool_and_its_replacement() {
    assert_eq!(with_rayon(N), SUM);
    for start in [Start::Fork, Start::Spawn] {
        let pool = Limits::new().wall(ms(20_000)).pool(2, start).unwrap();
        assert_eq!(pool.map([N; 4], everything).unwrap(), [[SUM; 3]; 4]);
        let crash = |n: u64| if n == 0 { std::process::abort() } else { with_rayon(n) };
        let results = pool.map_each([N, 0, N, N], crash);
        let lived: Vec<_> = results.into_iter().filter_map(Result::ok).collect();
        assert_eq!(lived, [SUM; 3]);
    }
}

#[test]
fn a_fork_by_one_of_rayons_own_threads_works_too() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let sum = pool.install(|| {
        let limits = Limits::new().wall(ms(20_000));
        limits.fork_among_tests(|| with_rayon(N)).unwrap().join()
    });
    assert_eq!(sum.unwrap(), SUM);
    // A pool of processes is no stranger to it either.
    let workers = pool.install(|| Pool::new(1).unwrap().map([N], with_rayon));
    assert_eq!(workers.unwrap(), [SUM]);
}
