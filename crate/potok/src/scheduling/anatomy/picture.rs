//! A process drawn as a box with three parts; two of them side by side.

use super::Anatomy;
use crate::error::Result;
use crate::words;
use potok_base::units::{count, decimal};
use potok_chart::canvas::{Anchor, Canvas, Font};
use potok_chart::card::{Card, MARGIN, MEDIUM, SMALL, WIDTH};
use potok_chart::palette::{BAND, BLUE, CARD, GREY, INK, MUTED};
use potok_chart::{Picture, Show, label, label::clean};
use std::fmt::Write as _;

/// The height of a row of text.
const ROW: f64 = 17.0;
/// Between two boxes.
const GAP: f64 = 56.0;
/// Room inside a box.
const PAD: f64 = 8.0;
/// At most so many rows of a part are drawn; the rest is counted.
const MOST: usize = 9;

/// The three parts of a process, each with its rows: what it is called, and how much.
type Part = (&'static str, Vec<(String, String)>);

impl Show for Anatomy {
    fn picture(&self) -> Result<Picture> {
        draw(&[self])
    }
}

/// Two processes side by side; a line joins rows that stand for the same open file.
///
/// # Errors
/// The drawing's own.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let parent = scheduling::anatomy("the parent")?;
/// let child = processes::fork(|| scheduling::anatomy("the child"))?.join()??;
/// let picture = scheduling::side_by_side(&parent, &child)?;
/// assert!(picture.text.contains("the child"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn side_by_side(one: &Anatomy, other: &Anatomy) -> Result<Picture> {
    draw(&[one, other])
}

fn draw(processes: &[&Anatomy]) -> Result<Picture> {
    let parts: Vec<[Part; 3]> =
        processes.iter().map(|process| parts(process)).collect();
    let rows =
        |part: usize| parts.iter().map(|all| all[part].1.len()).max().unwrap_or(0);
    let heights: Vec<f64> =
        (0..3).map(|part| (rows(part) as f64 + 1.5) * ROW).collect();

    let title = match processes {
        [process] => words::a_process(clean(&process.name)),
        all => {
            let names: Vec<_> = all.iter().map(|it| clean(&it.name)).collect();
            words::two_processes(names.join(words::and()))
        }
    };
    let joined = match parts.as_slice() {
        [one, other] => common(&one[1].1, &other[1].1),
        _ => vec![],
    };
    let facts = match (processes.len(), joined.len()) {
        (1, _) => words::what_is_listed().to_owned(),
        (_, 0) => words::nothing_in_common().to_owned(),
        _ => words::in_common().to_owned(),
    };
    let card = Card {
        title,
        facts,
        legend: vec![],
        description: describe(processes),
        text: text(processes, &parts),
    };

    let top = card.top();
    let (gap, room) = (GAP, WIDTH - 2.0 * MARGIN);
    // One alone does not need the whole width: it stands in the middle.
    let width = if processes.len() < 2 { room * 0.62 } else { (room - gap) / 2.0 };
    let first = (WIDTH - processes.len() as f64 * (width + gap) + gap) / 2.0;
    let inner: f64 = heights.iter().map(|height| height + PAD).sum();
    let bottom = top + 1.6 * ROW + inner + PAD;
    card.draw(bottom, |canvas| {
        for (i, (process, parts)) in processes.iter().zip(&parts).enumerate() {
            let left = first + i as f64 * (width + gap);
            canvas.rect((left, top), (width, bottom - top), BAND);
            canvas.frame((left, top), (width, bottom - top), BLUE, 2.0);
            let name = words::name_and_pid(clean(&process.name), process.pid);
            let name = label::fit(&name, MEDIUM * 1.07, width - 2.0 * PAD);
            canvas.text((left + PAD, top + 14.0), &name, Font::new(MEDIUM, INK).bold());
            let mut y = top + 1.6 * ROW;
            for (part, height) in parts.iter().zip(&heights) {
                draw_part(canvas, (left + PAD, y), (width - 2.0 * PAD, *height), part);
                y += height + PAD;
            }
        }
        let files = top + 1.6 * ROW + heights[0] + PAD;
        for &(a, b) in &joined {
            let y = |row: usize| files + (row as f64 + 1.75) * ROW;
            let from = MARGIN + width - PAD - 2.0;
            let to = MARGIN + width + gap + PAD + 2.0;
            canvas.line((from, y(a)), (to, y(b)), GREY, 1.5);
        }
    })
}

