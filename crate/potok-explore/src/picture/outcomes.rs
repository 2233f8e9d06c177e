//! The outcomes of a program, how often each came out, and whether it should.

use super::schedule::{schedule, title};
use super::stepper;
use crate::words;
use crate::{Coverage, Outcome, Report, Verdict};
use potok_base::error::{Error, Result};
use potok_base::language::noun::{self, PREEMPTION, SCHEDULE};
use potok_chart::canvas::{Anchor, Canvas, Font};
use potok_chart::card::{Card, MARGIN, MEDIUM, SMALL, WIDTH};
use potok_chart::display::{Picture, Piece, Show};
use potok_chart::label;
use potok_chart::legend::{LegendKey, Sign};
use potok_chart::palette::{GREEN, HAIRLINE, INK, MUTED, ORANGE, VERMILLION};
use potok_chart::plotters::style::RGBColor as Rgb;
use potok_chart::units::{count, count_of, duration};
use potok_chart::wrap::wrap;
use std::fmt::Write;

const ROW: f64 = 32.0;
const LINE: f64 = 17.0;
const MOST: usize = 24;
/// Room for lines of text: less than there is, as a reader's font may be wider than Arial.
const ROOM: f64 = 0.88 * (WIDTH - 2.0 * MARGIN);
/// Where verdicts, outcomes, bars and counts begin.
const BAR: f64 = 430.0;
const COUNT: f64 = 570.0;

/// Draws the outcomes of an exploration, the worst first, with how often each came out.
///
/// Of more than 24 outcomes, the worst 24 are drawn and the picture says so.
///
/// # Errors
/// The report is empty: the program could not be run even once.
///
/// # Examples
/// ```
/// use potok::chart;
/// use potok::explore::{explore, programs};
/// let report = explore(programs::lost_update);
/// let picture = chart::outcomes("A lost update", &report)?;
/// assert!(picture.text.contains("surprising"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn outcomes(title: &str, report: &Report) -> Result<Picture> {
    if report.outcomes.is_empty() {
        let why = report.trouble.as_deref().unwrap_or(words::nothing_tried());
        return Err(Error::invalid(words::no_outcomes(why)));
    }
    let card = Card {
        title: title.to_owned(),
        facts: facts(report),
        legend: legend(report),
        description: describe(report),
        text: text(report),
    };
    let top = card.top() + 8.0;
    let rows = &report.outcomes[..report.outcomes.len().min(MOST)];
    let notes = notes(report);
    let below = top + rows.iter().map(height).sum::<f64>() + 12.0;
    card.draw(below + 18.0 * notes.len() as f64, |canvas| {
        let mut y = top;
        for outcome in rows {
            row(canvas, y, outcome, report.schedules);
            y += height(outcome);
        }
        for (i, note) in notes.iter().enumerate() {
            let note = label::fit(note, SMALL, WIDTH - 2.0 * MARGIN);
            let y = below + 18.0 * i as f64 + 6.0;
            canvas.text((MARGIN, y), &note, Font::new(SMALL, MUTED));
        }
    })
}

/// The outcomes; below them the simplest schedule of the worst one, if it is not expected;
/// and all runs, to be stepped through by hand.
impl Show for Report {
    fn picture(&self) -> Result<Picture> {
        let title = match self.worst().map(|worst| worst.verdict) {
            Some(Verdict::Open) if self.saw_no_step() => words::nothing_explored(),
            _ if self.trouble.is_some() && !self.saw_no_step() => {
                words::stopped_early()
            }
            None => words::nothing_unexpected(),
            Some(Verdict::Forbidden) => words::can_go_wrong(),
            Some(Verdict::Open) => words::some_not_finished(),
            Some(_) => words::more_can_come(),
        };
        outcomes(title, self)
    }

    fn pictures(&self) -> Vec<Result<Picture>> {
        let worst = self.worst().and_then(|worst| worst.schedule.as_ref());
        let steps =
            worst.map(|worst| schedule(&title(words::simplest(), worst), worst));
        std::iter::once(self.picture()).chain(steps).collect()
    }

    /// Below the last picture, all runs can be stepped through.
    fn pieces(&self) -> Vec<Piece> {
        let mut pieces = self.pictures().pieces();
        if let Some(last) = pieces.last_mut() {
            stepper::add_to(last, self);
        }
        pieces
    }
}

pub(super) fn sign(verdict: Verdict) -> (&'static str, Rgb) {
    match verdict {
        Verdict::Expected => (words::expected(), GREEN),
        Verdict::Open => (words::open(), MUTED),
        Verdict::Surprising => (words::surprising(), ORANGE),
        Verdict::Forbidden => (words::forbidden(), VERMILLION),
    }
}

/// Where the column of outcomes begins: behind the widest verdict.
fn outcomes_from() -> f64 {
    let verdicts =
        [Verdict::Expected, Verdict::Open, Verdict::Surprising, Verdict::Forbidden];
    let widths = verdicts.map(|verdict| label::width(sign(verdict).0, SMALL));
    MARGIN + (widths.into_iter().fold(0.0, f64::max) + 26.0).max(100.0)
}

