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
mod undrawn;
mod versions;

pub(super) use panic::FILE;

use crate::relay::places::Cells;
use crate::relay::words;
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
    /// An error that met a `?`.
    pub(crate) fn question_mark(error: &str, cells: &Cells<'_>) -> Self {
        let mut failure = Failure::plain("Err", panic::placed(error, cells));
        failure.traceback.push(format!("  {}", words::by_question_mark()));
        failure
    }

    /// What a cell prints or gives, with places of the file that evcxr made of it as lines
    /// of cells; `None` if it names none.
    pub(crate) fn said(text: &str, cells: &Cells<'_>) -> Option<String> {
        let is_place = |(at, _): (usize, &str)| {
            let (before, after) = (&text[..at], &text[at + FILE.len()..]);
            // Of a child that speaks English or Russian.
            let named = [" at ", " в "].iter().any(|word| before.ends_with(word));
            named && after.starts_with(|c: char| c.is_ascii_digit())
        };
        let names_one = text.match_indices(FILE).any(is_place);
        names_one.then(|| panic::placed(text, cells))
    }

    fn plain(ename: &str, evalue: String) -> Self {
        // The title is the first line; an `assert_eq!` says its values in the next ones.
        let mut lines = evalue.lines();
        let title = lines.next().unwrap_or_default();
        let mut traceback = vec![bold(&format!("{ename}: {title}"))];
        traceback.extend(lines.map(str::to_owned));
        Failure { ename: ename.to_owned(), evalue, traceback }
    }

    /// What it is, in a line.
    pub(crate) fn title(&self) -> &str {
        self.evalue.lines().next().unwrap_or_default()
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
    use crate::relay::places::Earlier;
    use potok_words::{Language, within};

    #[test]
    fn what_a_cell_says_names_its_lines_and_is_left_alone_otherwise() {
        let none = Earlier::default();
        let cells = Cells::of("a();\nf();", "x\na();\nf();\ny", &none);
        let said = |text| Failure::said(text, &cells);
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

    /// Two words of English, one after the other, that are no code.
    fn english(said: &str) -> Option<String> {
        let prose: String = said.split('`').step_by(2).collect();
        let word =
            |it: &&str| it.len() > 1 && it.bytes().all(|b| b.is_ascii_lowercase());
        let words: Vec<&str> = prose.split_whitespace().collect();
        let pair = words.windows(2).find(|pair| pair.iter().all(word));
        pair.map(|pair| pair.join(" "))
    }

    #[test]
    fn a_russian_notebook_is_told_in_russian_why_a_cell_failed() {
        let mut earlier = Earlier::default();
        earlier.history.note(1, "fn f() {\n    g();\n}");
        let of_evcxr = |said: &str, code: &str| {
            let error = json!({"evalue": said, "traceback": [said]});
            Failure::of_evcxr(
                &[error],
                false,
                None,
                "POTOK",
                &Cells::of(code, "", &earlier),
            )
        };
        let ended = |status: &str| {
            of_evcxr(&format!("Subprocess terminated with status: {status}"), "")
        };
        let reference = |names: &[&str]| {
            let said = |name: &&str| {
                let said = format!(
                    "The variable `{name}` contains a reference with a non-static lifetime"
                );
                json!({"evalue": said, "traceback": [said]})
            };
            let errors: Vec<Value> = names.iter().map(said).collect();
            let cells = Cells::of("let a = &all[1..];", "", &earlier);
            Failure::of_evcxr(&errors, false, None, "POTOK", &cells)
        };
        let panic = |file: &str, cell: bool| {
            let said = json!({"message": "нет", "line": 1, "file": file, "cell": cell});
            Failure::panic(Some(&said), None, &Cells::of("f();", "f();", &earlier))
        };
        let line = |line: u64| json!({"message": "нет", "cell": true, "line": line});
        let before = Cells::of("x();", "fn f() {\n    g();\n}\nx();", &earlier);
        let none = Cells::of("", "", &earlier);
        let mut failures = within(Language::Russian, || {
            vec![
                Failure::question_mark("нет", &none),
                Failure::panic(None, None, &none),
                Failure::panic(Some(&line(2)), None, &before),
                panic("src/lib.rs", true),
                panic("/rustc/1/library/core/src/cell.rs", false),
                panic("x.rs", false),
                ended("exit status: 3"),
                ended("stopped"),
                reference(&["a"]),
                reference(&["a", "b"]),
                of_evcxr("`f` is a closure, which cannot be persisted", ""),
                of_evcxr(
                    "the trait bound `String: Copy` is not satisfied in \
                     `{closure@src/lib.rs:9:18: 9:27}`",
                    "spawn(move |()| s, ())",
                ),
            ]
        });
        let refused = json!({"evalue": "duplicate definitions with name `f`", "traceback": ["`f`"]});
        failures.push(within(Language::Russian, || {
            let mut earlier = Earlier::default();
            earlier.impls.note("impl A { fn f() {} }");
            let cells = Cells::of("impl A { fn f() {} }", "", &earlier);
            let mut failure =
                Failure::of_evcxr(&[refused], false, None, "POTOK", &cells);
            // What the compiler says is its own.
            failure.traceback.remove(0);
            failure
        }));
        for signal in
            ["SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE", "SIGKILL", "SIGTERM"]
        {
            let status = format!("signal: 1 ({signal})");
            failures.push(within(Language::Russian, || ended(&status)));
        }
        for failure in failures {
            let shown = failure.shown();
            assert!(shown.chars().any(|c| ('а'..='я').contains(&c)), "{shown}");
            assert_eq!(english(&shown), None, "{shown}");
        }
    }

    #[test]
    fn what_the_library_says_to_the_compiler_is_told_in_russian() {
        let code = include_str!("../../../../potok-process/src/code.rs");
        let words: Vec<&str> =
            code.split_whitespace().filter(|it| *it != "\\").collect();
        let code = words.join(" ");
        for words in [words::captures_variables, words::pointer] {
            let english = words();
            assert!(code.contains(english), "not the library's: {english}");
            let told = within(Language::Russian, || words::of_the_library(english));
            assert_eq!(told, within(Language::Russian, words));
        }
        assert_eq!(words::of_the_library("other words"), "other words");
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
