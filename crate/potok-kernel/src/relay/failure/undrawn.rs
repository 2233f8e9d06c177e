//! A compile error that evcxr does not draw, with its place: evcxr knows the places of the
//! present cell's statements alone, not those of its `use` lines and of the cells before.

use super::panic::marked;
use super::text::is_wide;
use crate::relay::places::{Cells, Line, Origin};
use serde_json::Value;

/// More places than these are not shown.
const MOST: usize = 3;

/// Whether there is code in what evcxr shows of an error.
pub(super) fn is_drawn(shown: &[String]) -> bool {
    let marks =
        |line: &String| line.contains('│') || line.trim_start().starts_with('^');
    shown.iter().any(marks)
}

/// The lines below the title of the error that says this.
pub(super) fn lines(message: &str, cells: &Cells<'_>) -> Vec<String> {
    let Some((error, made)) = find(message, cells) else { return vec![] };
    let shown = marks(error, made, cells);
    let mut lines: Vec<String> =
        shown.iter().take(MOST).flat_map(Mark::lines).collect();
    for child in error["children"].as_array().into_iter().flatten() {
        lines.extend(advice(child, made, cells));
    }
    lines
}

/// The same of an error that evcxr draws, as far as it is about earlier cells.
pub(super) fn earlier(message: &str, cells: &Cells<'_>) -> Vec<String> {
    let Some((error, made)) = find(message, cells) else { return vec![] };
    let mut shown = marks(error, made, cells);
    shown.retain(|mark| matches!(mark.line.origin, Origin::Earlier(..)));
    shown.iter().take(MOST).flat_map(Mark::lines).collect()
}

/// The compiler's error that says this, and the file that it refused.
fn find<'a>(message: &str, cells: &'a Cells<'_>) -> Option<(&'a Value, &'a str)> {
    let refused = cells.refused();
    let mut errors = refused["errors"].as_array()?.iter();
    Some((errors.find(|error| error["message"] == message)?, refused["made"].as_str()?))
}

/// A marked place with what is said of it.
#[derive(Debug)]
struct Mark {
    line: Line,
    /// How many characters are marked.
    length: usize,
    label: Option<String>,
}

impl Mark {
    fn lines(&self) -> Vec<String> {
        let mut lines = marked(&self.line);
        let source = self.line.source.as_deref().unwrap_or_default();
        let marks = source.chars().skip(self.line.column.saturating_sub(1));
        let wide = marks.take(self.length).map(|c| if is_wide(c) { 2 } else { 1 });
        if let Some(last) = lines.last_mut().filter(|line| line.ends_with('^')) {
            let more: usize = wide.sum();
            last.push_str(&"^".repeat(more.saturating_sub(1)));
            if let Some(label) = &self.label {
                last.push(' ');
                last.push_str(label.lines().next().unwrap_or_default());
            }
        }
        lines
    }
}

