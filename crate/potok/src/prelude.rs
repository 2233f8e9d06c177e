//! Everything that a notebook of the lecture uses: `use potok::prelude::*;` is its set-up.
//!
//! From `std` it brings what the lecture is about, under the names that `std` has. Nothing
//! of `std` is shadowed: potok's modules have other names (`threads`, not `thread`), and its
//! `Result` is not in here.

// What the lecture shows of `std`. `Any` is in the type of what `join` gives: a cell can keep
// that in a variable only where the name is known.
pub use std::any::Any;
pub use std::sync::{Arc, Barrier, Condvar, Mutex, OnceLock, RwLock};
pub use std::thread;
pub use std::time::{Duration, Instant};

// What all sections use: work, traces, measurements, errors, pictures.
pub use crate::Language;
pub use crate::chart::{self, Axis, Bar};
pub use crate::display::{Live, Show, record_live, show};
pub use crate::error::{Error, ErrorKind};
pub use crate::measure::{Plan, Samples, Speedup, measure};
pub use crate::trace::{Activity, LaneRecorder, Recorder, Trace, record};
pub use crate::workload::{busy, chunks, count_primes, ms, wait};

// The sections.
pub use crate::channels::{self, LifoQueue, Pipeline, PriorityQueue, Queue};
pub use crate::coffee::{self, Day, Shop};
pub use crate::explore::{self, Explorer, explore, programs, replay, step};
pub use crate::gil::{self, Gil};
pub use crate::map_reduce::{
    self, Faults, Line, MapReduce, SLIDE, Sequential, Threads, Zipf, files,
    standard_library, word_count,
};
#[cfg(target_os = "linux")]
pub use crate::map_reduce::{Cluster, Processes, Spark};
pub use crate::memory::Memory;
pub use crate::parallel::Parallel;
#[cfg(target_os = "linux")]
pub use crate::processes;
pub use crate::python;
pub use crate::scheduling::{self, Cores, inversion};
pub use crate::sharing::{self, Counter, Philosophers, Semaphore, contention};
pub use crate::threads;
pub use crate::why::{multitasking, server, server::Load, server::Served};
