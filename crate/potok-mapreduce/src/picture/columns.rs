//! Boxes in six columns with lines between them: places, not content.

use crate::words;
use potok_chart::canvas::{Anchor, Canvas, Font, Point};
use potok_chart::card::{MARGIN, SMALL, WIDTH};
use potok_chart::label;
use potok_chart::palette::{BAND, BLUE, HAIRLINE, INK, MUTED, VERMILLION};
use potok_chart::plotters::style::RGBColor as Rgb;

pub(super) fn headings() -> [&'static str; 6] {
    [
        words::input(),
        words::splitting(),
        words::mapping(),
        words::shuffling(),
        words::reducing(),
        words::final_result(),
    ]
}
/// Room for lines between two columns; between mapping and shuffling they cross.
const ROOM: f64 = 10.0;
const CROSSING: f64 = 32.0;
/// Beside what stands in a box, on both sides together.
const BESIDE: f64 = 8.0;
/// The room that boxes share.
const ALL: f64 = WIDTH - 2.0 * MARGIN - CROSSING - 4.0 * ROOM;
const LINE: f64 = 16.0;

/// How much room there is around what is written.
#[derive(Clone, Copy)]
pub(super) struct Room {
    /// In a box, above and below its lines.
    pad: f64,
    /// Between two boxes.
    gap: f64,
}

impl Room {
    pub(super) const AMPLE: Room = Room { pad: 5.0, gap: 12.0 };
    /// Where the picture would be too high.
    const DENSE: Room = Room { pad: 1.0, gap: 5.0 };
    /// Where it would still be.
    const TIGHT: Room = Room { pad: 0.0, gap: 3.0 };
}

/// Boxes in columns, and lines from boxes of one column to boxes of the next.
pub(super) struct Columns {
    pub(super) room: Room,
    pub(super) boxes: [Vec<Cell>; 6],
    pub(super) lines: Vec<Edge>,
}

#[derive(Default)]
pub(super) struct Cell {
    pub(super) lines: Vec<String>,
    /// Below the box, a line each: who ran it.
    pub(super) note: Vec<String>,
    pub(super) colour: Option<Rgb>,
    /// A bar below the text: its share of the box, and whether it stands out.
    pub(super) bar: Option<(f64, bool)>,
}

pub(super) struct Edge {
    pub(super) column: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) colour: Rgb,
    pub(super) wide: f64,
}

impl Cell {
    pub(super) fn new(lines: impl IntoIterator<Item = String>) -> Self {
        Cell { lines: lines.into_iter().collect(), ..Cell::default() }
    }

    fn height(&self, room: Room) -> f64 {
        let bar = if self.bar.is_some() { 10.0 } else { 0.0 };
        2.0 * room.pad + LINE * self.lines.len().max(1) as f64 + bar
    }

    fn below(&self, room: Room) -> f64 {
        room.gap + LINE * self.note.len() as f64
    }

    /// As wide as the box would be to show all of it.
    fn width(&self) -> f64 {
        let texts = self.lines.iter().chain(&self.note);
        texts.map(|text| label::width(text, SMALL)).fold(0.0, f64::max) + BESIDE
    }
}

/// How wide each column is: as wide as what stands in it, if there is room for that, and
/// then with what is left over. If not, the widest give way: names of splits, long keys.
fn shared(wanted: [f64; 6]) -> [f64; 6] {
    let within = |most: f64| wanted.map(|wide| wide.min(most));
    let sum = |widths: [f64; 6]| widths.iter().sum::<f64>();
    let all = sum(wanted);
    if all <= ALL {
        // Half of it for the boxes; lines are better seen, too.
        return wanted.map(|wide| wide * (1.0 + 0.5 * (ALL - all) / all));
    }
    let (mut low, mut high) = (0.0, ALL);
    for _ in 0..40 {
        let most = f64::midpoint(low, high);
        if sum(within(most)) > ALL { high = most } else { low = most }
    }
    within(low)
}

fn height(boxes: &[Cell], room: Room) -> f64 {
    boxes.iter().map(|cell| cell.height(room) + cell.below(room)).sum()
}

