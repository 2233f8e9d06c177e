//! The tree of the prefixes of all runs.

use super::merge::merged;
use super::{Graph, Obstacle, State, Text, Turn, Way};
use crate::plan::{Choice, Decision};
use crate::run::Run;
use crate::schedule::{self, Ending, Next, Schedule};
use std::collections::HashMap;

/// A tree with more prefixes is given up, and with it the recording of runs.
const MOST_PREFIXES: usize = 60_000;
/// A page carries this many states at most.
const MOST_STATES: usize = 4_000;

/// Grows by a branch with each run.
#[derive(Default)]
pub(crate) struct Tree {
    /// The first is the start; each stands before those that follow it.
    states: Vec<State>,
    texts: Vec<String>,
    known: HashMap<String, Text>,
    lanes: Vec<Text>,
    columns: Vec<Text>,
    /// A column is an object: two of the same name are two.
    objects: HashMap<(usize, Text), usize>,
    given_up: bool,
}

impl Tree {
    /// One that does not grow: runs are not recorded for it.
    pub(crate) fn given_up() -> Self {
        Tree { given_up: true, ..Tree::default() }
    }

    /// Whether another run is of use to it.
    pub(crate) fn grows(&self) -> bool {
        !self.given_up
    }

    /// Adds a run that was recorded, and ends with the ending of this number.
    pub(crate) fn add(&mut self, run: &Run, ending: usize) {
        let Some(schedule) = run.schedule.as_ref().filter(|_| self.grows()) else {
            return;
        };
        if self.states.is_empty() {
            self.states.push(State::default());
            self.states[0].values = self.values(schedule, &schedule.initial);
        }
        let mut at = 0;
        let mut trail = run.trail.iter().peekable();
        for (step, before) in schedule.steps.iter().zip(&run.before) {
            let Some(decision) = trail.next() else { return };
            let mut choices = vec![decision.choice];
            let wakes =
                |decision: &&Decision| matches!(decision.choice, Choice::Wake(_));
            while let Some(wake) = trail.next_if(wakes) {
                choices.push(wake.choice);
            }
            self.offer(at, schedule, before, decision.options);
            let lane = self.lane(schedule, step.thread);
            let [choices, action] =
                [&schedule::spell(&choices), &step.action].map(|text| self.text(text));
            at = match self.follow(at, lane, choices) {
                Some(known) => known,
                None => {
                    let values = self.values(schedule, &step.values);
                    self.states.push(State { values, ..State::default() });
                    let to = self.states.len() - 1;
                    let turn =
                        self.states[at].turns.iter_mut().find(|t| t.lane == lane);
                    if let Some(turn) = turn {
                        turn.ways.push(Way { choices, action, to });
                    }
                    to
                }
            };
        }
        self.offer(at, schedule, &schedule.next, !0);
        self.states[at].ending = Some(ending);
        self.give_up_beyond(MOST_PREFIXES);
    }

    pub(super) fn give_up_beyond(&mut self, prefixes: usize) {
        if self.states.len() > prefixes {
            *self = Tree::given_up();
        }
    }

    /// The graph that it is, unless it is too large.
    pub(crate) fn merged(self, endings: Vec<Ending>) -> Option<Graph> {
        if self.given_up || self.states.is_empty() {
            return None;
        }
        let Tree { states, texts, lanes, columns, .. } = self;
        merged(Graph { states, texts, lanes, columns, endings }, MOST_STATES)
    }

    /// Notes what each thread would do in a state that is new.
    fn offer(&mut self, at: usize, schedule: &Schedule, next: &[Next], eager: u64) {
        if !self.states[at].turns.is_empty() {
            return;
        }
        let news = next.iter().filter(|next| next.is_news());
        let turn = |next: &Next| Turn {
            lane: self.lane(schedule, next.thread),
            action: self.text(&next.action),
            obstacle: match next.possible {
                false => Obstacle::Waits,
                true if eager >> next.thread & 1 == 0 => Obstacle::Yielded,
                true => Obstacle::Untried,
            },
            ways: vec![],
        };
        let turns = news.map(turn).collect();
        self.states[at].turns = turns;
    }

    fn follow(&self, at: usize, lane: usize, choices: Text) -> Option<usize> {
        let turn = self.states[at].turns.iter().find(|turn| turn.lane == lane)?;
        let way = turn.ways.iter().find(|way| way.choices == choices)?;
        Some(way.to)
    }

    fn values(&mut self, schedule: &Schedule, values: &[String]) -> Vec<(usize, Text)> {
        let named = schedule.variables.iter().zip(values).enumerate();
        let value = |(index, (name, value)): (usize, (&String, &String))| {
            let name = self.text(name);
            let next = self.columns.len();
            let column = *self.objects.entry((index, name)).or_insert(next);
            if column == next {
                self.columns.push(name);
            }
            (column, self.text(value))
        };
        named.map(value).collect()
    }

    fn lane(&mut self, schedule: &Schedule, thread: usize) -> usize {
        let name = self.text(&schedule.numbered(thread));
        let known = self.lanes.iter().position(|lane| *lane == name);
        known.unwrap_or_else(|| {
            self.lanes.push(name);
            self.lanes.len() - 1
        })
    }

    fn text(&mut self, text: &str) -> Text {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        self.texts.push(text.to_owned());
        self.known.insert(text.to_owned(), self.texts.len() - 1);
        self.texts.len() - 1
    }
}
