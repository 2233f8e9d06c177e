//! A schedule as text: below the picture, for a screen reader, for a terminal.

use super::layout::{self, Layout, Row};
use crate::words;
use crate::{Ending, Schedule};
use potok_base::language::noun::{MORE_OBJECT, STEP};
use potok_chart::card::{MARGIN, SMALL, WIDTH};
use potok_chart::label;
use potok_chart::units::count;
use potok_chart::wrap::wrap;
use std::fmt::Write;

/// Its length, and the call that replays it.
pub(super) fn facts(schedule: &Schedule, program: &str) -> String {
    let steps = count(schedule.steps.len(), STEP);
    if schedule.choices.len() > LONG {
        return steps;
    }
    format!("{steps}; {}", schedule.again(program))
}

/// A longer string of choices is put below the table.
const LONG: usize = 80;

/// How it ended.
fn told(schedule: &Schedule) -> String {
    match &schedule.ending {
        None => words::choose().to_owned(),
        Some(Ending::Returned(value)) => words::returned(label::short(value, 200)),
        Some(ending) => ending.to_string(),
    }
}

/// How it ended, in lines.
pub(super) fn ending(schedule: &Schedule) -> Vec<String> {
    let room = (WIDTH - 2.0 * MARGIN) / 1.07;
    told(schedule)
        .split("; ")
        .flat_map(|part| wrap(part, SMALL, room))
        .take(12)
        .collect()
}

/// The end and the first steps, in sentences. The end comes first, as the text for a
/// screen reader is short.
pub(super) fn describe(schedule: &Schedule) -> String {
    let name = |thread: usize| schedule.threads.get(thread).map_or("?", String::as_str);
    let mut words = told(schedule).trim_end_matches('.').to_owned() + ". ";
    if let Some(step) = schedule.breaking {
        let step = step + 1;
        words += &crate::words::from_step(step);
    }
    for (i, step) in schedule.steps.iter().enumerate().take(12) {
        let _ = write!(words, "{}: {} {}. ", i + 1, name(step.thread), step.action);
    }
    if schedule.steps.len() > 12 {
        words.push_str(crate::words::and_so_on());
    }
    words.trim_end().to_owned()
}

/// A line for each row of the picture.
pub(super) fn text(schedule: &Schedule, layout: &Layout<'_>, program: &str) -> String {
    let name = |thread: usize| schedule.numbered(thread);
    let mut rows = vec![
        ["", words::column_thread(), words::column_step(), words::values_after()]
            .map(str::to_owned),
    ];
    for row in &layout.rows {
        rows.push(match row {
            Row::Start => {
                let values = layout.told(&schedule.initial, &[]);
                [words::start().into(), String::new(), String::new(), values]
            }
            Row::Gap(hidden) => {
                let words = words::not_shown(count(*hidden, STEP));
                ["…".into(), String::new(), words, String::new()]
            }
            Row::Step(index) => {
                let Some(step) = schedule.steps.get(*index) else { continue };
                let breaks = schedule.breaking == Some(*index);
                let mark = if breaks { words::goes_wrong() } else { "" };
                let values =
                    layout.told(&step.values, layout::before(schedule, *index));
                let who = name(step.thread);
                [(index + 1).to_string(), who, step.action.clone(), values + mark]
            }
            Row::Next(next) => {
                let words = super::next_word(next.possible);
                let who = name(next.thread);
                [words.into(), who, next.action.clone(), String::new()]
            }
        });
    }
    let mut text = layout::aligned(&rows) + "\n" + &ending(schedule).join("\n") + "\n";
    if layout.hidden > 0 {
        let _ =
            writeln!(text, "{}", words::not_shown(count(layout.hidden, MORE_OBJECT)));
    }
    if schedule.choices.len() > LONG {
        let _ = writeln!(text, "{}", schedule.again(program));
    }
    text
}
