//! The output of the driver in a job's directory, as a run.
//!
//! *What to notice*: which worker ran what, and when, comes from Spark's own event log; what a
//! task read and emitted, from the program that it started. The driver only collects them.

use super::stream::{Mapped, Reduced};
use super::text;
use crate::coordinator::{Attempt, Phase, TaskOutcome};
use crate::flow::{Flow, MapTask, ReduceTask};
use crate::input::Split;
use crate::phase::label;
use crate::run::Run;
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::trace::{Activity, Lane, Span, Trace};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

/// The results, flow and attempts of a finished job.
pub(super) fn read<K, O>(
    folder: &Path,
    splits: &[Split],
    reducers: usize,
    combined: bool,
) -> Result<Run<K, O>>
where
    K: Ord + DeserializeOwned,
    O: DeserializeOwned,
{
    let (history, flow) = read_flow(folder, splits, reducers, combined)?;
    let mut partitions = vec![];
    for (n, ReduceTask { keys, .. }) in flow.reduces.iter().enumerate() {
        let part = file(folder, &format!("part-{n}"))?;
        let mut results =
            part.split_terminator('\n').map(result).collect::<Result<Vec<(K, O)>>>()?;
        results.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        // A task that ran twice reported twice; only its last results are kept.
        if results.len() as u64 != *keys {
            let text = words::other_keys(n, keys, results.len());
            return Err(Error::new(ErrorKind::Undecodable, text));
        }
        partitions.push(results);
    }
    let trace = history.trace();
    Ok(Run { partitions, flow, tasks: history.attempts, trace })
}

/// Everything but the results.
fn read_flow(
    folder: &Path,
    splits: &[Split],
    reducers: usize,
    combined: bool,
) -> Result<(History, Flow)> {
    let history = History::read(&file(folder, "attempts")?);
    let reports = file(folder, "reports")?;
    let reports: HashMap<(&str, usize), &str> =
        reports.lines().filter_map(report).collect();
    let missing = |phase: &str, n: usize| {
        Error::new(ErrorKind::Undecodable, words::no_task_report(phase, n))
    };

    let mut flow = Flow { combined, spilled: history.written, ..Flow::default() };
    for (n, split) in splits.iter().enumerate() {
        let report = reports.get(&("map", n)).ok_or_else(|| missing("map", n))?;
        let (records, emitted, pairs, shuffled) = text::read::<Mapped>(report)?;
        let worker = history.worker(Phase::Map, n);
        let split = split.clone();
        flow.maps.push(MapTask { split, worker, records, emitted, pairs, shuffled });
    }
    for n in 0..reducers {
        let report = reports.get(&("reduce", n)).ok_or_else(|| missing("reduce", n))?;
        let (keys, groups) = text::read::<Reduced>(report)?;
        let worker = history.worker(Phase::Reduce, n);
        flow.reduces.push(ReduceTask { worker, keys, groups });
    }
    Ok((history, flow))
}

fn file(folder: &Path, name: &str) -> Result<String> {
    std::fs::read_to_string(folder.join(name))
        .map_err(|error| Error::io(words::no_answer(name), &error))
}

fn report(line: &str) -> Option<((&str, usize), &str)> {
    let (phase, rest) = line.split_once('\t')?;
    let (task, text) = rest.split_once('\t')?;
    Some(((phase, task.parse().ok()?), text))
}

fn result<K: DeserializeOwned, O: DeserializeOwned>(line: &str) -> Result<(K, O)> {
    let (key, result) = line
        .split_once('\t')
        .ok_or_else(|| Error::new(ErrorKind::Undecodable, words::not_a_result(line)))?;
    Ok((text::read(key)?, text::read(result)?))
}

/// Every attempt, by Spark's log.
struct History {
    attempts: Vec<Attempt>,
    /// Spark's names of the executors; a worker's number is its place here, from 1.
    executors: Vec<String>,
    /// Bytes that map tasks wrote for the shuffle.
    written: u64,
}

impl History {
    /// Reads lines of phase, task, executor, begin, end, reason and bytes written.
    fn read(text: &str) -> Self {
        let mut history = History { attempts: vec![], executors: vec![], written: 0 };
        let mut lines = text.lines();
        let begin = lines.next().and_then(|line| line.strip_prefix("begin\t"));
        let begin: u64 = begin.and_then(|begin| begin.parse().ok()).unwrap_or(0);
        for line in lines {
            let fields: Vec<&str> = line.split('\t').collect();
            if let [phase, task, executor, start, end, reason, written] = fields[..] {
                let at = |ms: &str| {
                    let ms: u64 = ms.parse().unwrap_or(begin);
                    Duration::from_millis(ms.saturating_sub(begin))
                };
                let worker = history.number(executor);
                let attempt = Attempt {
                    phase: if phase == "map" { Phase::Map } else { Phase::Reduce },
                    task: task.parse().unwrap_or(0),
                    attempt: 0,
                    worker,
                    backup: false,
                    start: at(start),
                    end: Some(at(end)),
                    outcome: outcome(reason),
                };
                if attempt.outcome == TaskOutcome::Done {
                    history.written += written.parse::<u64>().unwrap_or(0);
                }
                history.attempts.push(attempt);
            }
        }
        history.attempts.sort_by_key(|attempt| attempt.start);
        let mut tried: HashMap<(Phase, usize), u32> = HashMap::new();
        for attempt in &mut history.attempts {
            let tried = tried.entry((attempt.phase, attempt.task)).or_default();
            attempt.attempt = *tried;
            *tried += 1;
        }
        history
    }

    fn number(&mut self, executor: &str) -> usize {
        let known = self.executors.iter().position(|other| other == executor);
        known.map_or_else(
            || {
                self.executors.push(executor.to_owned());
                self.executors.len()
            },
            |at| at + 1,
        )
    }

    /// The worker whose result counts.
    fn worker(&self, phase: Phase, task: usize) -> usize {
        let of_task = |a: &&Attempt| {
            (a.phase, a.task, a.outcome) == (phase, task, TaskOutcome::Done)
        };
        self.attempts.iter().rev().find(of_task).map_or(1, |attempt| attempt.worker)
    }

    fn trace(&self) -> Trace {
        let lane = |executor: &String| Lane {
            name: format!("executor {executor}"),
            pid: 0,
            tid: 0,
        };
        let span = |attempt: &Attempt| Span {
            lane: attempt.worker - 1,
            label: label(attempt).into(),
            activity: Activity::Running,
            start: attempt.start,
            end: attempt.end,
            cpu_start: None,
            cpu_end: None,
            depth: 0,
            cpu_time: None,
        };
        Trace {
            lanes: self.executors.iter().map(lane).collect(),
            spans: self.attempts.iter().map(span).collect(),
            recorded: self
                .attempts
                .iter()
                .filter_map(|a| a.end)
                .max()
                .unwrap_or_default(),
            ..Trace::default()
        }
    }
}

/// How an attempt ended, from Spark's name for it.
fn outcome(reason: &str) -> TaskOutcome {
    match reason {
        "Success" => TaskOutcome::Done,
        // Its result was lost with the worker that had it, or the worker itself.
        "Resubmitted" | "ExecutorLostFailure" => TaskOutcome::Lost,
        "TaskKilled" => TaskOutcome::Superseded,
        _ => TaskOutcome::Crashed,
    }
}
