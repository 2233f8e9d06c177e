//! The messages between coordinator and workers.

use super::super::coordinator::Phase;
use super::super::flow::{MapTask, ReduceTask};
use super::super::runs::Runs;
use potok_base::error::Result;
use potok_base::trace::Trace;
use serde::{Deserialize, Serialize};

/// To a worker: run this attempt.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) phase: Phase,
    pub(super) task: usize,
    pub(super) attempt: u32,
    /// Its label on a timeline.
    pub(super) label: String,
    /// For a reduce task: its runs, by map task.
    pub(super) runs: Vec<Runs>,
}

/// From a worker: the result, and what was recorded meanwhile.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) result: Result<Product>,
    pub(super) traces: Vec<(u64, Trace)>,
}

/// The output of a task.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Product {
    /// Of a map task: the runs of each partition. Of a reduce task: the results.
    pub(super) runs: Vec<Runs>,
    pub(super) map: Option<MapTask>,
    pub(super) reduce: Option<ReduceTask>,
}
