//! A group of named threads that start together and are joined together.
//!
//! ```
//! use potok_base::threads::{all_at_once, numbered};
//!
//! let squares = all_at_once(&numbered("thread", 3), |i| i * i)?;
//! assert_eq!(squares, [0, 1, 4]);
//! # Ok::<(), potok_base::Error>(())
//! ```
//!
//! *What to notice*: normally the thread that is created first begins first. Here all wait
//! at a gate until the last of them is awake.

use crate::error::{Error, Result};
use crate::sync::unpoisoned;
use crate::words;
use std::any::Any;
use std::sync::RwLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Runs `job(0)`, `job(1)` … each on a thread of its name, all started at once: none begins
/// before all of them exist and are awake.
pub fn all_at_once<R: Send>(
    names: &[String],
    job: impl Fn(usize) -> R + Sync,
) -> Result<Vec<R>> {
    if names.is_empty() {
        return Err(Error::invalid(words::no_threads()));
    }
    let (go, awake, job) = (RwLock::new(true), AtomicUsize::new(0), &job);
    thread::scope(|s| {
        let mut gate = unpoisoned(go.write());
        let mut threads = vec![];
        for (i, name) in names.iter().enumerate() {
            let (go, awake) = (&go, &awake);
            let body = move || {
                if !*unpoisoned(go.read()) {
                    return None;
                }
                // The system wakes them one by one. Each that is awake counts itself
                // first, so this ends.
                awake.fetch_add(1, Ordering::Relaxed);
                while awake.load(Ordering::Relaxed) < names.len() {
                    thread::yield_now();
                }
                Some(job(i))
            };
            match thread::Builder::new().name(name.clone()).spawn_scoped(s, body) {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    // Those that exist already must not run without the others.
                    *gate = false;
                    return Err(Error::io(words::starting_thread(name), &error));
                }
            }
        }
        drop(gate);
        let ended: Vec<_> =
            threads.into_iter().map(thread::ScopedJoinHandle::join).collect();
        let results = ended.into_iter().zip(names).map(|(ended, name)| match ended {
            Ok(Some(result)) => Ok(result),
            Ok(None) => Err(Error::invalid(words::not_started(name))),
            Err(payload) => Err(error_of(name, &*payload)),
        });
        results.collect()
    })
}

/// Names for threads; a zero byte, which the system does not allow, becomes `?`.
pub fn names_of<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Vec<String> {
    names.into_iter().map(|name| name.into().replace('\0', "?")).collect()
}

/// `thread 1`, `thread 2` …
pub fn numbered(what: &str, n: usize) -> Vec<String> {
    (1..=n).map(|i| format!("{what} {i}")).collect()
}

/// A panic that carries one of potok's own errors is that error.
fn error_of(name: &str, payload: &(dyn Any + Send)) -> Error {
    match payload.downcast_ref::<Error>() {
        Some(error) => error.clone().context(words::thread(name)),
        None => Error::panicked(words::thread(name), payload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn all_threads_run_at_the_same_time() {
        let meeting = Barrier::new(3);
        let results = all_at_once(&numbered("t", 3), |i| {
            meeting.wait();
            i * i
        });
        assert_eq!(results.unwrap(), [0, 1, 4]);
    }
}