impl Columns {
    /// How high the highest column is.
    pub(super) fn height(&self) -> f64 {
        self.boxes.iter().map(|boxes| height(boxes, self.room)).fold(0.0, f64::max)
    }

    /// With as much room as keeps them at most `most` high, if any does.
    pub(super) fn within(mut self, most: f64) -> Self {
        for room in [Room::DENSE, Room::TIGHT] {
            if self.height() > most {
                self.room = room;
            }
        }
        self
    }

    fn widths(&self) -> [f64; 6] {
        let headings = headings();
        shared(std::array::from_fn(|column| {
            // Bold letters are wider by about a tenth.
            let heading = 1.1 * label::width(headings[column], SMALL) + BESIDE;
            self.boxes[column].iter().map(Cell::width).fold(heading, f64::max)
        }))
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, top: f64, height_of_all: f64) {
        let widths = self.widths();
        let over = (ALL - widths.iter().sum::<f64>()).max(0.0);
        // What is left over goes to the lines, most of it where they cross.
        let (room, crossing) = (ROOM + over / 8.0, CROSSING + over / 2.0);
        let left = |column: usize| {
            let crossing = if column > 2 { crossing - room } else { 0.0 };
            let before: f64 = widths[..column].iter().map(|wide| wide + room).sum();
            MARGIN + before + crossing
        };
        let tops: Vec<Vec<f64>> = self
            .boxes
            .iter()
            .map(|boxes| {
                let free = height_of_all - height(boxes, self.room);
                let mut y = top + free / 2.0 + self.room.gap / 2.0;
                let place = |cell: &Cell| {
                    let place = y;
                    y += cell.height(self.room) + cell.below(self.room);
                    place
                };
                boxes.iter().map(place).collect()
            })
            .collect();
        for edge in &self.lines {
            let middle = |column: usize, n: usize| {
                tops[column][n] + self.boxes[column][n].height(self.room) / 2.0
            };
            let from = (
                left(edge.column) + widths[edge.column],
                middle(edge.column, edge.from),
            );
            let to = (left(edge.column + 1), middle(edge.column + 1, edge.to));
            canvas.line(from, to, edge.colour, edge.wide);
        }
        for (column, boxes) in self.boxes.iter().enumerate() {
            let middle = (left(column) + widths[column] / 2.0, top - 14.0);
            let font = Font::new(SMALL, INK).bold().anchor(Anchor::Middle);
            canvas.text(middle, headings()[column], font);
            for (cell, &y) in boxes.iter().zip(&tops[column]) {
                cell.draw(canvas, (left(column), y), widths[column], self.room);
            }
        }
    }
}

impl Cell {
    fn draw(&self, canvas: &mut Canvas<'_>, (x, y): Point, wide: f64, room: Room) {
        let high = self.height(room);
        canvas.rect((x, y), (wide, high), BAND);
        canvas.frame((x, y), (wide, high), HAIRLINE, 1.0);
        if let Some(colour) = self.colour {
            canvas.rect((x, y), (4.0, high), colour);
        }
        let font = Font::new(SMALL, INK).anchor(Anchor::Middle);
        for (n, line) in self.lines.iter().enumerate() {
            let middle = y + room.pad + LINE * (n as f64 + 0.5);
            canvas.text_in((x + wide / 2.0 + 1.0, middle), line, font, wide - 4.0);
        }
        if let Some((share, stands_out)) = self.bar {
            let place = (x + 8.0, y + high - 11.0);
            canvas.rect(place, (wide - 16.0, 6.0), HAIRLINE);
            let colour = if stands_out { VERMILLION } else { BLUE };
            canvas.rect(place, ((wide - 16.0) * share, 6.0), colour);
        }
        let font = Font::new(SMALL, MUTED).anchor(Anchor::Middle);
        for (n, note) in self.note.iter().enumerate() {
            let middle = y + high + LINE * (n as f64 + 0.5) + 1.0;
            canvas.text((x + wide / 2.0, middle), note, font);
        }
    }
}
