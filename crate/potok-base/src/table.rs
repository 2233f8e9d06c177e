//! Small tables of text, for reports that a cell shows by naming them last, and for the
//! text form of pictures.

use std::fmt;

/// Writes `rows` below `header`: the first column to the left, the others to the right.
pub fn write<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    header: [&str; N],
    rows: &[[String; N]],
) -> fmt::Result {
    let header = header.map(str::to_owned);
    let clean = |row: &[String; N]| {
        row.each_ref().map(|cell| cell.replace(char::is_control, " "))
    };
    let rows: Vec<_> = std::iter::once(&header).chain(rows).map(clean).collect();
    f.write_str(lines(&rows, false).trim_end_matches('\n'))
}

/// `rows` as lines: the first column to the left, the others to the right; also the last one
/// to the left if it holds `words`.
///
/// # Examples
/// ```
/// use potok_base::table::lines;
/// let rows = [["tea", "7"], ["milk", "12"]].map(|row| row.map(String::from));
/// assert_eq!(lines(&rows, false), "tea    7\nmilk  12\n");
/// ```
pub fn lines<R: AsRef<[String]>>(rows: &[R], words: bool) -> String {
    let columns = rows.iter().map(|row| row.as_ref().len()).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.as_ref().get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut lines = String::new();
    for row in rows {
        let cells = row.as_ref().iter().zip(&widths).enumerate();
        let cells: Vec<String> = cells
            .map(|(column, (cell, &width))| match column {
                0 => format!("{cell:<width$}"),
                _ if words && column + 1 == columns => cell.clone(),
                _ => format!("{cell:>width$}"),
            })
            .collect();
        lines.push_str(cells.join("  ").trim_end());
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fruit;

    impl fmt::Display for Fruit {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let rows = [["яблоко".into(), "7".into()], ["fig\n".into(), "1000".into()]];
            write(f, ["fruit", "n"], &rows)
        }
    }

    #[test]
    fn columns_line_up_by_characters_and_rows_stay_one_line() {
        assert_eq!(Fruit.to_string(), "fruit      n\nяблоко     7\nfig     1000");
    }
}
