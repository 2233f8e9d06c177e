//! Tries the schedules of a program, the simplest first.
//!
//! Every run is one path through a tree of choices. A run follows a plan and then stays
//! with the running thread; at each choice after its plan, the alternatives are put into
//! a queue, sorted by how many *preemptions* they contain: turns taken from a thread that
//! could have continued. So each schedule is run exactly once, and the first that shows an
//! outcome has the fewest preemptions.
//!
//! Source: Madanlal Musuvathi and Shaz Qadeer, "Iterative Context Bounding for Systematic
//! Testing of Multithreaded Programs" (2007): most bugs need one or two preemptions.

use super::execution::End;
use super::explorer::Explorer;
use super::graph::Tree;
use super::plan::{Choice, Decision, Then};
use super::run::{Run, Watch, run};
use super::schedule::{Ending, Schedule};
use crate::words;
use potok_base::error::{Error, ErrorKind};
use potok_base::random::Random;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

/// Outcomes beyond this number are counted, but not drawn.
const MOST_DRAWN: usize = 24;

/// Everything that was tried.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) found: Vec<Found>,
    by_ending: HashMap<Ending, usize>,
    paths: HashMap<Arc<[Choice]>, usize>,
    /// What was seen on them, for stepping by hand.
    pub(super) tree: Tree,
    pub(super) random: usize,
    /// All schedules with at most so many preemptions were tried.
    pub(super) complete: Option<usize>,
    /// All schedules were tried.
    pub(super) exhausted: bool,
    /// Schedules beyond that were tried as well.
    pub(super) others: bool,
    most_preemptions: usize,
    /// A thread that had yielded was kept from yielding again.
    pub(super) yields: bool,
    /// A condition variable was waited on.
    pub(super) sleeps: bool,
    /// Why the search stopped early.
    pub(super) trouble: Option<String>,
}

/// One outcome and the shortest schedule that shows it.
pub(super) struct Found {
    pub(super) ending: Ending,
    pub(super) count: usize,
    pub(super) preemptions: usize,
    pub(super) path: Arc<[Choice]>,
    pub(super) schedule: Option<Schedule>,
    /// For each outcome: how many choices this path shares with one of its schedules.
    pub(super) shared: Vec<usize>,
}

/// A schedule not yet tried: the beginning of one that was, and a different choice.
struct Pending {
    path: Arc<[Choice]>,
    keep: usize,
    other: Choice,
}

/// Tries the schedules of `program` within the bounds of `explorer`.
pub(super) fn search(
    explorer: &Explorer,
    program: &dyn Fn() -> String,
    watch: &Watch,
) -> Findings {
    let mut findings = Findings::default();
    if !explorer.states {
        findings.tree = Tree::given_up();
    }
    let deadline = Instant::now() + explorer.timeout;
    // A third of the time is kept for random schedules, in case these are too many.
    let half = Instant::now() + explorer.timeout * 2 / 3;
    let done = findings.systematically(explorer, program, watch, half);
    if !done && findings.trouble.is_none() {
        findings.at_random(explorer, program, watch, deadline);
    }
    let beyond = |within| findings.most_preemptions > within;
    findings.others = findings.complete.is_some_and(beyond);
    findings.draw(explorer, program, watch);
    findings
}

impl Findings {
    /// The search was given up, for this reason. A run that was stuck is an outcome, as it
    /// is where its threads could be ended.
    pub(super) fn failed(error: &Error) -> Self {
        let mut findings = Findings::default();
        if error.kind() == ErrorKind::TimedOut {
            let path: Arc<[Choice]> = Arc::from([]);
            findings.paths.insert(Arc::clone(&path), 0);
            let ending = Ending::Stuck(error.to_string());
            let (count, preemptions) = (1, 0);
            let (schedule, shared) = (None, vec![]);
            findings.found =
                vec![Found { ending, count, preemptions, path, schedule, shared }];
        }
        findings.trouble = Some(error.to_string());
        findings
    }

    pub(super) fn schedules(&self) -> usize {
        self.paths.len()
    }

    /// Returns whether all within the bound on preemptions were tried.
    fn systematically(
        &mut self,
        explorer: &Explorer,
        program: &dyn Fn() -> String,
        watch: &Watch,
        deadline: Instant,
    ) -> bool {
        let mut queue: BTreeMap<usize, Vec<Pending>> = BTreeMap::new();
        let mut left_out = false;
        let mut plan = vec![];
        let mut preemptions = 0;
        loop {
            let planned = plan.len();
            let chosen = explorer.plan(plan, Then::Stay);
            let run = run(program, chosen, self.tree.grows(), watch);
            if run.trail.len() < planned {
                self.trouble = Some(words::other_steps().to_owned());
                return false;
            }
            let Some(path) = self.add(&run, preemptions) else { return false };
            let mut cost = 0;
            for (keep, decision) in run.trail.iter().enumerate() {
                if keep >= planned {
                    for other in others(decision) {
                        let cost =
                            cost + usize::from(decision.preempts(other.thread()));
                        if explorer.preemptions.is_some_and(|most| cost > most) {
                            left_out = true;
                            continue;
                        }
                        let path = Arc::clone(&path);
                        let pending = Pending { path, keep, other };
                        queue.entry(cost).or_default().push(pending);
                    }
                }
                cost += usize::from(decision.preempts(decision.choice.thread()));
            }
            let Some((cost, pending)) = pop(&mut queue) else {
                self.exhausted = !left_out;
                self.complete = explorer.preemptions;
                return true;
            };
            self.complete = cost.checked_sub(1);
            if self.schedules() >= explorer.schedules || Instant::now() > deadline {
                return false;
            }
            preemptions = cost;
            plan = pending.path[..pending.keep].to_vec();
            plan.push(pending.other);
        }
    }

