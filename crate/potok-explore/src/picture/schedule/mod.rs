//! One run step by step: a lane for each thread, a row for each step.

mod layout;
mod words;

use self::layout::{Lane, Layout, ROW, Row};
use self::words::{describe, ending, facts, text};
use crate::{Ending, Schedule};
use potok_base::error::Result;
use potok_base::language::noun::{MORE_OBJECT, STEP};
use potok_chart::canvas::{Anchor, Canvas, Font};
use potok_chart::card::{Card, MARGIN, SMALL, WIDTH};
use potok_chart::display::{Picture, Show};
use potok_chart::glyph;
use potok_chart::label;
use potok_chart::legend::{LegendKey, Sign};
use potok_chart::palette::{
    BAND, BLUE, CARD, GREEN, GREY, HAIRLINE, INK, MUTED, ORANGE, PURPLE, SKY,
    VERMILLION, ink_on,
};
use potok_chart::plotters::style::RGBColor as Rgb;
use potok_chart::units::count;

/// The least height of a row: its letters are 14 units high.
const LEAST_ROW: f64 = 16.0;
/// A picture that is no higher is shown whole; a higher one scrolls.
const WHOLE: f64 = 460.0;
const BOX: f64 = 20.0;
const HEAD: f64 = 26.0;
/// For `main` and the others; vermillion is left for the step that breaks.
const COLOURS: [Rgb; 5] = [PURPLE, BLUE, ORANGE, GREEN, SKY];

/// Draws one run of a program: who took each step, what it was, and the values after it.
///
/// Time runs downwards. The step after which every order that was tried goes wrong is
/// marked, and a step that a thread still waits for at the end is hatched. Of more than 60
/// steps, the first 20 and the last 40 are drawn, and the picture says so.
///
/// # Errors
/// The drawing backend's own.
///
/// # Examples
/// ```
/// use potok::chart;
/// use potok::explore::{programs, replay};
/// let run = replay(programs::lost_update, "1212")?;
/// let picture = chart::schedule("Both read 0", &run)?;
/// assert!(picture.text.contains("counter.load → 0"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn schedule(title: &str, schedule: &Schedule) -> Result<Picture> {
    schedule_picture_of(title, schedule, "program")
}

/// The same for a program that is written like this, so that the call in the picture, which
/// shows the run again, can be copied.
///
/// # Errors
/// The drawing backend's own.
pub fn schedule_picture_of(
    title: &str,
    schedule: &Schedule,
    program: &str,
) -> Result<Picture> {
    let mut layout = Layout::new(schedule);
    let card = Card {
        title: title.to_owned(),
        facts: facts(schedule, program),
        legend: legend(schedule, &layout),
        description: describe(schedule),
        text: text(schedule, &layout, program),
    };
    let top = card.top() + HEAD;
    let mut ending = ending(schedule);
    if layout.hidden > 0 {
        ending.push(crate::words::not_shown(count(layout.hidden, MORE_OBJECT)));
    }
    // Many rows are drawn closer, so that the end is seen with the beginning.
    let room = WHOLE - MARGIN - top - 8.0 - 18.0 * ending.len() as f64;
    layout.row = (room / layout.rows.len() as f64).floor().clamp(LEAST_ROW, ROW);
    let below = top + layout.row * layout.rows.len() as f64 + 8.0;
    card.draw(below + 18.0 * ending.len() as f64, |canvas| {
        head(canvas, top - HEAD / 2.0, &layout);
        lanes(canvas, top, &layout);
        for (i, row) in layout.rows.iter().enumerate() {
            draw(canvas, top + layout.row * i as f64, row, schedule, &layout);
        }
        for (i, line) in ending.iter().enumerate() {
            let y = below + 18.0 * i as f64 + 6.0;
            canvas.text((MARGIN, y), line, Font::new(SMALL, INK).bold());
        }
    })
}

impl Show for Schedule {
    fn picture(&self) -> Result<Picture> {
        schedule(&title(crate::words::a_schedule(), self), self)
    }
}

/// What a thread that is not done does next.
fn next_word(possible: bool) -> &'static str {
    if possible { crate::words::next() } else { crate::words::waits() }
}

/// A title that says how it ended.
pub(super) fn title(what: &str, schedule: &Schedule) -> String {
    match &schedule.ending {
        None => crate::words::after(count(schedule.steps.len(), STEP)),
        Some(Ending::Returned(value)) => {
            crate::words::that_gives(what, label::short(value, 60))
        }
        Some(Ending::Unfinished(_)) => crate::words::that_was_cut(what),
        Some(ending) => crate::words::that_ends(what, ending.name()),
    }
}

fn legend(schedule: &Schedule, layout: &Layout<'_>) -> Vec<LegendKey> {
    let mut keys = vec![];
    let shown =
        |step| layout.rows.iter().any(|row| matches!(row, Row::Step(i) if *i == step));
    if schedule.breaking.is_some_and(shown) {
        let words = crate::words::from_here_wrong();
        keys.push(LegendKey::new(Sign::Mark(VERMILLION), words));
    }
    if layout.rows.iter().any(|row| matches!(row, Row::Next(next) if !next.possible)) {
        keys.push(LegendKey::new(Sign::Wait, crate::words::cannot_go_on()));
    }
    keys
}