fn legend(report: &Report) -> Vec<LegendKey> {
    let has = |verdict| report.outcomes.iter().any(|o| o.verdict == verdict);
    let open = match report.saw_no_step() {
        true => words::open_not_explored(),
        false => words::open_cut(),
    };
    let meaning = [
        (Verdict::Forbidden, words::never_right()),
        (Verdict::Surprising, words::only_preempted()),
        (Verdict::Open, open),
        (Verdict::Expected, words::expected()),
    ];
    let keys = meaning.into_iter().filter(|(verdict, _)| has(*verdict));
    keys.map(|(verdict, words)| LegendKey::new(Sign::Bar(sign(verdict).1), words))
        .collect()
}

fn facts(report: &Report) -> String {
    if report.saw_no_step() {
        return words::one_run(duration(report.time));
    }
    let cut = report.cut().map_or_else(String::new, words::cut_at);
    let tried = count(report.schedules, SCHEDULE) + &cut;
    let tried = match report.coverage {
        Coverage::All => words::all(tried),
        Coverage::Preemptions(most) => {
            let others = if report.has_others() { words::and_others() } else { "" };
            words::preemptions(tried, count_of(most, PREEMPTION), others)
        }
        Coverage::Some => words::not_all(tried),
    };
    let random = match report.random {
        0 => String::new(),
        n => words::random(n, report.seed),
    };
    format!("{tried}{random}; {}", duration(report.time))
}

fn notes(report: &Report) -> Vec<String> {
    let mut notes = vec![];
    if let Some(hidden) = report.outcomes.len().checked_sub(MOST + 1) {
        notes.push(words::not_shown_more(count(hidden + 1, noun::OUTCOME)));
    }
    if let Some(trouble) = &report.trouble {
        notes.extend(wrap(trouble, SMALL, ROOM));
    }
    notes.extend(wrap(&report.caveat(), SMALL, ROOM));
    notes
}

/// What happened, in lines below the kind of ending; none for a value.
fn details(outcome: &Outcome) -> Vec<String> {
    if outcome.ending.word().is_empty() {
        return vec![];
    }
    let room = WIDTH - outcomes_from() - MARGIN;
    let parts = outcome.ending.detail().split("; ");
    parts.flat_map(|part| wrap(part, SMALL, room)).take(6).collect()
}

fn height(outcome: &Outcome) -> f64 {
    ROW + LINE * details(outcome).len() as f64
}

fn row(canvas: &mut Canvas<'_>, top: f64, outcome: &Outcome, schedules: usize) {
    let y = top + ROW / 2.0;
    let (word, colour) = sign(outcome.verdict);
    canvas.line((MARGIN, top), (WIDTH - MARGIN, top), HAIRLINE, 1.0);
    canvas.rect((MARGIN, top + 5.0), (6.0, height(outcome) - 10.0), colour);
    canvas.text((MARGIN + 14.0, y), word, Font::new(SMALL, MUTED));
    let name = match outcome.ending.name() {
        "" => outcome.ending.detail(),
        word => word,
    };
    let name = label::fit(name, MEDIUM * 1.07, BAR - outcomes_from() - 12.0);
    canvas.text((outcomes_from(), y), &name, Font::new(MEDIUM, INK).bold());
    for (i, line) in details(outcome).iter().enumerate() {
        let y = top + ROW + LINE * (i as f64 + 0.5) - 4.0;
        canvas.text((outcomes_from(), y), line, Font::new(SMALL, INK));
    }
    let share = outcome.count as f64 / schedules.max(1) as f64;
    let width = (share * (COUNT - BAR - 12.0)).max(2.0);
    canvas.rect((BAR, top + 8.0), (width, ROW - 16.0), colour);
    let times = words::of_orders(outcome.count, schedules);
    let font = Font::new(SMALL, INK).anchor(Anchor::End);
    canvas.text((WIDTH - MARGIN, y), &times, font);
}

fn describe(report: &Report) -> String {
    let told = report.outcomes.iter().take(5).map(|outcome| {
        let (word, _) = sign(outcome.verdict);
        let ending = label::short(&outcome.ending.to_string(), 120);
        words::came_out(ending, word, outcome.count)
    });
    let told: Vec<String> = told.collect();
    words::of_schedules(
        count_of(report.schedules, SCHEDULE),
        told.join("; "),
        report.caveat(),
    )
}

fn text(report: &Report) -> String {
    let wide = words::schedules().chars().count().max(9);
    let mut text = format!(
        "{:<10}  {:>wide$}  {}\n",
        words::verdict(),
        words::schedules(),
        words::outcome()
    );
    for outcome in report.outcomes.iter().take(MOST) {
        let (word, _) = sign(outcome.verdict);
        let ending = label::clean(&outcome.ending.to_string());
        let _ = writeln!(text, "{word:<10}  {:>wide$}  {ending}", outcome.count);
    }
    text.push('\n');
    for note in notes(report) {
        text.push_str(&note);
        text.push('\n');
    }
    text
}
