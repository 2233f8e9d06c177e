//! What a notebook's set-up cell brings in: `use potok::prelude::*;`.
//!
//! Names of `std` are never shadowed: potok's modules have other names (`threads`, not
//! `thread`), and its `Result` stays outside.

pub use crate::chart;
pub use crate::display::{Live, Show, record_live, show};
pub use crate::error::{Error, ErrorKind};
pub use crate::explore::{self, Explorer, explore};
pub use crate::gil::{self, Gil};
pub use crate::map_reduce::{
    self, Faults, Line, MapReduce, Sequential, Threads, Zipf, files, word_count,
};
#[cfg(target_os = "linux")]
pub use crate::map_reduce::{Cluster, Processes, Spark};
pub use crate::measure::{Plan, Samples, Speedup, measure};
#[cfg(target_os = "linux")]
pub use crate::processes;
pub use crate::python;
pub use crate::scheduling::{self, Cores};
pub use crate::threads;
pub use crate::trace::{Activity, Recorder, Trace, record};
pub use crate::why::{multitasking, server, server::Load};
pub use crate::workload::{busy, chunks, count_primes, ms, wait};
