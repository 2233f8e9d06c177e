//! Checks of a student's functions: by value, by overlap, by schedule, under faults.
//!
//! ```
//! use potok::homework::grade;
//! use std::thread;
//!
//! fn squares(numbers: Vec<u64>) -> Vec<u64> {
//!     let work = |n| thread::spawn(move || n * n);
//!     let threads: Vec<_> = numbers.into_iter().map(work).collect();
//!     threads.into_iter().map(|thread| thread.join().unwrap()).collect()
//! }
//! let grade = grade(2.0)
//!     .gives("three numbers", || squares(vec![1, 2, 3]), vec![1, 4, 9])
//!     .hint("Does each number go to the power of two?")
//!     .gives("no numbers", || squares(vec![]), vec![])
//!     .worth(0.0);                              // an empty answer must earn nothing
//! assert_eq!(grade.score(), 2.0);
//! ```
//!
//! *What to notice*: concurrency is judged by what can happen, never by speed and never by
//! luck. Calls that run at the same time meet ([`Grade::meets`]); a program that shares
//! something is tried under every order of its steps ([`Grade::explores`]); one that must
//! survive faults gets them by number ([`Grade::withstands`]). With plain `assert`s, a race
//! and a deadlock passed every check of an exercise on a good day.
//!
//! # What cannot hurt
//! Each check runs in a child: a copy of this process within limits of time, memory, output
//! and processes, which the system lets open no files but its own, reach no network and
//! signal nobody (by Landlock, where the kernel has it: [`confines`]). A panic, `exit(0)`, an endless
//! loop, a crash or a flood of output costs that check and nothing else. The judge is in
//! the parent. What a child prints is kept with its check, so that nothing of it reaches
//! standard error, a line on which makes nbgrader give 0.
//!
//! # What it does not stop
//! A value is compared by its `{:?}`: give the checks values of `std`'s types, not of types
//! whose `Debug` a student wrote. Statements that run when a cell is loaded run outside
//! of any check: whoever grades has to refuse them.
//!
//! # What it costs to build
//! About 3 s of one core's time in the release profile, and the crates below it (rustc 1.95 on
//! a busy machine with 2 cores of an AMD EPYC; `cargo build --release --timings` shows yours).
//!
//! # The files
//! * `grade`: the sentence that a check is written as. `check`: one check and its verdict.
//! * `child`, `confine`: where it runs. `machine`: what else goes on there.
//! * `meeting`, `explored`, `flaky`: overlap, schedules, faults.
//! * `words`: what a student is told. `page`: the card. `points`: what whoever grades is told.

mod check;
mod child;
mod confine;
mod explored;
mod flaky;
mod grade;
mod machine;
mod meeting;
mod page;
mod points;
mod sys;
mod words;

pub use check::{Check, CheckResult};
pub use confine::confines;
pub use flaky::Flaky;
pub use grade::{Grade, grade};
pub use meeting::Meeting;
