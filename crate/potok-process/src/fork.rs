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
//! that moment stays locked there for ever, and nobody is left to open it:
//!
//! ```
//! use potok::prelude::*;
//! use std::sync::mpsc::channel;
//!
//! let (stop, wait) = channel::<()>();
//! std::thread::scope(|s| {
//!     s.spawn(move || wait.recv());
//!     let error = processes::fork(|| ()).unwrap_err();
//!     assert!(error.to_string().contains("1 other thread runs"));
//!     drop(stop);
//! });
//! processes::fork(|| ())?.join()?;              // it has ended
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! So `fork` refuses while other threads run. `spawn` has no such trouble, and
//! `fork_among_threads` takes your word for it. potok holds the locks that it knows over
//! the fork (output, the panic hook, its recorders), and glibc does so for the allocator.
//! The workers of a [`Pool`](super::Pool) run functions that capture nothing: they may be
//! forked at any time. rayon works on the one thread of such a child: it would wait for its
//! own threads otherwise, which stayed behind.

use super::child_output::ChildOutput;
use super::process::Process;
use super::{Child, Limits, panics, rayon_alone, report, sys};
use crate::words;
use potok_base::error::{Error, Result};
use potok_base::trace;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Write;

/// Runs `f` in a copy of this process, within [`Limits::new`].
///
/// The result comes back as bytes, so its type has to implement serde's traits. What the
/// child prints appears here, in whole lines, while it is joined.
///
/// # Errors
/// Other threads run ([`Unsupported`](potok_base::ErrorKind::Unsupported)); the system has
/// no process or descriptor left. What goes wrong in the child is an error of
/// [`Child::join`].
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
    Limits::new().fork(f)
}

pub(super) fn fork_within<T, F>(
    permit: &sys::Permit,
    limits: Limits,
    f: F,
) -> Result<Child<T>>
where
    T: Serialize + DeserializeOwned,
    F: FnOnce() -> T,
{
    let (process, answer) = fork_process(permit, limits, |answer| {
        let report = report::single(&panics::catch(f));
        // The parent may have stopped listening; there is nobody left to tell.
        let _ = answer.write_all(&report);
    })?;
    Ok(Child::new(process, answer))
}

/// Forks; the child runs `work` with the writing end of the pipe whose reading end the
/// parent gets, and never returns from here.
pub(super) fn fork_process(
    permit: &sys::Permit,
    limits: Limits,
    work: impl FnOnce(&mut std::fs::File),
) -> Result<(Process, sys::Reader)> {
    let (answer_in, answer_out) = sys::pipe()?;
    let (output, ends) = ChildOutput::new()?;
    let parent = sys::Parent::here();

    let leaves_threads = permit.leaves_threads();
    panics::before_fork();
    // In this order, as whoever prints may record for the first time.
    let mut out = std::io::stdout().lock();
    let err = std::io::stderr().lock();
    let recorders = trace::hold_for_fork();
    let _ = out.flush();
    let kept = panics::hold_for_fork();
    let pid = sys::fork(permit).map_err(|error| no_process(&error))?;
    if let Some(pid) = pid {
        drop((kept, recorders, err, out, ends, answer_out));
        return Ok((Process::new(pid, output, limits)?, answer_in));
    }

    let _leave = sys::LeaveAtEnd;
    recorders.start_child();
    drop((kept, err, out, answer_in, output));
    panics::in_child();
    let mut answer = std::fs::File::from(answer_out);
    let ready = sys::become_child(&parent, &ends).and_then(|()| limits.apply());
    drop(ends);
    match ready {
        Ok(()) => {
            if leaves_threads {
                rayon_alone::here();
            }
            work(&mut answer);
        }
        Err(error) => {
            let _ = answer.write_all(&report::single::<()>(&Err(error)));
        }
    }
    let _ = std::io::stdout().flush();
    sys::leave_nothing_behind(0)
}

fn no_process(error: &dyn std::fmt::Display) -> Error {
    Error::io(words::no_more_processes(), error)
}
