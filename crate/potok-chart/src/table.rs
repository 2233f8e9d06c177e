//! Columns of text, for the text form of a picture.

use super::label;
use potok_base::table::lines;

/// Longer cells are cut, and longer notes.
const CELL: usize = 40;
const NOTE: usize = 100;

/// Rows of cells; the first is the heading. The first column is aligned to the left, the
/// others to the right, unless they are the last and hold words.
#[derive(Debug)]
pub struct Table {
    rows: Vec<Vec<String>>,
    notes: bool,
}

impl Table {
    /// A table whose columns are called this.
    pub fn new<const N: usize>(heading: [&str; N]) -> Self {
        Table { rows: vec![heading.map(str::to_owned).to_vec()], notes: false }
    }

    /// Says that the last column holds words, which are aligned to the left.
    pub fn with_notes(mut self) -> Self {
        self.notes = true;
        self
    }

    /// Adds a row. A cell that comes from outside is made safe and short.
    pub fn row<const N: usize>(&mut self, cells: [&str; N]) {
        let mut row = cells.map(|cell| label::short(cell, CELL));
        if let (true, Some(note), Some(whole)) =
            (self.notes, row.last_mut(), cells.last())
        {
            *note = label::short(whole, NOTE);
        }
        self.rows.push(row.to_vec());
    }

    /// The lines, each ended by a line break.
    pub fn lines(&self) -> String {
        lines(&self.rows, self.notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(["lane", "ran", "note"]).with_notes();
        table.row(["поток\n1", "5 ms", "a"]);
        table.row(["b", "12.5 ms", ""]);
        assert_eq!(
            table.lines(),
            "lane         ran  note\nпоток 1     5 ms  a\nb        12.5 ms\n"
        );
    }

    #[test]
    fn a_note_has_more_room_than_a_cell() {
        let mut table = Table::new(["lane", "note"]).with_notes();
        let long = "x".repeat(70);
        table.row([&long, &long]);
        let lines = table.lines();
        let (cell, note) = lines.lines().last().unwrap().split_once("  ").unwrap();
        assert_eq!((cell.chars().count(), note), (CELL, &*long));
    }
}
