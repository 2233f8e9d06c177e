//! Why a cell failed, in words for its reader and in the three fields that clients read.
//!
//! *What to notice*: no colour but bold. Pages show a traceback on red, where evcxr's red
//! could not be read.

mod compile;
mod death;
mod evcxr;
mod habit;
mod panic;
mod text;
mod versions;

pub(super) use panic::FILE;

use serde_json::{Value, json};
use text::bold;

/// A failed cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    ename: String,
    evalue: String,
    traceback: Vec<String>,
}

impl Failure {
    /// An error that met a `?`. `generated` is the file that evcxr made of the cell's `code`.
    pub(crate) fn question_mark(error: &str, generated: &str, code: &str) -> Self {
        let mut failure = Failure::plain("Err", panic::placed(error, generated, code));
        failure.traceback.push("  returned by a `?` in this cell".to_owned());
        failure
    }

    /// What a cell prints or gives, with places of the file that evcxr made of it as lines
    /// of the cell; `None` if it names none. `generated` reads that file.
    pub(crate) fn said(
        text: &str,
        generated: impl FnOnce() -> String,
        code: &str,
    ) -> Option<String> {
        let is_place = |(at, _): (usize, &str)| {
            let (before, after) = (&text[..at], &text[at + FILE.len()..]);
            // Of a child that speaks English or Russian.
            let named = [" at ", " в "].iter().any(|word| before.ends_with(word));
            named && after.starts_with(|c: char| c.is_ascii_digit())
        };
        let names_one = text.match_indices(FILE).any(is_place);
        names_one.then(|| panic::placed(text, &generated(), code))
    }

    fn plain(ename: &str, evalue: String) -> Self {
        // The title is the first line; an `assert_eq!` says its values in the next ones.
        let mut lines = evalue.lines();
        let title = lines.next().unwrap_or_default();
        let mut traceback = vec![bold(&format!("{ename}: {title}"))];
        traceback.extend(lines.map(str::to_owned));
        Failure { ename: ename.to_owned(), evalue, traceback }
    }

    /// The content of the message that shows it.
    pub(crate) fn content(&self) -> Value {
        json!({
            "ename": self.ename,
            "evalue": self.evalue,
            "traceback": self.traceback,
        })
    }

    /// The content of the reply: evcxr's, which says nothing of the failure or too little.
    pub(crate) fn reply(&self, mut reply: Value) -> Value {
        if !reply.is_object() {
            reply = json!({});
        }
        reply["status"] = "error".into();
        reply["ename"] = self.ename.as_str().into();
        reply["evalue"] = self.evalue.as_str().into();
        reply["traceback"] = self.traceback.as_slice().into();
        reply
    }
}

#[cfg(test)]
impl Failure {
    /// What its reader sees.
    fn shown(&self) -> String {
        text::without_colour(&self.traceback.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cell_says_names_its_lines_and_is_left_alone_otherwise() {
        let (code, made) = ("a();\nf();", || "x\na();\nf();\ny".to_owned());
        let said = |text| Failure::said(text, made, code);
        let printed = said("Err(Panicked: process 7 panicked at src/lib.rs:3:1: no)");
        assert_eq!(
            printed.unwrap(),
            "Err(Panicked: process 7 panicked at line 2 of this cell: no)"
        );
        let printed = said("процесс 7: паника в src/lib.rs:3:1: нет");
        assert_eq!(printed.unwrap(), "процесс 7: паника в строке 2 этой ячейки: нет");
        for other in ["", "see src/lib.rs:3:1", "open it at src/lib.rs: now", "at 3:1"]
        {
            assert_eq!(said(other), None, "{other}");
        }
    }

    #[test]
    fn the_title_is_the_first_line_and_the_value_is_all() {
        let failure =
            Failure::plain("panic", "not equal\n left: 1\nright: 0".to_owned());
        assert_eq!(failure.evalue, "not equal\n left: 1\nright: 0");
        assert_eq!(failure.traceback[0], bold("panic: not equal"));
        assert_eq!(failure.traceback[1..], [" left: 1", "right: 0"]);
    }
}
