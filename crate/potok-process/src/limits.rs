//! How much a child may use before it is ended.
//!
//! ```
//! use potok::prelude::*;
//!
//! let forever = processes::Limits::new().wall(ms(50)).fork(|| -> () { loop {} })?;
//! assert_eq!(forever.join().unwrap_err().kind(), ErrorKind::TimedOut);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the endless loop is an error value, not a frozen notebook.

use super::{Child, Pool, Start};
use crate::words;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use potok_base::error::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Bounds on one child process. Start from [`Limits::new`] and narrow what matters.
///
/// The system holds the child, and all that it starts, to memory, processor time and the
/// number of processes: to each process by itself, and none of them can raise its limit
/// (`root` can). All that the child started ends with it, also what left its session
/// (`setsid`, a *daemon*): when it gives its result, and when it is ended for its limits or
/// dropped. One thing gets away: what left the session of a child that then crashed, or that
/// called `exit`, before anybody looked.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let greedy = processes::Limits::new()
///     .memory(64 << 20)
///     .fork(|| vec![1_u8; 1 << 30].len())?;
/// assert_eq!(greedy.join().unwrap_err().kind(), ErrorKind::MemoryLimit);
/// # Ok::<(), potok::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub(super) wall: Duration,
    pub(super) output: u64,
    pub(super) cpu: Option<Duration>,
    pub(super) memory: Option<u64>,
    pub(super) processes: Option<u64>,
    pub(super) keeps_output: bool,
}

impl Limits {
    /// One minute on the wall and 256 MiB of output and result; nothing else is bounded.
    pub fn new() -> Self {
        Limits {
            wall: Duration::from_secs(60),
            output: 256 << 20,
            cpu: None,
            memory: None,
            processes: None,
            keeps_output: false,
        }
    }

    /// Time on the wall, from the start of the child to its end.
    #[must_use]
    pub fn wall(self, wall: Duration) -> Self {
        Limits { wall, ..self }
    }

    /// Processor time. The system counts it in whole seconds: it is rounded up.
    #[must_use]
    pub fn cpu(self, cpu: Duration) -> Self {
        Limits { cpu: Some(cpu), ..self }
    }

    /// Memory in bytes, on top of what the child was born with.
    ///
    /// What counts is address space, the only amount that the system lets a process
    /// bound for itself.
    #[must_use]
    pub fn memory(self, bytes: u64) -> Self {
        Limits { memory: Some(bytes), ..self }
    }

    /// Bytes that the child prints, and bytes of its result: this many of each.
    #[must_use]
    pub fn output(self, bytes: u64) -> Self {
        Limits { output: bytes, ..self }
    }

    /// Processes that the user may have in all, against fork bombs.
    ///
    /// The system does not hold `root` to it (a container often runs as `root`).
    #[must_use]
    pub fn processes(self, count: u64) -> Self {
        Limits { processes: Some(count), ..self }
    }

    /// What the child prints is not shown: it is kept for
    /// [`Child::join_with_output`].
    #[must_use]
    pub fn keep_output(self) -> Self {
        Limits { keeps_output: true, ..self }
    }

    /// [`fork`](super::fork()) within these limits.
    ///
    /// # Errors
    /// The same as those of `fork`.
    pub fn fork<T, F>(self, f: F) -> Result<Child<T>>
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce() -> T,
    {
        super::fork::fork_within(&super::sys::Permit::alone()?, self, f)
    }

    /// [`spawn`](super::spawn()) within these limits.
    ///
    /// # Errors
    /// The same as those of `spawn`.
    pub fn spawn<F, A, R>(self, f: F, args: A) -> Result<Child<R>>
    where
        F: Fn(A) -> R + Copy + Sync + 'static,
        A: Serialize + DeserializeOwned,
        R: Serialize + DeserializeOwned,
    {
        super::spawn::spawn_within(self, f, args)
    }

    /// A [`Pool`] whose workers have these limits. Those of the time on the wall and of
    /// output are each task's, while it runs.
    ///
    /// # Errors
    /// The same as those of [`Pool::start`].
    pub fn pool(self, workers: usize, start: Start) -> Result<Pool> {
        Pool::within(&self, workers, start)
    }

    /// Called in the child: from here on the system enforces what it can.
    pub(super) fn apply(&self) -> Result<()> {
        let set = |resource, value: u64| {
            let (_, hard) = getrlimit(resource).unwrap_or((value, value));
            // The soft limit is what signals; processor time gets a second of grace.
            setrlimit(resource, value.min(hard), (value + 1).min(hard)).map_err(
                |error| {
                    Error::io(words::not_limited(format_args!("{resource:?}")), &error)
                },
            )
        };
        // 1 rather than 0: it also holds where dumps go to a program.
        set(Resource::RLIMIT_CORE, 1)?;
        if let Some(cpu) = self.cpu {
            let seconds = cpu.as_secs() + u64::from(cpu.subsec_nanos() > 0);
            set(Resource::RLIMIT_CPU, seconds.max(1))?;
        }
        if let Some(memory) = self.memory {
            set(Resource::RLIMIT_AS, address_space()?.saturating_add(memory))?;
        }
        if let Some(count) = self.processes {
            set(Resource::RLIMIT_NPROC, count)?;
        }
        Ok(())
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits::new()
    }
}

/// Bytes of address space that this process has now.
fn address_space() -> Result<u64> {
    const FILE: &str = "/proc/self/status";
    let unreadable = |why: &dyn std::fmt::Display| {
        Error::new(ErrorKind::Unsupported, words::no_file(FILE, why))
    };
    let status = std::fs::read_to_string(FILE).map_err(|e| unreadable(&e))?;
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let kibibytes = size.and_then(|size| size.split_whitespace().next()?.parse().ok());
    kibibytes.map(|n: u64| n * 1024).ok_or_else(|| unreadable(&"VmSize"))
}
