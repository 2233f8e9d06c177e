//! The graph of all runs on a page, to be stepped through by hand.
//!
//! *What to notice*: it comes with its script and not without it: a page that is not
//! trusted shows the pictures alone. The script is told all states in advance, so it works
//! where no kernel does.

use super::outcomes::sign;
use crate::graph::{Graph, Obstacle, State};
use crate::report::{Report, Verdict};
use crate::schedule::Ending;
use crate::words;
use potok_chart::display::{Piece, script_list, script_text, scripted};
use potok_chart::label;

/// A function that is called with the words, the endings and the graph.
const SCRIPT: &str = include_str!("stepper.js");

/// A page carries this many bytes of states at most.
const MOST_BYTES: usize = 200_000;

/// Adds it, or says that the program is too large for it.
pub(super) fn add_to(piece: &mut Piece, report: &Report) {
    if report.trouble.is_some() {
        return;
    }
    let page = report.graph.as_deref().and_then(|graph| page(report, graph));
    match page {
        Some(page) => piece.html += &page,
        None => {
            let words = words::too_many_states();
            piece.html += &format!("<p>{words}</p>");
            piece.text = format!("{}\n\n{words}\n", piece.text.trim_end());
        }
    }
}

/// The script and all that it is told, unless that is too much.
fn page(report: &Report, graph: &Graph) -> Option<String> {
    let endings = graph.endings.iter().map(|ending| end(report, ending));
    let data = [vec![fixed_words(), list(endings)], data(graph)].concat();
    let bytes: usize = data.iter().map(String::len).sum();
    (bytes <= MOST_BYTES).then(|| scripted("steps", "", SCRIPT, &data))
}

/// The texts, the names of threads and objects, and the states, as a script has them.
fn data(graph: &Graph) -> Vec<String> {
    let text = |index: &usize| graph.texts[*index].as_str();
    // As in a picture, an object that no step is about is left out.
    let about = |name: &str| {
        let steps = graph.texts.iter().filter_map(|text| text.strip_prefix(name));
        steps.into_iter().any(|rest| rest.starts_with('.'))
    };
    let columns = |column: &usize| about(text(&graph.columns[*column]));
    let shown: Vec<usize> = (0..graph.columns.len()).filter(columns).collect();
    let names = shown.iter().map(|&column| text(&graph.columns[column]));
    let texts: Vec<String> =
        graph.texts.iter().map(|text| label::short(text, 200)).collect();
    vec![
        script_list(texts.iter().map(String::as_str)),
        script_list(graph.lanes.iter().map(text)),
        script_list(names),
        list(graph.states.iter().map(|one| state(one, &shown))),
    ]
}

/// `[values, turns, ending]`, the last only at the end of a run.
fn state(state: &State, shown: &[usize]) -> String {
    let value = |column: &usize| {
        let value = state.values.iter().find(|(at, _)| at == column);
        value.map_or_else(|| "-1".to_owned(), |(_, value)| value.to_string())
    };
    let turns = state.turns.iter().map(|turn| {
        let obstacle = match turn.obstacle {
            Obstacle::Waits => 0,
            Obstacle::Yielded => 1,
            Obstacle::Untried => 2,
        };
        let ways = turn.ways.iter();
        let ways =
            ways.map(|way| format!(",[{},{},{}]", way.choices, way.action, way.to));
        let ways: String = ways.collect();
        format!("[{},{},{obstacle}{ways}]", turn.lane, turn.action)
    });
    let (values, turns) = (list(shown.iter().map(value)), list(turns));
    let ending = state.ending.map_or_else(String::new, |ending| format!(",{ending}"));
    format!("[{values},{turns}{ending}]")
}

/// What is said at the end of a run, its verdict, and whether it is a bad one.
fn end(report: &Report, ending: &Ending) -> String {
    let outcome = report.outcomes.iter().find(|outcome| outcome.ending == *ending);
    let verdict = outcome.map_or(Verdict::Open, |outcome| outcome.verdict);
    let told = match ending {
        Ending::Returned(value) => words::returned(label::short(value, 200)),
        ending => ending.to_string(),
    };
    let (word, colour) = sign(verdict);
    let colour = format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2);
    let bad = verdict > Verdict::Open;
    format!(
        "[{},{},{},{bad}]",
        script_text(&told),
        script_text(word),
        script_text(&colour)
    )
}

fn fixed_words() -> String {
    let words = [
        ("title", words::step_by_hand()),
        ("choose", words::choose()),
        ("back", words::step_back()),
        ("restart", words::to_the_start()),
        ("schedule", words::schedule_string()),
        ("copy", words::copy_schedule()),
        ("copied", words::copied()),
        ("taken", words::steps_taken()),
        ("step", words::column_step()),
        ("start", words::start()),
        ("wrong", words::from_here_wrong()),
    ];
    let words = words.map(|(name, words)| format!("{name}: {}", script_text(words)));
    let obstacles = [words::waits(), words::has_yielded(), words::untried()];
    format!("{{{}, obstacles: {}}}", words.join(", "), script_list(obstacles))
}

fn list(parts: impl Iterator<Item = String>) -> String {
    format!("[{}]", parts.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests;