fn draw_part(
    canvas: &mut Canvas<'_>,
    (x, y): (f64, f64),
    (width, height): (f64, f64),
    (name, rows): &Part,
) {
    canvas.rect((x, y), (width, height), CARD);
    canvas.frame((x, y), (width, height), GREY, 1.0);
    let at = |row: usize| y + (row as f64 + 0.75) * ROW;
    canvas.text((x + 8.0, at(0)), name, Font::new(SMALL, MUTED).bold());
    for (n, (what, how_much)) in rows.iter().enumerate() {
        let right = label::fit(how_much, MEDIUM, width * 0.55);
        let room = width - 24.0 - label::width(&right, MEDIUM);
        let left = label::fit(what, MEDIUM, room);
        canvas.text((x + 8.0, at(n + 1)), &left, Font::new(MEDIUM, INK));
        let font = Font::new(MEDIUM, INK).anchor(Anchor::End);
        canvas.text((x + width - 8.0, at(n + 1)), &right, font);
    }
}

fn parts(process: &Anatomy) -> [Part; 3] {
    let memory =
        process.memory.iter().map(|(what, bytes)| (what.clone(), size(*bytes)));
    let variables = process.variables.iter().map(|variable| {
        let at =
            words::address(&variable.name, format_args!("{:#x}", variable.address));
        (at, format!("= {}", variable.value))
    });
    let files =
        process.files.iter().map(|(fd, target)| (fd.to_string(), target.clone()));
    let threads = process.threads.iter();
    let threads = threads.map(|thread| (thread.name.clone(), thread.tid.to_string()));
    [
        (words::address_space(), memory.chain(variables).collect()),
        (words::file_table(), first(files.collect())),
        (words::part_threads(), first(threads.collect())),
    ]
}

/// The first rows, and how many more there are.
fn first(mut rows: Vec<(String, String)>) -> Vec<(String, String)> {
    if rows.len() > MOST {
        let more = rows.len() - (MOST - 1);
        rows.truncate(MOST - 1);
        rows.push((words::and_more(more), String::new()));
    }
    rows
}

/// The pairs of drawn rows that stand for the same: pipes, sockets and files with a
/// number are one thing in both; a name alone may be opened twice.
fn common(one: &[(String, String)], other: &[(String, String)]) -> Vec<(usize, usize)> {
    let same = |a: &(String, String)| other.iter().position(|b| a == b);
    let rows = one.iter().enumerate().filter(|(_, row)| row.1.contains(":["));
    rows.filter_map(|(i, row)| Some((i, same(row)?))).collect()
}

/// As `1.5 MiB`.
fn size(bytes: u64) -> String {
    match bytes as f64 / f64::from(1 << 20) {
        mib if mib < 1.0 => words::kib(bytes >> 10),
        mib if mib < 10.0 => words::mib(decimal(mib, 1)),
        mib => words::mib(decimal(mib, 0)),
    }
}

fn describe(processes: &[&Anatomy]) -> String {
    let each = processes.iter().map(|process| {
        let (files, threads) = (process.files.len(), process.threads.len());
        let files = count(files, words::OPEN_FILE);
        words::process_has(clean(&process.name), files, words::threads(threads))
    });
    each.collect::<Vec<_>>().join(" ")
}

fn text(processes: &[&Anatomy], parts: &[[Part; 3]]) -> String {
    let mut text = String::new();
    for (process, parts) in processes.iter().zip(parts) {
        let _ = writeln!(text, "{}", words::pid_of(clean(&process.name), process.pid));
        for (name, rows) in parts {
            let _ = writeln!(text, "  {name}");
            for (what, how_much) in rows {
                let _ =
                    writeln!(text, "{}", format!("    {what}  {how_much}").trim_end());
            }
        }
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(rows: &[(&str, &str)]) -> Vec<(String, String)> {
        rows.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn only_what_has_a_number_is_known_to_be_the_same() {
        let one = files(&[("0", "pipe:[1]"), ("1", "/dev/null"), ("2", "pipe:[2]")]);
        let other = files(&[("1", "/dev/null"), ("2", "pipe:[2]"), ("0", "pipe:[9]")]);
        assert_eq!(common(&one, &other), [(2, 1)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_address_is_drawn_whole() {
        let process = super::super::anatomy("x").unwrap().variable("CUPS", &100);
        let picture = side_by_side(&process, &process).unwrap();
        let address = format!("{:#x}", process.variables[0].address);
        assert_eq!(picture.svg.matches(&address).count(), 2);
        // The Russian words are longer.
        let words = label::width(&format!("CUPS, адрес {address}= 100"), MEDIUM);
        assert!(words <= (WIDTH - 2.0 * MARGIN - GAP) / 2.0 - 2.0 * PAD - 24.0);
    }

    #[test]
    fn a_long_table_is_counted_and_not_drawn() {
        let rows: Vec<_> = (0..12).map(|n| (n.to_string(), String::new())).collect();
        let drawn = first(rows);
        assert_eq!(drawn.len(), MOST);
        assert_eq!(drawn[MOST - 1].0, "and 4 more");
    }
}
