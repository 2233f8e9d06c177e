//! A graph has each run of the search, and nothing else.

use super::*;
use crate::plan::Then;
use crate::run::{Watch, run};
use crate::{Explorer, Report, explore, programs, replay};
use std::collections::{BTreeSet, HashSet};
use std::fmt::Debug;
use std::time::Duration;

/// The way from the start to each end: choices, actions, values after each, the ending.
struct Walk<'a> {
    choices: String,
    actions: Vec<&'a str>,
    values: Vec<Vec<&'a str>>,
    ending: &'a Ending,
}

fn walks(graph: &Graph) -> Vec<Walk<'_>> {
    let mut found = vec![];
    let mut open = vec![(graph.states.len() - 1, String::new(), vec![], vec![])];
    while let Some((at, choices, actions, values)) = open.pop() {
        let state = &graph.states[at];
        if let Some(ending) = state.ending {
            let ending = &graph.endings[ending];
            found.push(Walk { choices, actions, values, ending });
            continue;
        }
        for way in state.turns.iter().flat_map(|turn| &turn.ways) {
            let text = |text: &Text| graph.texts[*text].as_str();
            let then = &graph.states[way.to].values;
            let choices = format!("{choices}{}", text(&way.choices));
            let actions = [&actions[..], &[text(&way.action)]].concat();
            let now = then.iter().map(|(_, value)| text(value)).collect();
            let values = [&values[..], &[now]].concat();
            open.push((way.to, choices, actions, values));
        }
    }
    found
}

fn graph(report: &Report) -> &Graph {
    report.graph.as_ref().expect("it is small enough")
}

/// Each run once, with the ending that the report counted.
fn has_each_run<T: Debug + 'static>(program: fn() -> T) {
    let report = explore(program);
    let walks = walks(graph(&report));
    assert_eq!(walks.len(), report.schedules);
    for outcome in &report.outcomes {
        let ways = walks.iter().filter(|walk| *walk.ending == outcome.ending);
        assert_eq!(ways.count(), outcome.count, "{}", outcome.ending);
    }
    for walk in walks.iter().step_by(walks.len().div_ceil(50)) {
        let run = replay(program, &walk.choices).unwrap();
        assert_eq!(run.choices, walk.choices);
        let actions: Vec<&str> = run.steps.iter().map(|step| &*step.action).collect();
        assert_eq!(actions, walk.actions);
        let values: Vec<_> = run.steps.iter().map(|step| step.values.clone()).collect();
        assert_eq!(walk.values, values);
        assert_eq!(run.ending.as_ref(), Some(walk.ending));
    }
}

#[test]
fn a_graph_has_each_run_of_the_search() {
    has_each_run(programs::lost_update);
    has_each_run(programs::updates_under_lock);
    has_each_run(programs::locks_in_opposite_order);
    has_each_run(programs::flag_before_value);
}

#[test]
fn a_step_that_wakes_one_of_two_has_two_ways() {
    has_each_run(programs::semaphore_checks_once);
    let report = explore(programs::semaphore_checks_once);
    let turns = graph(&report).states.iter().flat_map(|state| &state.turns);
    let forks = turns.filter(|turn| turn.ways.len() == 2).count();
    assert!(forks > 0);
}

