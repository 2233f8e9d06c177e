//! Tries every order in which threads can take turns: which results are possible, how
//! often each came out, and the simplest order that goes wrong, drawn.
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
//! *What to notice*: the program is an ordinary function, written with [`thread`] and
//! [`sync`], whose types have the names and the methods of `std`'s.
//!
//! # Why running it often does not help
//! An ordinary run of this program nearly always gives 2: the gap between load and store
//! lasts some nanoseconds. A test that repeats it a million times and passes proves
//! nothing. Here the wrong result is found every time, with the schedule that leads to it.
//!
//! # What an outcome is
//! The value that the program returns, as `{:?}` prints it, or one of five endings: a
//! *panic*; a *deadlock*, in which no thread can continue; a *livelock*, in which threads
//! take steps without an end; *not finished*, a run that was cut and ends with more steps;
//! *stuck*, a thread that takes no step for two seconds, since it computes without an end,
//! sleeps, or waits for something of `std`. What comes out when threads run one after the
//! other is *expected*, unless [`Report::expect`] says otherwise; what
//! takes a preemption is *surprising*.
//!
//! # What it does not prove
//! Each step is seen by all threads at once: sequential consistency. What `Relaxed` allows
//! on real processors is not explored (loom does that). The report says which bound, if
//! any, cut the search. No input is tried but the one you gave.
//!
//! Two things that `std` allows are not tried: spurious wake-ups of a
//! [`Condvar`](sync::Condvar), and a reader that waits behind a waiting writer. A thread
//! that has yielded yields again only after another one has taken a step.
//!
//! The program must do the same each time: no clocks, no random numbers, no values from
//! outside that it changes. It may wait only for what is in this module. The limit of a
//! [`wait_timeout`](sync::Condvar::wait_timeout) is not measured: the time-out is tried at
//! every moment of the wait.
//!
//! # Why not shuttle
//! [shuttle](https://docs.rs/shuttle) explores too, and its source was read first. It is
//! made for tests: the first failure, a deadlock included, ends the search as a panic, not
//! as a value; it shows neither the values after a step nor which thread holds what; and
//! its coroutines share one real thread, so an endless loop in a cell would hang the
//! notebook. It would have left us the switching between threads, for 31 crates that every
//! student would have to compile (7 s more). Making interleavings visible is what potok
//! is for.
//!
//! # The files, in reading order
//! * [`programs`]: small broken programs and their cures. Start here.
//! * `execution`, `context`: threads that pass a baton. `operation`, `object`: what they
//!   can do.
//! * `plan`: which thread is next. `search`: which plans to try. `deadlock`: which thread
//!   waits for which.
//! * `run`: one run, and the thread that watches it. `recording`, `schedule`: its steps as
//!   data. `explorer`, `report`: the bounds and the verdict. `graph`: all runs as one graph.
//! * [`thread`], [`sync`]: the interface of `std`; [`mod@std`]: both under `std`'s paths.
//! * `picture`: outcomes and schedules, drawn; the graph, to be stepped through by hand.
//!
//! # What it costs to build
//! About 14 s of one core's time in the release profile, and the crates below it (rustc 1.95 on
//! a busy machine with 2 cores of an AMD EPYC; `cargo build --release --timings` shows yours).

mod context;
mod deadlock;
mod execution;
mod explorer;
mod graph;
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
pub mod std;
pub mod sync;
pub mod thread;
mod words;

pub use explorer::Explorer;
pub use picture::{outcomes, schedule as schedule_picture, schedule_picture_of};
pub use report::{Coverage, Outcome, Report, Verdict};
pub use schedule::{Ending, Next, Schedule, Step};

use plan::Then;
use potok_base::error::Result;
// At the top of this crate `std` is a module of its own.
use ::std::fmt::Debug;

/// Runs `program` under every schedule and reports what can come out.
///
/// The simplest schedules come first: those with the fewest preemptions. Small programs are
/// explored completely; the default bounds are those of [`Explorer::new`]. The call always
/// returns: a deadlock, an endless loop or a panic in the program is an outcome. No threads
/// are left over, except one that computes without an end.
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
/// Each digit is a step by that thread (`main` is 0, the first spawned thread 1; after 9
/// comes `a`); `>2` after a notification names the thread that wakes. After the end of the
/// string each thread runs as long as it can.
///
/// # Errors
/// A character that names no thread; a step that is not possible there (the error lists
/// those that are).
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

/// Runs `program` up to the end of `choices`, and says what each thread would do next.
///
/// For choosing a schedule by hand, one digit in each cell.
///
/// # Errors
/// Those of [`replay`].
///
/// # Examples
/// ```
/// use potok::explore::{programs, step};
/// let so_far = step(programs::lost_update, "1")?;
/// let next: Vec<_> = so_far.next.iter().map(|next| next.action.as_str()).collect();
/// assert_eq!(next[1..], ["counter.store", "counter.load"]);     // main's comes first
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
