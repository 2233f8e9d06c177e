//! A Spark cluster for the class: master and workers on this machine, as long as a value lives.
//!
//! ```no_run
//! use potok::map_reduce::{Cluster, MapReduce, SLIDE, Spark};
//! let cluster = Cluster::up(2)?;
//! let job = MapReduce::new(
//!     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
//!     |_word, counts| counts.sum::<u64>(),
//! );
//! let run = job.over(SLIDE).on(Spark::at(cluster.url())).run()?;
//! assert_eq!(run.get("Car"), Some(&3));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: these are Spark's real programs, each a process of its own, that talk over
//! this machine's network. `potok-kernel cluster up` starts the same from a terminal.

use super::driver::PythonProcess;
use crate::words;
use potok_base::error::{Error, Result};
use std::time::Duration;

/// How long a cluster may take to start on a busy machine.
const START: Duration = Duration::from_secs(150);

/// A cluster on this machine. It ends when it is dropped, or when this process ends in any
/// way.
#[derive(Debug)]
pub struct Cluster {
    process: PythonProcess,
    url: String,
}

impl Cluster {
    /// Starts a master and this many workers, and waits until all are registered: about ten
    /// seconds. A worker runs one task at a time.
    ///
    /// All ports are on 127.0.0.1, and need a secret that only this user can read.
    ///
    /// # Errors
    /// [`NotFound`](potok_base::ErrorKind::NotFound) without Spark or Java; no worker, or more than 64.
    pub fn up(workers: usize) -> Result<Self> {
        if !(1..=64).contains(&workers) {
            return Err(Error::invalid(words::cluster_size(workers)));
        }
        let args = |_: &_| vec!["hold".to_owned(), workers.to_string()];
        let mut process = PythonProcess::start("cluster.py", args)?;
        let url = process.next_line(words::starting_cluster(), START)?;
        Ok(Cluster { process, url })
    }

    /// Its address, for [`Spark::at`](super::Spark::at).
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends it and waits until all of its processes are gone.
    pub fn down(mut self) {
        self.process.end(Duration::from_secs(30));
    }

    /// Whether Spark is installed here.
    ///
    /// # Errors
    /// [`NotFound`](potok_base::ErrorKind::NotFound), with the command that installs it.
    pub fn installed() -> Result<()> {
        super::driver::python().map(drop)
    }
}
