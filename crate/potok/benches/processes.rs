//! What a process costs beside the bare system calls: `make bench WHAT=processes`.
//!
//! Each figure is the median of many runs in one process, with its range. Python's own
//! figures come from `processes_peer.py` beside this file, where a Python is found.

use potok::measure::{Machine, Samples};
use potok::prelude::*;
use potok::processes::{Bytes, Pool, SharedSlice, Start, pipe};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::{Duration, Instant};

const MEGABYTE: usize = 1 << 20;

/// What cannot be beaten by much, since it does the same with less.
const FLOORS: [(&str, &str); 3] = [
    ("warm pool, one no-op at a time", "socket ping-pong"),
    ("1 MB to a worker, sum back", "1 MB over a raw socket, sum back"),
    ("1 MB into shared memory", "1 MB by memcpy"),
];

fn main() -> Result<(), Error> {
    processes::init();
    say(&format!("on {}", Machine::here()));
    let pool = Pool::new(2)?;
    let one = Pool::new(1)?;
    let bytes = vec![1_u8; MEGABYTE];
    let echo = Echo::start()?;
    let sum = |v: Bytes| v.iter().map(|&b| u64::from(b)).sum::<u64>();
    let list = |v: Vec<u8>| v.iter().map(|&b| u64::from(b)).sum::<u64>();
    let numbers = vec![1_u64; MEGABYTE / 8];
    let mut shared = SharedSlice::<u64>::new(numbers.len())?;
    // The worker is forked after the memory was made, and has it too.
    let (tell, told) = pipe::<(), u64>()?;
    let limits = processes::Limits::new().wall(Duration::from_secs(600));
    let _adder = limits.fork(|| {
        while told.recv().is_ok() {
            told.send(&shared.iter().sum()).unwrap();
        }
    })?;
    pool.map(0..100_000_u64, |n| n)?;

    let mut table: Vec<(&str, Vec<Duration>)> = vec![];
    let mut time = |label, count: u32, run: &mut dyn FnMut() -> Result<(), Error>| {
        let start = Instant::now();
        run()?;
        let each = start.elapsed() / count;
        match table.iter_mut().find(|(known, _)| *known == label) {
            Some((_, runs)) => runs.push(each),
            None => table.push((label, vec![each])),
        }
        Ok::<(), Error>(())
    };
    for _ in 0..20 {
        time("spawn a function, answer back", 1, &mut || {
            processes::spawn(|n: u64| n + 1, 1)?.join().map(drop)
        })?;
        time("fork a closure, answer back", 1, &mut || {
            processes::fork(|| 1)?.join().map(drop)
        })?;
        for (label, start) in
            [("pool of 2, forked", Start::Fork), ("pool of 2, spawned", Start::Spawn)]
        {
            time(label, 1, &mut || {
                let pool = Pool::start(2, start)?;
                pool.map([1, 2], |n: u64| n).map(drop)
            })?;
        }
        time("socket ping-pong", 1_000, &mut || echo.ping(1_000, 8))?;
        time("warm pool, one no-op at a time", 1_000, &mut || {
            (0..1_000).try_for_each(|n| one.submit(|n: u64| n, n)?.wait().map(drop))
        })?;
        time("warm pool, batched no-op", 1_000_000, &mut || {
            pool.map(0..1_000_000_u64, |n| n).map(drop)
        })?;
        time("1 MB over a raw socket, sum back", 50, &mut || echo.ping(50, MEGABYTE))?;
        time("1 MB to a worker, sum back", 50, &mut || {
            let many = std::iter::repeat_n(Bytes(bytes.clone()), 50);
            one.map(many, sum).map(drop)
        })?;
        time("1 MB as a list of numbers", 50, &mut || {
            one.map(std::iter::repeat_n(bytes.clone(), 50), list).map(drop)
        })?;
        let mut copy = vec![0_u64; numbers.len()];
        time("1 MB by memcpy", 200, &mut || {
            (0..200).for_each(|_| {
                std::hint::black_box(&mut copy).copy_from_slice(&numbers);
            });
            Ok(())
        })?;
        time("1 MB into shared memory", 200, &mut || {
            (0..200).for_each(|_| std::hint::black_box(&mut shared).write(&numbers));
            Ok(())
        })?;
        time("1 MB through shared memory, sum back", 50, &mut || {
            (0..50).try_for_each(|_| {
                shared.write(&numbers);
                tell.send(&())?;
                tell.recv().map(drop)
            })
        })?;
    }
    let mut medians = std::collections::HashMap::new();
    for (label, runs) in table {
        let samples = Samples::new(label, runs)?;
        say(&samples.to_string());
        medians.insert(label, samples.median().as_secs_f64());
    }
    for (ours, floor) in FLOORS {
        let ratio = medians[ours] / medians[floor];
        say(&format!("{ours}: {ratio:.2} × {floor}"));
    }
    let peer = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/processes_peer.py");
    let python = ["../../.venv/bin/python", "python3"];
    let ran = python.iter().any(|python| {
        Command::new(python).arg(peer).status().is_ok_and(|status| status.success())
    });
    if !ran {
        say("no Python to compare with");
    }
    Ok(())
}

/// A forked process that reads a message and answers with the sum of its bytes: the
/// least there is.
struct Echo {
    socket: UnixStream,
    _child: processes::Child<()>,
}

impl Echo {
    fn start() -> Result<Self, Error> {
        let (ours, mut theirs) =
            UnixStream::pair().map_err(|e| Error::io("pair", &e))?;
        let limits = processes::Limits::new().wall(Duration::from_secs(600));
        let child = limits.fork(move || {
            let mut length = [0; 8];
            let mut message = vec![0; MEGABYTE];
            while theirs.read_exact(&mut length).is_ok() {
                let length = u64::from_le_bytes(length) as usize;
                if theirs.read_exact(&mut message[..length]).is_err() {
                    break;
                }
                let sum: u64 = message[..length].iter().map(|&b| u64::from(b)).sum();
                if theirs.write_all(&sum.to_le_bytes()).is_err() {
                    break;
                }
            }
        })?;
        Ok(Echo { socket: ours, _child: child })
    }

    fn ping(&self, times: usize, length: usize) -> Result<(), Error> {
        let mut message = (length as u64).to_le_bytes().to_vec();
        message.resize(8 + length, 1);
        let mut answer = [0; 8];
        for _ in 0..times {
            (&self.socket).write_all(&message).map_err(|e| Error::io("write", &e))?;
            (&self.socket)
                .read_exact(&mut answer)
                .map_err(|e| Error::io("read", &e))?;
        }
        Ok(())
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark talks to a terminal")]
fn say(line: &str) {
    println!("{line}");
}
