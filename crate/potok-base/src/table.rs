//! Small tables of text, for reports that a cell shows by naming them last.

use std::fmt;

/// Writes `rows` below `header`: the first column to the left, the others to the right.
pub fn write<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    header: [&str; N],
    rows: &[[String; N]],
) -> fmt::Result {
    let header = header.map(str::to_owned);
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().chain([&header]).map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    });
    for (i, row) in [&header].into_iter().chain(rows).enumerate() {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            let cell = cell.replace(char::is_control, " ");
            let space = " ".repeat(width.saturating_sub(cell.chars().count()));
            let gap = if column == 0 { "" } else { "  " };
            let (left, right) = if column == 0 { ("", &*space) } else { (&*space, "") };
            line.extend([gap, left, &cell, right]);
        }
        let end = if i == rows.len() { "" } else { "\n" };
        write!(f, "{}{end}", line.trim_end())?;
    }
    Ok(())
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
