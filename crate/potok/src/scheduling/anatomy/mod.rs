//! What a process is made of: its memory, its table of open files, its threads.
//!
//! ```
//! use potok::prelude::*;
//!
//! let cups = 1;
//! let process = scheduling::anatomy("the notebook")?.variable("cups", &cups);
//! assert_eq!(process.pid, std::process::id());
//! assert!(process.threads.iter().any(|thread| thread.tid == scheduling::ids().tid));
//! assert_eq!(process.variables[0].value, "1");
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the system lists all of this below `/proc/self`, for every process. A
//! forked child has a copy of the memory and of the table; of the threads, only the one
//! that forked.

mod picture;

use super::process::{OpenFile, open_files};
use crate::error::{Error, Result};
use crate::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;

pub use picture::side_by_side;

/// What a process consists of, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anatomy {
    /// The name of the process in a picture.
    pub name: String,
    /// Its number.
    pub pid: u32,
    /// Its address space by the use of the memory, in bytes. Not all of it is filled.
    pub memory: Vec<(String, u64)>,
    /// Variables that were asked for.
    pub variables: Vec<Variable>,
    /// Its table of open files: the number, and what it refers to.
    pub files: Vec<(i32, String)>,
    /// Its threads, in the order in which the system lists them.
    pub threads: Vec<Thread>,
}

/// A variable: its address and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name in the program.
    pub name: String,
    /// Its address, which is only meaningful in its own process.
    pub address: u64,
    /// Its value, as `{:?}` writes it.
    pub value: String,
}

/// A thread of a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// The system's id of the thread.
    pub tid: u64,
    /// Its name; the name of the program for a thread without one.
    pub name: String,
}

/// What the calling process consists of now; `name` is its name in a picture.
///
/// # Errors
/// A system without `/proc`.
pub fn anatomy(name: impl Into<String>) -> Result<Anatomy> {
    let files = open_files()?.files.into_iter();
    Ok(Anatomy {
        name: name.into(),
        pid: std::process::id(),
        memory: by_use(&read("/proc/self/maps")?),
        variables: vec![],
        files: files.map(|OpenFile { fd, target }| (fd, target)).collect(),
        threads: threads()?,
    })
}

impl Anatomy {
    /// Adds a variable of the calling process.
    #[must_use]
    pub fn variable<T: Debug>(mut self, name: impl Into<String>, value: &T) -> Self {
        let address = std::ptr::from_ref(value).addr() as u64;
        let value = format!("{value:?}");
        self.variables.push(Variable { name: name.into(), address, value });
        self
    }
}

/// The lines of `/proc/self/maps`, added up by what the memory is for.
fn by_use(maps: &str) -> Vec<(String, u64)> {
    let mut sums = BTreeMap::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next(), words.next());
        let what = words.nth(3).unwrap_or_default();
        let size = range.and_then(|range| range.split_once('-')).and_then(|(a, b)| {
            let [a, b] = [a, b].map(|end| u64::from_str_radix(end, 16).ok());
            b?.checked_sub(a?)
        });
        let guards = rights.is_some_and(|rights| rights.starts_with("---"));
        let row = match what {
            "[heap]" => (1, words::heap()),
            "[stack]" => (2, words::stack()),
            _ if what.starts_with('/') => (0, words::program()),
            // Room that is kept free, so that a stack does not grow into its neighbour.
            _ if guards => continue,
            _ => (3, words::other_memory()),
        };
        *sums.entry(row).or_insert(0) += size.unwrap_or(0);
    }
    sums.into_iter().map(|((_, what), bytes)| (what.to_owned(), bytes)).collect()
}

fn threads() -> Result<Vec<Thread>> {
    let tasks = fs::read_dir("/proc/self/task").map_err(|error| unlisted(&error))?;
    let mut threads: Vec<Thread> = tasks
        .filter_map(|task| {
            let task = task.ok()?;
            let tid = task.file_name().to_str()?.parse().ok()?;
            // A thread that has ended since the listing is left out.
            let name = fs::read_to_string(task.path().join("comm")).ok()?;
            Some(Thread { tid, name: name.trim().to_owned() })
        })
        .collect();
    threads.sort_by_key(|thread| thread.tid);
    Ok(threads)
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(path).map_err(|error| unlisted(&error))
}

fn unlisted(error: &std::io::Error) -> Error {
    let message = words::no_list(error);
    Error::unsupported(message)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn memory_is_added_up_by_its_use() {
        let maps = "\
            1000-3000 r-xp 00000000 08:01 12 /usr/bin/program\n\
            3000-4000 rw-p 00002000 08:01 12 /usr/bin/program\n\
            8000-9000 rw-p 00000000 00:00 0 [heap]\n\
            a000-b000 ---p 00000000 00:00 0 \n\
            b000-d000 rw-p 00000000 00:00 0 \n";
        let rows = [
            ("program and libraries", 0x3000),
            ("heap", 0x1000),
            ("other memory", 0x2000),
        ];
        assert_eq!(by_use(maps), rows.map(|(what, bytes)| (what.to_owned(), bytes)));
    }

    #[test]
    fn a_new_thread_and_a_new_file_are_listed() {
        let before = anatomy("before").unwrap();
        let file = fs::File::open("/dev/null").unwrap();
        let (tid, after) =
            std::thread::spawn(|| (super::super::ids().tid, anatomy("after").unwrap()))
                .join()
                .unwrap();
        let tids = |process: &Anatomy| -> Vec<u64> {
            process.threads.iter().map(|thread| thread.tid).collect()
        };
        assert!(!tids(&before).contains(&tid) && tids(&after).contains(&tid));
        use std::os::fd::AsRawFd;
        assert!(after.files.contains(&(file.as_raw_fd(), "/dev/null".to_owned())));
    }
}