/// The places of an error in the cells: what it is about first, and of what a macro made,
/// its call before its own code.
fn marks(error: &Value, made: &str, cells: &Cells<'_>) -> Vec<Mark> {
    let spans = error["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
    let (first, others): (Vec<_>, Vec<_>) =
        spans.iter().partition(|span| span["is_primary"] == true);
    let mut found: Vec<Mark> = vec![];
    for span in first.into_iter().chain(others) {
        let label = span["label"].as_str().map(str::to_owned);
        let mut of = chain(span);
        // Its words are about the innermost.
        of.reverse();
        let marks = of.into_iter().filter_map(|span| mark(span, made, cells));
        let mut marks: Vec<Mark> = marks.collect();
        if let Some(last) = marks.last_mut() {
            last.label = label;
        }
        for mark in marks {
            match found.iter_mut().find(|other| other.line == mark.line) {
                Some(other) => other.label = other.label.take().or(mark.label),
                None => found.push(mark),
            }
        }
    }
    found
}

/// A span, and the calls of macros that it came by, as far as they are in evcxr's file.
fn chain(span: &Value) -> Vec<&Value> {
    let mut all = vec![];
    let mut next = Some(span);
    while let Some(span) = next {
        all.push(span);
        next = span["expansion"].get("span");
    }
    all.retain(|span| span["file_name"] == "src/lib.rs");
    all
}

/// The first line of a span that is a cell's.
fn mark(span: &Value, made: &str, cells: &Cells<'_>) -> Option<Mark> {
    let number = |name: &str| span[name].as_u64().and_then(|n| usize::try_from(n).ok());
    let (first, last) = (number("line_start")?, number("line_end")?);
    let (from, to) = (number("column_start")?, number("column_end")?);
    (first..=last).find_map(|line| {
        let source = made.lines().nth(line.checked_sub(1)?)?;
        let white = source.chars().take_while(|c| c.is_whitespace()).count();
        let start = if line == first { from } else { white + 1 };
        let end = if line == last { to } else { source.chars().count() + 1 };
        let line = cells.line_of_error(made, line, start);
        let length = end.saturating_sub(start);
        (line.origin != Origin::Unknown).then_some(Mark { line, length, label: None })
    })
}

/// A help or a note, and where it points to.
fn advice(child: &Value, made: &str, cells: &Cells<'_>) -> Option<String> {
    let (level, said) = (child["level"].as_str()?, child["message"].as_str()?);
    if !["help", "note"].contains(&level) {
        return None;
    }
    let mut advice = format!("  {level}: {}", said.lines().next()?);
    let span = &child["spans"][0];
    let write = span["suggested_replacement"].as_str().unwrap_or_default().trim();
    if !write.is_empty() && !write.contains('\n') && !said.contains(write) {
        advice.push_str(&format!(": `{write}`"));
    }
    if let Some(Mark { line, .. }) = mark(span, made, cells) {
        advice.push_str(&format!(" ({})", line.origin.named()));
    }
    Some(advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::places::Earlier;
    use serde_json::json;

    /// A span in one line, with a label.
    fn span(line: usize, columns: (usize, usize), label: &str) -> Value {
        json!({"file_name": "src/lib.rs", "line_start": line, "line_end": line,
            "column_start": columns.0, "column_end": columns.1, "is_primary": true,
            "label": label, "expansion": null, "suggested_replacement": null})
    }

    fn error(spans: &[Value], children: &[Value]) -> Value {
        json!({"message": "no", "level": "error", "spans": spans, "children": children})
    }

    fn told(code: &str, before: &str, made: &str, error: &Value) -> Vec<String> {
        let mut earlier = Earlier::default();
        earlier.history.note(1, before);
        let refused = json!({"made": made, "errors": [error]});
        let cells = Cells::of(code, made, &earlier).refusing(refused);
        assert_eq!(lines("another", &cells), [""; 0]);
        let (all, only) = (lines("no", &cells), super::earlier("no", &cells));
        let of_earlier =
            all.iter().filter(|line| line.contains("--> line 2 of the cell"));
        assert_eq!(only.len(), 3 * of_earlier.count());
        assert!(all.ends_with(&only), "{only:#?}");
        all
    }

    #[test]
    fn an_error_in_a_use_line_is_told_with_the_line() {
        let code = "use crossbeam::channel::{bounded, select};";
        let made = "use crossbeam::channel::bounded;\nuse crossbeam::channel::select;";
        let spans = [span(1, (5, 14), "undeclared"), span(2, (5, 14), "undeclared")];
        assert_eq!(
            told(code, "", made, &error(&spans, &[])),
            [
                "   --> line 1 of this cell",
                "  1 | use crossbeam::channel::{bounded, select};",
                "    |     ^^^^^^^^^ undeclared",
            ]
        );
    }

    #[test]
    fn an_error_in_an_earlier_cells_macro_is_told_with_its_call() {
        let before = "macro_rules! all {\n    ($e:expr) => { vec![1, $e] }\n}";
        let mut inner = span(2, (19, 21), "expected integer");
        inner["expansion"] = json!({"span": span(4, (1, 9), "")});
        assert_eq!(
            told(
                "all![x]",
                before,
                &format!("{before}\nall![x]"),
                &error(&[inner], &[])
            ),
            [
                "   --> line 1 of this cell",
                "  1 | all![x]",
                "    | ^^^^^^^",
                "   --> line 2 of the cell with `macro_rules! all`",
                "  2 |     ($e:expr) => { vec![1, $e] }",
                "    |                   ^^ expected integer",
            ]
        );
    }

    #[test]
    fn what_helps_is_told_with_the_place_in_the_earlier_cell() {
        let made = "struct Account { balance: u64 }\nshow(&(\na\n));";
        let mut wide = span(2, (6, 2), "cannot be formatted");
        wide["line_end"] = 4.into();
        let mut derive = span(1, (1, 1), "");
        derive["suggested_replacement"] = "#[derive(Debug)]\n".into();
        let help = json!({"level": "help", "spans": [derive],
            "message": "consider annotating `Account` with `#[derive(Debug)]`"});
        let told = told(
            "a",
            "struct Account { balance: u64 }",
            made,
            &error(&[wide], &[help]),
        );
        assert_eq!(
            told,
            [
                "   --> line 1 of this cell",
                "  1 | a",
                "    | ^ cannot be formatted",
                "  help: consider annotating `Account` with `#[derive(Debug)]` \
                 (line 1 of the cell with `struct Account`)",
            ]
        );
    }
}
