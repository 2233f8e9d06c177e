//! Every order in which threads can take turns, tried: what can come out, how often, and
//! the simplest order that goes wrong, drawn.
//!
//! ```
//! use potok::explore::{self, explore, sync::atomic::{AtomicU32, Ordering::SeqCst}};
//!
//! let report = explore(|| {
//!     let counter = AtomicU32::new(0).named("counter");
//!     explore::thread::scope(|s| {
//!         for _ in 0..2 {
//!             s.spawn(|| {
//!                 let seen = counter.load(SeqCst);
//!                 counter.store(seen + 1, SeqCst);      // whatever happened since
//!             });
//!         }
//!     });
//!     counter.into_inner()
//! });
//! assert_eq!(report.schedules, 6);                      // of 4 steps, 2 by each thread
//! let worst = report.worst().unwrap();
//! assert_eq!((worst.ending.detail(), worst.count), ("1", 4));
//!
//! let schedule = explore::replay(|| explore::programs::lost_update(), "1212")?;
//! assert_eq!(schedule.steps[2].action, "counter.store 1");
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the program is an ordinary function, written against [`thread`] and
//! [`sync`], whose types have the names and the ways of `std`'s. In an ordinary program
//! the lost update needs luck, and a test that runs it a million times proves nothing.
//! Here it is found, each time, and shown.
//!
//! # What an outcome is
//! What the program returns, as `{:?}` prints it; or a panic, a deadlock, a livelock, a run
//! that was cut. What comes out when threads run one after the other is *expected*, unless
//! you say otherwise by [`Report::expect`] and [`Report::forbid`]; what takes a preemption
//! is *surprising*.
//!
//! # What it does not prove
//! Each step is seen by all threads at once: sequential consistency. What `Relaxed` allows
//! on real processors is not explored (loom does that, or the hardware). A bound that cut
//! the search is told in the report. Nothing is tried but the input you gave.
//!
//! Two things that `std` allows are not tried: a wake-up of a [`Condvar`](sync::Condvar)
//! without a cause, and a reader that waits behind a waiting writer. A thread that has
//! yielded yields again only when another one has taken a step.
//!
//! The program must do the same each time: no clocks, no chance, no values from outside
//! that it changes. It may wait only for what is in this module; a thread that does nothing
//! visible for two seconds is given up. A time-out of a wait does not exist here.
//!
//! # Why not shuttle
//! [shuttle](https://docs.rs/shuttle) explores too, so its source was read first. It is
//! made for tests: the first failure, a deadlock too, ends the search as a panic, not as a
//! value; it shows neither the values of a step nor who holds what; and its coroutines
//! share one real thread, so that an endless loop in a cell would hang the notebook. Left
//! over would have been the switching between threads, for 31 crates that every student
//! would have to compile (7 s more). Making interleavings visible is what potok is for.
//!
//! # The files
//! * `execution`, `context`: threads that pass a baton. `operation`, `object`: what they
//!   can do.
//! * `plan`: who is next. `search`: which plans to try. `deadlock`: who waits for whom.
//! * `run`: one run, watched over. `recording`, `schedule`: its story. `report`: the verdict.

mod context;
mod deadlock;
mod execution;
mod explorer;
mod object;
mod operation;
mod picture;
mod plan;
pub mod programs;
mod recording;
mod report;
mod run;
mod schedule;
mod search;
pub mod sync;
pub mod thread;

pub use explorer::Explorer;
pub use picture::{outcomes, schedule as schedule_picture};
pub use report::{Coverage, Outcome, Report, Verdict};
pub use schedule::{Ending, Next, Schedule, Step};

use plan::Then;
use potok_base::error::Result;
use std::fmt::Debug;

/// Runs `program` under every schedule and reports what can come out.
///
/// The simplest schedules come first: those that take the turn from a thread that could go
/// on as seldom as possible. Small programs are explored to the end; the default bounds are
/// those of [`Explorer::new`]. The call ends in any case: a deadlock, an endless loop or a
/// panic in the program is an outcome. No threads stay behind, except one that computes
/// without end.
///
/// # Examples
/// ```
/// use potok::explore::{Coverage, explore, programs};
/// let report = explore(programs::locks_in_opposite_order);
/// assert_eq!(report.coverage, Coverage::All);
/// assert_eq!(report.worst().unwrap().ending.word(), "deadlock");
/// assert!(explore(programs::locks_in_one_order).passed());
/// ```
pub fn explore<T: Debug>(program: impl Fn() -> T + Send + 'static) -> Report {
    Explorer::new().explore(program)
}

/// Runs `program` once under the schedule that a string stands for.
///
/// Each digit is a step by that thread (`main` is 0, the first spawned 1; after 9 comes
/// `a`); `>2` behind a notification is who wakes. Where the string ends, threads run on,
/// one as long as it can.
///
/// # Errors
/// A character that is no thread; a step that is not possible there, with those that are.
///
/// # Examples
/// ```
/// use potok::explore::{programs, replay};
/// let schedule = replay(programs::lost_update, "12")?;
/// assert_eq!(schedule.steps[1].action, "counter.load → 0");
/// assert_eq!(schedule.choices, "1221");         // thread 2 went on, then thread 1
/// # Ok::<(), potok::Error>(())
/// ```
pub fn replay<T: Debug>(
    program: impl Fn() -> T + Send + 'static,
    schedule: &str,
) -> Result<Schedule> {
    Explorer::new().once(program, schedule, Then::Stay)
}

/// Runs `program` up to where `choices` end, and says what each thread would do next.
///
/// For choosing a schedule by hand, one digit a cell.
///
/// # Errors
/// Those of [`replay`].
///
/// # Examples
/// ```
/// use potok::explore::{programs, step};
/// let so_far = step(programs::lost_update, "1")?;
/// let next: Vec<_> = so_far.next.iter().map(|next| next.action.as_str()).collect();
/// assert_eq!(next[1..], ["counter.store", "counter.load"]);     // after main's own
/// assert_eq!(so_far.ending, None);
///
/// let error = step(programs::lost_update, "0").unwrap_err();
/// assert!(error.to_string().contains("possible: 1 (`thread 1`), 2 (`thread 2`)"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn step<T: Debug>(
    program: impl Fn() -> T + Send + 'static,
    choices: &str,
) -> Result<Schedule> {
    Explorer::new().once(program, choices, Then::Stop)
}
