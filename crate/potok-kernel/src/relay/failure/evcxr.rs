//! evcxr's own errors: what does not compile, a process that died.

use super::text::{bold, is_wide, without_colour};
use super::{Failure, compile, habit, panic, undrawn, versions};
use crate::relay::places::{Cells, Origin};
use crate::relay::words;
use serde_json::Value;

impl Failure {
    /// evcxr's own errors, from its messages: what does not compile, a process that died.
    ///
    /// `crashed`: evcxr's handler of crashes had a word before the process died.
    pub(crate) fn of_evcxr(
        errors: &[Value],
        interrupted: bool,
        crashed: Option<&str>,
        mark: &str,
        cells: &Cells<'_>,
    ) -> Self {
        let code = cells.code;
        let evalue =
            |error: &Value| error["evalue"].as_str().unwrap_or_default().to_owned();
        let first = errors.first().map(evalue).unwrap_or_default();
        if let Some(death) = Failure::death(&first, interrupted, crashed) {
            return death;
        }
        let closure = compile::closure(errors);
        let errors = compile::in_order(errors);
        let place = closure.and_then(|(line, column)| {
            let line = cells.line(None, line, column);
            (line.origin != Origin::Unknown).then(|| panic::marked(&line))
        });
        if let Some(failure) = Failure::explained(&errors, code, place) {
            return failure;
        }
        let first = errors.first().map(|error| evalue(error)).unwrap_or_default();
        let first: Vec<&str> =
            first.lines().filter(|line| !line.starts_with(mark)).collect();
        let first = compile::without_places(&first.join("\n"));
        let mut lines = vec![];
        for error in &errors {
            let trace: Vec<&str> = error["traceback"]
                .as_array()
                .map(|lines| lines.iter().filter_map(Value::as_str).collect())
                .unwrap_or_default();
            let shown = trace.iter().flat_map(|text| text.lines()).map(without_colour);
            let mut shown: Vec<String> =
                shown.map(|line| line.trim_end().to_owned()).collect();
            align(&mut shown);
            join_quotes(&mut shown);
            // evcxr puts the message first, or last where a line is not ASCII.
            let message = evalue(error);
            if !shown.first().is_some_and(|head| head.contains(&message)) {
                shown.retain(|line| *line != message);
                shown.insert(0, message.clone());
            }
            if undrawn::is_drawn(&shown) {
                shown.extend(undrawn::earlier(&message, cells));
            } else {
                let places = undrawn::lines(&message, cells);
                if !places.is_empty() {
                    shown.truncate(message.lines().count());
                }
                shown.extend(places);
            }
            if !lines.is_empty() {
                lines.push(String::new());
            }
            shown[0] = bold(&shown[0]);
            let shown =
                shown.iter().map(|line| compile::without_places(&unnamed(line)));
            lines.extend(shown);
        }
        if let Some(why) = cells.impl_that_stays(&first) {
            lines.extend([String::new(), why]);
        }
        let drawn = lines.len() > first.lines().count();
        let ename = if drawn || errors.len() > 1 { "CompileError" } else { "Error" };
        let evalue = match errors.len() {
            0 | 1 => first,
            n => words::and_more(first, n - 1),
        };
        Failure { ename: ename.to_owned(), evalue, traceback: lines }
    }
}

impl Failure {
    /// What is better said in our words than in the compiler's.
    fn explained(
        errors: &[&Value],
        code: &str,
        closure: Option<Vec<String>>,
    ) -> Option<Self> {
        let compile_error = |sentence: String, below: Vec<String>| {
            let mut failure = Failure::plain("CompileError", sentence.clone());
            failure.traceback = vec![bold(&words::error(&sentence))];
            failure.traceback.extend(below);
            Some(failure)
        };
        let references: Vec<&str> =
            errors.iter().filter_map(|error| compile::reference(error)).collect();
        // With another error beside them, all are shown.
        if !references.is_empty() && references.len() == errors.len() {
            let (sentence, below) = compile::cure(&references, code);
            return compile_error(sentence, below);
        }
        let said =
            |error: &&Value| error["evalue"].as_str().and_then(versions::sentence);
        if let Some(sentence) = errors.iter().find_map(said) {
            return compile_error(sentence, vec![]);
        }
        if let Some(name) =
            errors.iter().find_map(|error| compile::closure_in_variable(error))
        {
            let below = [
                words::function().to_owned(),
                String::new(),
                format!("    fn {name}(x: u64) -> u64 {{ x + 1 }}"),
                String::new(),
                words::boxed().to_owned(),
                String::new(),
                format!(
                    "    let {name}: Box<dyn Fn(u64) -> u64> = Box::new(move |x| x + n);"
                ),
                String::new(),
                words::or_in_braces().to_owned(),
            ];
            return compile_error(words::closure(name), Vec::from(below));
        }
        if let [error] = errors {
            let refused = compile::constant_panic(error)
                .map(|said| words::of_the_library(said).to_owned());
            let captured = || compile::captured(error, code).map(words::captures);
            if let Some(sentence) = refused.or_else(captured) {
                return compile_error(sentence, closure.unwrap_or_default());
            }
        }
        let said: Vec<&str> =
            errors.iter().filter_map(|error| error["evalue"].as_str()).collect();
        let habit = habit::find(code, &said).filter(|_| !said.is_empty())?;
        let source = code.lines().nth(habit.line - 1).unwrap_or_default();
        let below = vec![
            format!("  --> {}", words::line(habit.line)),
            format!("  {} | {source}", habit.line),
        ];
        compile_error(habit.says, below)
    }
}

