//! What a process costs beside the bare system calls: `make bench WHAT=processes`.
//!
//! Each figure is the median of many runs in one process, with its range. Python's own
//! figures come from `processes_peer.py` beside this file, where a Python is found.

use potok::measure::{Machine, Samples};
use potok::prelude::*;
use potok::processes::{Pool, Start};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::{Duration, Instant};

const MEGABYTE: usize = 1 << 20;

fn main() -> Result<(), Error> {
    processes::init();
    say(&format!("on {}", Machine::here()));
    let pool = Pool::new(2)?;
    let one = Pool::new(1)?;
    let bytes = vec![1_u8; MEGABYTE];
    let echo = Echo::start()?;
    let sum = |v: Vec<u8>| v.iter().map(|&b| u64::from(b)).sum::<u64>();
    one.submit(sum, bytes.clone())?.wait()?;
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
        time("1 MB over a raw socket", 50, &mut || echo.ping(50, MEGABYTE))?;
        time("1 MB to a worker, sum back", 50, &mut || {
            (0..50).try_for_each(|_| one.submit(sum, bytes.clone())?.wait().map(drop))
        })?;
    }
    for (label, runs) in table {
        say(&Samples::new(label, runs)?.to_string());
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

/// A forked process that reads a message and answers with 8 bytes: the least there is.
struct Echo {
    socket: UnixStream,
    _child: processes::Child<()>,
}

impl Echo {
    fn start() -> Result<Self, Error> {
        let (ours, mut theirs) = UnixStream::pair().map_err(|e| Error::io("pair", &e))?;
        let limits = processes::Limits::new().wall(Duration::from_secs(600));
        let child = limits.fork(move || {
            let mut length = [0; 8];
            let mut message = vec![0; MEGABYTE];
            while theirs.read_exact(&mut length).is_ok() {
                let length = u64::from_le_bytes(length) as usize;
                if theirs.read_exact(&mut message[..length]).is_err()
                    || theirs.write_all(&[0; 8]).is_err()
                {
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
            (&self.socket).read_exact(&mut answer).map_err(|e| Error::io("read", &e))?;
        }
        Ok(())
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark talks to a terminal")]
fn say(line: &str) {
    println!("{line}");
}
