//! The lanes, columns and rows of a schedule, and their widths.

use crate::{Next, Schedule};
use potok_chart::card::{MARGIN, SMALL, WIDTH};
use potok_chart::label;

/// The height of a row where there are few of them.
pub(super) const ROW: f64 = 25.0;
/// Room for the number of a step.
const NUMBERS: f64 = 44.0;
const MOST_STEPS: usize = 60;
const FIRST: usize = 20;
const MOST_COLUMNS: usize = 8;

/// The parts of the picture.
pub(super) struct Layout<'a> {
    pub(super) lanes: Vec<Lane>,
    pub(super) columns: Vec<Column<'a>>,
    /// The number of objects for which there is no room.
    pub(super) hidden: usize,
    pub(super) rows: Vec<Row<'a>>,
    /// How high a row is.
    pub(super) row: f64,
    steps: &'a [crate::Step],
}

/// A thread.
pub(super) struct Lane {
    pub(super) thread: usize,
    pub(super) name: String,
    pub(super) width: f64,
    left: f64,
}

/// A shared object.
pub(super) struct Column<'a> {
    pub(super) index: usize,
    pub(super) name: &'a str,
    pub(super) left: f64,
    pub(super) width: f64,
}

/// A line of the picture.
pub(super) enum Row<'a> {
    /// The values before the first step.
    Start,
    /// This many steps are left out.
    Gap(usize),
    /// An index into the steps.
    Step(usize),
    /// What a thread would do next.
    Next(&'a Next),
}

impl Lane {
    pub(super) fn middle(&self) -> f64 {
        self.left + self.width / 2.0
    }
}

impl<'a> Layout<'a> {
    pub(super) fn new(schedule: &'a Schedule) -> Self {
        let rows = rows(schedule);
        let mut lanes = lanes(schedule, &rows);
        let mut columns = columns(schedule);
        let hidden = columns.len().saturating_sub(MOST_COLUMNS);
        columns.truncate(MOST_COLUMNS);
        let room = WIDTH - 2.0 * MARGIN - NUMBERS;
        // Where there is not enough room, lanes get narrower: what a step did may stand
        // over its neighbours' lines, a value may not stand over another.
        let of_lanes: f64 = lanes.iter().map(|lane| lane.width).sum();
        let of_columns: f64 = columns.iter().map(|column| column.width).sum();
        let most = (room - of_lanes).max(room / 2.0);
        let narrow = (most / of_columns.max(1.0)).min(1.0);
        let left_over = room - of_columns * narrow;
        let shrink = (left_over / of_lanes.max(1.0)).min(1.0);
        let spare = (left_over - of_lanes).max(0.0) / lanes.len().max(1) as f64;
        let mut left = MARGIN + NUMBERS;
        for lane in &mut lanes {
            lane.width = lane.width * shrink + spare.min(60.0);
            lane.left = left;
            left += lane.width;
        }
        left += 8.0_f64.min(spare);
        for column in &mut columns {
            column.width *= narrow;
            column.left = left;
            left += column.width;
        }
        Layout { lanes, columns, hidden, rows, row: ROW, steps: &schedule.steps }
    }

    /// From the left side of the first lane to the right side of the last.
    pub(super) fn across(&self) -> (f64, f64) {
        let from = self.lanes.first().map_or(MARGIN, |lane| lane.left);
        let to = self.lanes.last().map_or(from, |lane| lane.left + lane.width);
        (from, to)
    }

    /// The lane of the thread that took a step.
    pub(super) fn lane(&self, step: usize) -> Option<&Lane> {
        let thread = self.steps.get(step)?.thread;
        self.lanes.iter().find(|lane| lane.thread == thread)
    }

    /// The values that changed, as text.
    pub(super) fn told(&self, values: &[String], before: &[String]) -> String {
        let changed = self.columns.iter().filter_map(|column| {
            let value = values.get(column.index)?;
            let changed = before.get(column.index) != Some(value);
            let name = label::short(column.name, 20);
            changed.then(|| format!("{name}: {}", label::short(value, 60)))
        });
        changed.collect::<Vec<_>>().join("; ")
    }
}

/// The values before a step.
pub(super) fn before(schedule: &Schedule, step: usize) -> &[String] {
    match step.checked_sub(1) {
        Some(before) => schedule.steps.get(before).map_or(&[], |step| &step.values),
        None => &schedule.initial,
    }
}

/// Cells in columns.
pub(super) fn aligned(rows: &[[String; 4]]) -> String {
    let width = |i: usize| {
        let cells = rows.iter().map(|row| label::clean(&row[i]).chars().count());
        cells.max().unwrap_or(0)
    };
    let widths = [0, 1, 2].map(width);
    let mut text = String::new();
    for row in rows {
        for (cell, width) in row.iter().zip(widths) {
            text.push_str(&format!("{:<width$}  ", label::clean(cell)));
        }
        text.push_str(&label::clean(&row[3]));
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    text
}

fn rows(schedule: &Schedule) -> Vec<Row<'_>> {
    let steps = schedule.steps.len();
    let mut rows = vec![Row::Start];
    if steps > MOST_STEPS {
        let last = steps - (MOST_STEPS - FIRST);
        rows.extend((0..FIRST).map(Row::Step));
        rows.push(Row::Gap(last - FIRST));
        rows.extend((last..steps).map(Row::Step));
    } else {
        rows.extend((0..steps).map(Row::Step));
    }
    rows.extend(schedule.next.iter().filter(|next| next.is_news()).map(Row::Next));
    rows
}

fn lanes(schedule: &Schedule, rows: &[Row<'_>]) -> Vec<Lane> {
    let lane = |thread: usize| {
        let name = schedule.numbered(thread);
        let texts = rows.iter().filter_map(|row| match row {
            Row::Step(i) => {
                let step = schedule.steps.get(*i)?;
                (step.thread == thread).then_some(step.action.as_str())
            }
            Row::Next(next) => (next.thread == thread).then_some(next.action.as_str()),
            Row::Start | Row::Gap(_) => None,
        });
        let widths = texts.map(|text| label::width(&label::clean(text), SMALL) + 24.0);
        let widest = widths.reduce(f64::max)?;
        let width =
            widest.max(label::width(&name, SMALL) * 1.07 + 14.0).clamp(60.0, 260.0);
        Some(Lane { thread, name, width, left: 0.0 })
    };
    (0..schedule.threads.len()).filter_map(lane).collect()
}

fn columns(schedule: &Schedule) -> Vec<Column<'_>> {
    let variables = schedule.variables.iter().enumerate();
    let column = |(index, name): (usize, &'_ String)| {
        let steps = schedule.steps.iter().map(|step| &step.values);
        let values = || steps.clone().chain([&schedule.initial]);
        let widths = values()
            .filter_map(|values| values.get(index))
            .map(|value| label::width(&label::clean(value), SMALL));
        let widest = widths.fold(0.0, f64::max).max(label::width(name, SMALL) + 4.0);
        (index, widest * 1.13)
    };
    variables
        .filter(|(_, name)| touched(schedule, name))
        .map(column)
        .map(|(index, width)| Column {
            index,
            name: &schedule.variables[index],
            left: 0.0,
            width: (width + 14.0).clamp(40.0, 200.0),
        })
        .collect()
}

/// Whether any step, done or next, is about this object.
fn touched(schedule: &Schedule, name: &str) -> bool {
    let steps = schedule.steps.iter().map(|step| &step.action);
    let mut actions = steps.chain(schedule.next.iter().map(|next| &next.action));
    actions.any(|a| a.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}