#[test]
fn a_thread_that_cannot_go_on_says_why() {
    let report = explore(programs::locks_in_opposite_order);
    let stuck = |state: &&State| {
        let ending = state.ending.map(|ending| &graph(&report).endings[ending]);
        matches!(ending, Some(Ending::Deadlock(_)))
    };
    let stuck = graph(&report).states.iter().find(stuck).unwrap();
    let why: Vec<_> = stuck.turns.iter().map(|turn| turn.obstacle).collect();
    assert_eq!(why, [Obstacle::Waits, Obstacle::Waits]);

    // One thread after the other: what would take a preemption was not tried.
    let report = Explorer::new().preemptions(0).explore(programs::lost_update);
    let turns = graph(&report).states.iter().flat_map(|state| &state.turns);
    let shut: Vec<_> = turns.filter(|turn| turn.ways.is_empty()).collect();
    assert!(!shut.is_empty());
    assert!(shut.iter().all(|turn| turn.obstacle == Obstacle::Untried));

    let report = explore(|| {
        let ready = crate::sync::atomic::AtomicBool::new(false);
        let order = crate::sync::atomic::Ordering::SeqCst;
        crate::thread::scope(|s| {
            s.spawn(|| {
                while !ready.load(order) {
                    crate::thread::yield_now();
                }
            });
            s.spawn(|| ready.store(true, order));
        });
    });
    let turns = graph(&report).states.iter().flat_map(|state| &state.turns);
    let why: Vec<_> = turns.map(|turn| turn.obstacle).collect();
    assert!(why.contains(&Obstacle::Yielded));
}

#[test]
fn a_state_stands_for_all_prefixes_that_lead_to_it() {
    let report = explore(programs::lost_update);
    let (graph, walks) = (graph(&report), walks(graph(&report)));
    let prefixes: BTreeSet<&str> = walks
        .iter()
        .flat_map(|walk| (0..=walk.choices.len()).map(|end| &walk.choices[..end]))
        .collect();
    let states = graph.states.len();
    assert!(states < prefixes.len(), "{states} of {}", prefixes.len());
    let different: HashSet<&State> = graph.states.iter().collect();
    assert_eq!(different.len(), states);
}

#[test]
fn there_is_an_end_to_states_and_prefixes() {
    let report = explore(programs::lost_update);
    let states = graph(&report).states.len();
    let merged = |most| super::merge::merged(graph(&report).clone(), most);
    assert!(merged(states).is_some() && merged(states - 1).is_none());

    let program = || format!("{:?}", programs::lost_update());
    let plan = Explorer::new().plan(vec![], Then::Stay);
    let run = run(&program, plan, true, &Watch::default());
    let mut tree = Tree::default();
    tree.add(&run, 0);
    let ends = || vec![Ending::Returned("2".into())];
    // The start, and one for each of four steps.
    tree.give_up_beyond(5);
    assert!(tree.grows());
    tree.give_up_beyond(4);
    assert!(!tree.grows());
    tree.add(&run, 0);
    assert!(tree.merged(ends()).is_none());
}

#[test]
fn a_program_too_large_to_be_carried_is_explored_without_a_graph() {
    // However slow the machine is: all that counts is how much was tried.
    let explorer = Explorer::new().timeout(Duration::from_secs(120)).random(0);
    let report = explorer.explore(|| {
        let steps = crate::sync::atomic::AtomicU32::new(0);
        let order = crate::sync::atomic::Ordering::SeqCst;
        crate::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    for _ in 0..4 {
                        steps.fetch_add(1, order);
                    }
                });
            }
        });
    });
    assert!(report.graph.is_none() && report.passed());
}

#[test]
fn where_nobody_steps_no_run_is_recorded() {
    let program = || format!("{:?}", programs::lost_update());
    let tree = |explorer: Explorer| {
        crate::search::search(&explorer, &program, &Watch::default()).tree
    };
    assert!(tree(Explorer::new()).grows());
    // A run is recorded where the tree grows by it.
    assert!(!tree(Explorer::new().outcomes_only()).grows());
    let report = Explorer::new().outcomes_only().explore(programs::lost_update);
    assert!(report.graph.is_none());
    assert_eq!(report.schedules, explore(programs::lost_update).schedules);
}

#[test]
fn objects_and_threads_have_their_names() {
    let report = explore(programs::lost_update);
    let graph = graph(&report);
    let text = |text: &Text| graph.texts[*text].as_str();
    let lanes: Vec<&str> = graph.lanes.iter().map(text).collect();
    let columns: Vec<&str> = graph.columns.iter().map(text).collect();
    assert_eq!((lanes, columns), (vec!["thread 1", "thread 2"], vec!["counter"]));
}
