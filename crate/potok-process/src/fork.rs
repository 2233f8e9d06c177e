//! `fork`: the child is a copy of this process and runs a closure.
//!
//! ```
//! use potok::prelude::*;
//!
//! let mut counter = 1;
//! let child = processes::fork(|| {
//!     counter += 1;                             // the child's own copy
//!     counter
//! })?;
//! assert_eq!(child.join()?, 2);
//! assert_eq!(counter, 1);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: after the fork there are two `counter`s at the same address, each in
//! the memory of its own process. Nothing is copied until one of the two writes to it.
//!
//! # Threads and fork
//! Only the thread that forks exists in the child. A lock that another thread held at
//! that moment stays locked there for ever, and nobody is left to open it. potok holds
//! the locks that it knows over the fork (output, the panic hook, its recorders), and glibc does
//! so for the allocator; for all others there is the child's deadline. When other
//! threads run, the first fork says so on standard error. `spawn` has no such trouble.

use super::process::Process;
use super::wires::Wires;
use super::{Child, Limits, panics, report, sys};
use potok_base::error::{Error, Result};
use potok_base::{output, trace};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Write;
use std::sync::Once;
use std::time::{Duration, Instant};

/// Runs `f` in a copy of this process, within [`Limits::new`].
///
/// The result comes back as bytes, so its type has to implement serde's traits. What the
/// child prints appears here, in whole lines, while it is joined.
///
/// # Errors
/// The system has no process or descriptor left. What goes wrong in the child is an
/// error of [`Child::join`].
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let words = ["shared", "by", "copying"];
/// assert_eq!(processes::fork(|| words.len())?.join()?, 3);
/// # Ok::<(), potok::Error>(())
/// ```
pub fn fork<T, F>(f: F) -> Result<Child<T>>
where
    T: Serialize + DeserializeOwned,
    F: FnOnce() -> T,
{
    fork_within(Limits::new(), f)
}

pub(super) fn fork_within<T, F>(limits: Limits, f: F) -> Result<Child<T>>
where
    T: Serialize + DeserializeOwned,
    F: FnOnce() -> T,
{
    let (process, answer) = fork_process(limits, |answer| {
        let report = report::single(&panics::catch(f));
        // The parent may have stopped listening; there is nobody left to tell.
        let _ = answer.write_all(&report);
    })?;
    Ok(Child::new(process, answer))
}

/// Forks; the child runs `work` with the writing end of the pipe whose reading end the
/// parent gets, and never returns from here.
pub(super) fn fork_process(
    limits: Limits,
    work: impl FnOnce(&mut std::fs::File),
) -> Result<(Process, sys::Reader)> {
    if !limits.keeps_output {
        warn_of_threads();
    }
    let (answer_in, answer_out) = sys::pipe()?;
    let (wires, ends) = Wires::new()?;
    let parent = sys::Parent::here();

    panics::before_fork();
    // In this order, as whoever prints may record for the first time.
    let mut out = std::io::stdout().lock();
    let err = std::io::stderr().lock();
    let recorders = trace::hold_for_fork();
    let _ = out.flush();
    let pid = sys::fork().map_err(|error| no_process(&error))?;
    if let Some(pid) = pid {
        drop((recorders, err, out, ends, answer_out));
        return Ok((Process::new(pid, wires, limits)?, answer_in));
    }

    let _leave = sys::LeaveAtEnd;
    recorders.start_child();
    drop((err, out, answer_in, wires));
    panics::in_child();
    let mut answer = std::fs::File::from(answer_out);
    let ready = sys::become_child(&parent, &ends).and_then(|()| limits.apply());
    drop(ends);
    match ready {
        Ok(()) => work(&mut answer),
        Err(error) => {
            let _ = answer.write_all(&report::single::<()>(&Err(error)));
        }
    }
    let _ = std::io::stdout().flush();
    sys::leave(0)
}

fn no_process(error: &dyn std::fmt::Display) -> Error {
    let advice = "the system gives this user no more processes (or memory for one); end \
                  some, or raise the limit: `ulimit -u`, `Limits::processes`";
    Error::io(format_args!("fork: {advice}"), error)
}

/// How long threads may take to end before they are told of: where a scope is left, or
/// `join` returns, the system may still be clearing them away.
const ENDING: Duration = Duration::from_millis(100);

fn warn_of_threads() {
    static ONCE: Once = Once::new();
    if ONCE.is_completed() {
        return;
    }
    let others = other_threads();
    if others > 0 {
        ONCE.call_once(|| {
            let run = if others == 1 { "thread runs" } else { "threads run" };
            let text = format!(
                "note: {others} other {run} beside the one that forks. The child \
                 has none of them: what they were doing stays half done there, and a \
                 lock that is held stays locked. Join them first, or use `spawn`.\n"
            );
            output::print_aside(text.as_bytes());
        });
    }
}

/// How many threads there are besides this one and those that just end.
fn other_threads() -> usize {
    let looked = Instant::now();
    loop {
        let others = sys::threads().saturating_sub(1);
        if others == 0 || looked.elapsed() > ENDING {
            return others;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