/// evcxr marks a place below a line by counting characters. A wide one takes two places,
/// so the marks after it move to the right.
fn align(lines: &mut [String]) {
    for i in 1..lines.len() {
        let marks = lines[i].trim_start_matches(' ');
        if !marks.starts_with('^') {
            continue;
        }
        let column = lines[i].len() - marks.len();
        let wide = lines[i - 1].chars().take(column).filter(|&c| is_wide(c)).count();
        lines[i].insert_str(0, &" ".repeat(wide));
    }
}

/// What the compiler proposes to write ends in a line break, and evcxr puts the closing quote
/// on a line of its own.
fn join_quotes(lines: &mut Vec<String>) {
    let mut at = 1;
    while at < lines.len() {
        if lines[at].trim_matches(['│', ' ']) == "`" {
            lines[at - 1].push('`');
            lines.remove(at);
        } else {
            at += 1;
        }
    }
}

/// evcxr names a cell `command_7:1:1`, whichever line it means.
fn unnamed(line: &str) -> String {
    match line
        .split_once("[ command_")
        .map(|(before, rest)| (before, rest.split_once(']')))
    {
        Some((before, Some((_, after)))) => {
            format!("{before}[ {} ]{after}", words::this_cell())
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::places::Earlier;
    use serde_json::json;

    /// What is told of evcxr's errors about a cell.
    fn told(errors: &[Value], code: &str, made: &str) -> Failure {
        let none = Earlier::default();
        let cells = Cells::of(code, made, &none);
        Failure::of_evcxr(errors, false, None, "POTOK", &cells)
    }

    #[test]
    fn compile_errors_are_one_error_without_colour() {
        let error = |text: &str| {
            let head = format!("\u{1b}[31mError:\u{1b}[0m {text}");
            json!({"evalue": text, "traceback": [head, "  1 | x"]})
        };
        let failure = told(&[error("a"), error("b")], "", "");
        assert_eq!(failure.ename, "CompileError");
        assert_eq!(failure.evalue, "a (and 1 more)");
        assert_eq!(failure.shown(), "Error: a\n  1 | x\n\nError: b\n  1 | x");
        assert!(!failure.traceback.join("").contains("[31m"));
    }

    #[test]
    fn a_refused_closure_is_one_error_with_its_line() {
        let code = "let n = 3;\nspawn(move |()| n, ());";
        let generated = format!("use x;\n{code}\ny");
        let said = |text: &str| json!({"evalue": text, "traceback": [text]});
        let panic = said("evaluation panicked: this closure captures variables");
        let place = said(
            "the above error was encountered while instantiating \
             `fn of_entry::<{closure@src/lib.rs:3:7: 3:16}, (), u64>`",
        );
        let shown = |errors: &[Value]| told(errors, code, &generated).shown();
        let place_of_it =
            "   --> line 2 of this cell\n  2 | spawn(move |()| n, ());\n    |       ^";
        assert_eq!(
            shown(&[panic, place]),
            format!("error: this closure captures variables\n{place_of_it}")
        );
        let string = said(
            "the trait bound `String: Copy` is not satisfied in \
             `{closure@src/lib.rs:3:7: 3:16}`",
        );
        let string = shown(&[string]);
        assert!(string.starts_with("error: this closure captures a `String`, which"));
        assert!(string.ends_with(place_of_it), "{string}");
    }

    #[test]
    fn a_closure_in_a_variable_is_one_error_with_what_to_write() {
        let text =
            "The variable `add` is a closure, which cannot be persisted.\nYou can";
        let error = json!({"evalue": text, "traceback": [text]});
        let failure = told(&[error.clone(), error], "let add = |x| x;", "");
        assert!(failure.evalue.starts_with("`add` is a closure"), "{}", failure.evalue);
        let shown = failure.shown();
        assert!(
            shown.contains("    fn add(x: u64) -> u64") && !shown.contains("evcxr")
        );
        assert_eq!(shown.matches("is a closure").count(), 1);
    }

    #[test]
    fn a_quote_is_closed_where_it_ends() {
        let trace = [
            "[E0433] Error: no",
            "   │ Note: help: `use std::rc::Rc;",
            "   │       `",
            "───╯",
        ];
        let shown =
            told(&[json!({"evalue": "no", "traceback": trace})], "", "").shown();
        assert_eq!(
            shown,
            "[E0433] Error: no\n   │ Note: help: `use std::rc::Rc;`\n───╯"
        );
    }

    #[test]
    fn the_message_stands_first_and_marks_below_wide_characters() {
        let trace = ["let 茶: u32 = 1;", "       ^^^ no", "mismatched types"];
        let error = json!({"evalue": "mismatched types", "traceback": trace});
        let shown = told(&[error], "", "").shown();
        assert_eq!(shown, "mismatched types\nlet 茶: u32 = 1;\n        ^^^ no");
    }
}