fn head(canvas: &mut Canvas<'_>, y: f64, layout: &Layout<'_>) {
    for lane in &layout.lanes {
        let font = Font::new(SMALL, INK).bold().anchor(Anchor::Middle);
        canvas.text_in((lane.middle(), y), &lane.name, font, lane.width - 4.0);
    }
    for column in &layout.columns {
        let font = Font::new(SMALL, INK).bold();
        canvas.text_in((column.left, y), column.name, font, column.width - 6.0);
    }
}

/// Bands that lead the eye, and each thread's own line.
fn lanes(canvas: &mut Canvas<'_>, top: f64, layout: &Layout<'_>) {
    let row = layout.row;
    let height = row * layout.rows.len() as f64;
    for i in (1..layout.rows.len()).step_by(2) {
        let y = top + row * i as f64;
        canvas.rect((MARGIN, y), (WIDTH - 2.0 * MARGIN, row), BAND);
    }
    for lane in &layout.lanes {
        let x = lane.middle();
        canvas.line((x, top), (x, top + height), HAIRLINE, 1.0);
    }
    // The baton, from one step to the next.
    for (i, pair) in layout.rows.windows(2).enumerate() {
        if let [Row::Step(from), Row::Step(to)] = *pair {
            let from = layout.lane(from).map(layout::Lane::middle);
            let to = layout.lane(to).map(layout::Lane::middle);
            if let (Some(from), Some(to)) = (from, to) {
                let y = top + row * (i as f64 + 0.5);
                canvas.line((from, y), (to, y + row), GREY, 1.5);
            }
        }
    }
}

fn draw(
    canvas: &mut Canvas<'_>,
    top: f64,
    row: &Row<'_>,
    schedule: &Schedule,
    layout: &Layout<'_>,
) {
    let y = top + layout.row / 2.0;
    let high = (layout.row - 2.0).min(BOX);
    let muted = Font::new(SMALL, MUTED);
    match row {
        Row::Start => {
            canvas.text((MARGIN, y), crate::words::start(), muted);
            values(canvas, y, &schedule.initial, &[], layout);
        }
        Row::Gap(hidden) => {
            let words = format!("… {}", crate::words::not_shown(count(*hidden, STEP)));
            canvas.text_on_patch((MARGIN, y), &words, muted);
        }
        Row::Step(index) => {
            let (Some(step), Some(lane)) =
                (schedule.steps.get(*index), layout.lane(*index))
            else {
                return;
            };
            let number = (index + 1).to_string();
            if schedule.breaking == Some(*index) {
                let size = (WIDTH - 2.0 * MARGIN + 8.0, layout.row);
                canvas.frame((MARGIN - 4.0, top), size, VERMILLION, 2.0);
                glyph::triangle(canvas, (MARGIN + 26.0, y + 4.0), VERMILLION);
                canvas.text((MARGIN, y), &number, Font::new(SMALL, VERMILLION).bold());
            } else {
                canvas.text((MARGIN, y), &number, muted);
            }
            let colour = COLOURS[lane.thread % COLOURS.len()];
            let (left, width) = place(layout, lane, &step.action);
            canvas.rect((left, y - high / 2.0), (width, high), colour);
            let font = Font::new(SMALL, ink_on(colour)).anchor(Anchor::Middle);
            canvas.text_in((left + width / 2.0, y), &step.action, font, width - 8.0);
            values(canvas, y, &step.values, layout::before(schedule, *index), layout);
        }
        Row::Next(next) => {
            let Some(lane) =
                layout.lanes.iter().find(|lane| lane.thread == next.thread)
            else {
                return;
            };
            let words = next_word(next.possible);
            canvas.text((MARGIN, y), words, muted);
            let (left, width) = place(layout, lane, &next.action);
            let (size, middle) = ((width, high), left + width / 2.0);
            let corner = (left, y - high / 2.0);
            if next.possible {
                let colour = COLOURS[lane.thread % COLOURS.len()];
                canvas.rect(corner, size, CARD);
                canvas.frame(corner, size, colour, 1.5);
            } else {
                let half = width / 2.0 - 6.0;
                glyph::wait(canvas, corner, size, Some((middle - half, middle + half)));
            }
            let font = Font::new(SMALL, INK).anchor(Anchor::Middle);
            canvas.text_in((middle, y), &next.action, font, width - 8.0);
        }
    }
}

/// Where the box of a step stands, around its lane's line, and how wide it is. It may reach
/// over the lines of other lanes, which have nothing in this row.
fn place(layout: &Layout<'_>, lane: &Lane, action: &str) -> (f64, f64) {
    let (from, to) = layout.across();
    let text = label::fit(action, SMALL, to - from - 18.0);
    let width = (label::width(&text, SMALL) + 12.0).max(24.0);
    let left = (lane.middle() - width / 2.0).min(to - 6.0 - width).max(from);
    (left, width)
}

/// The values after a step: bold where they changed.
fn values(
    canvas: &mut Canvas<'_>,
    y: f64,
    values: &[String],
    before: &[String],
    layout: &Layout<'_>,
) {
    for column in &layout.columns {
        let Some(value) = values.get(column.index) else { continue };
        let changed = !before.is_empty() && before.get(column.index) != Some(value);
        let font = Font::new(SMALL, if changed { INK } else { MUTED });
        let font = if changed { font.bold() } else { font };
        canvas.text_in((column.left, y), value, font, column.width - 6.0);
    }
}