    fn at_random(
        &mut self,
        explorer: &Explorer,
        program: &dyn Fn() -> String,
        watch: &Watch,
        deadline: Instant,
    ) {
        for n in 0..explorer.random as u64 {
            if Instant::now() > deadline {
                return;
            }
            let random =
                Random::seeded(explorer.seed.wrapping_add(n.wrapping_mul(0x2545_f491)));
            let plan = explorer.plan(vec![], Then::Random(random));
            let run = run(program, plan, self.tree.grows(), watch);
            let preempts = |d: &&Decision| d.preempts(d.choice.thread());
            let preemptions = run.trail.iter().filter(preempts).count();
            if explorer.preemptions.is_some_and(|most| preemptions > most) {
                continue;
            }
            let before = self.schedules();
            if self.add(&run, preemptions).is_none() {
                return;
            }
            self.random += self.schedules() - before;
        }
    }

    /// Counts a run; `None` if the search has to stop after it.
    fn add(&mut self, run: &Run, preemptions: usize) -> Option<Arc<[Choice]>> {
        let ending = match &run.end {
            End::Program(ending) => ending,
            End::Paused | End::BadChoice(_) => {
                self.trouble = Some(words::other_steps().to_owned());
                return None;
            }
        };
        let path: Arc<[Choice]> = run.trail.iter().map(|d| d.choice).collect();
        self.yields |= run.trail.iter().any(|d| d.kept_back);
        self.sleeps |= run.sleeps;
        self.most_preemptions = self.most_preemptions.max(preemptions);
        let index = *self.by_ending.entry(ending.clone()).or_insert(self.found.len());
        if index == self.found.len() {
            self.found.push(Found {
                ending: ending.clone(),
                count: 0,
                preemptions,
                path: Arc::clone(&path),
                schedule: None,
                shared: vec![],
            });
        }
        self.tree.add(run, index);
        if self.paths.insert(Arc::clone(&path), index).is_none() {
            let found = &mut self.found[index];
            found.count += 1;
            let size = |preemptions, path: &Arc<[Choice]>| {
                (preemptions, path.len(), Arc::clone(path))
            };
            if size(preemptions, &path) < size(found.preemptions, &found.path) {
                found.preemptions = preemptions;
                found.path = Arc::clone(&path);
            }
        }
        if let Ending::Stuck(why) = ending {
            self.trouble = Some(why.clone());
            return None;
        }
        Some(path)
    }

    /// Runs the shortest schedule of each outcome again and records it.
    fn draw(
        &mut self,
        explorer: &Explorer,
        program: &dyn Fn() -> String,
        watch: &Watch,
    ) {
        let outcomes = self.found.len();
        // Panics, deadlocks and the like come first, so that they are never left out.
        let mut found: Vec<&mut Found> = self.found.iter_mut().collect();
        found.sort_by_key(|found| matches!(found.ending, Ending::Returned(_)));
        for found in found.into_iter().take(MOST_DRAWN) {
            found.shared = vec![0; outcomes];
            for (path, &outcome) in &self.paths {
                let same = path.iter().zip(&*found.path).take_while(|(a, b)| a == b);
                let shared = &mut found.shared[outcome];
                *shared = (*shared).max(same.count());
            }
            if matches!(found.ending, Ending::Stuck(_)) {
                continue;
            }
            let plan = explorer.plan(found.path.to_vec(), Then::Stay);
            let again = run(program, plan, true, watch);
            match again.end {
                End::Program(ending) if ending == found.ending => {
                    found.schedule = again.schedule;
                }
                _ => {
                    self.trouble.get_or_insert_with(|| words::other_steps().to_owned());
                }
            }
            if matches!(found.ending, Ending::Livelock(_)) {
                let mut plan = explorer.plan(found.path.to_vec(), Then::Stay);
                plan.most_steps = 2 * explorer.steps + 100;
                if has_end(&run(program, plan, false, watch).end) {
                    found.ending = Ending::Unfinished(words::cut_after(explorer.steps));
                    if let Some(schedule) = &mut found.schedule {
                        schedule.ending = Some(found.ending.clone());
                    }
                }
            }
        }
    }
}

/// Whether a run ended by itself.
pub(super) fn has_end(end: &End) -> bool {
    match end {
        End::Program(ending) => {
            !matches!(ending, Ending::Livelock(_) | Ending::Stuck(_))
        }
        End::Paused | End::BadChoice(_) => false,
    }
}

/// The alternatives to a choice.
fn others(decision: &Decision) -> impl Iterator<Item = Choice> {
    let Decision { choice, options, .. } = *decision;
    (0..64)
        .filter(move |thread| options >> thread & 1 == 1 && *thread != choice.thread())
        .map(move |thread| choice.with(thread))
}

/// The pending schedule with the fewest preemptions; of those, the one added last.
fn pop(queue: &mut BTreeMap<usize, Vec<Pending>>) -> Option<(usize, Pending)> {
    loop {
        let mut first = queue.first_entry()?;
        let preemptions = *first.key();
        if let Some(pending) = first.get_mut().pop() {
            return Some((preemptions, pending));
        }
        first.remove();
    }
}
