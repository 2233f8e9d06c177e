//! evcxr's own errors: what does not compile, a process that died.

use super::text::{bold, is_wide, without_colour};
use super::{Failure, compile, habit};
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
        code: &str,
    ) -> Self {
        let evalue =
            |error: &Value| error["evalue"].as_str().unwrap_or_default().to_owned();
        let first = errors.first().map(evalue).unwrap_or_default();
        if let Some(death) = Failure::death(&first, interrupted, crashed) {
            return death;
        }
        let errors = compile::in_order(errors);
        if let Some(failure) = Failure::explained(&errors, code) {
            return failure;
        }
        let first = errors.first().map(|error| evalue(error)).unwrap_or_default();
        let first: Vec<&str> =
            first.lines().filter(|line| !line.starts_with(mark)).collect();
        let first = first.join("\n");
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
            // evcxr puts the message first, or last where a line is not ASCII.
            let message = evalue(error);
            if !shown.first().is_some_and(|head| head.contains(&message)) {
                shown.retain(|line| *line != message);
                shown.insert(0, message);
            }
            if !lines.is_empty() {
                lines.push(String::new());
            }
            shown[0] = bold(&shown[0]);
            lines.extend(shown.iter().map(|line| unnamed(line)));
        }
        let drawn = lines.len() > first.lines().count();
        let ename = if drawn || errors.len() > 1 { "CompileError" } else { "Error" };
        let evalue = match errors.len() {
            0 | 1 => first,
            n => format!("{first} (and {} more)", n - 1),
        };
        Failure { ename: ename.to_owned(), evalue, traceback: lines }
    }
}

impl Failure {
    /// What is better said in our words than in the compiler's.
    fn explained(errors: &[&Value], code: &str) -> Option<Self> {
        let compile_error = |sentence: String, below: Vec<String>| {
            let mut failure = Failure::plain("CompileError", sentence.clone());
            failure.traceback = vec![bold(&format!("error: {sentence}"))];
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
        let said: Vec<&str> =
            errors.iter().filter_map(|error| error["evalue"].as_str()).collect();
        let habit = habit::find(code, &said).filter(|_| !said.is_empty())?;
        let source = code.lines().nth(habit.line - 1).unwrap_or_default();
        let below = vec![
            format!("  --> line {} of this cell", habit.line),
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

/// evcxr names a cell `command_7:1:1`, whichever line it means.
fn unnamed(line: &str) -> String {
    match line
        .split_once("[ command_")
        .map(|(before, rest)| (before, rest.split_once(']')))
    {
        Some((before, Some((_, after)))) => format!("{before}[ this cell ]{after}"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn compile_errors_are_one_error_without_colour() {
        let error = |text: &str| {
            let head = format!("\u{1b}[31mError:\u{1b}[0m {text}");
            json!({"evalue": text, "traceback": [head, "  1 | x"]})
        };
        let failure =
            Failure::of_evcxr(&[error("a"), error("b")], false, None, "POTOK", "");
        assert_eq!(failure.ename, "CompileError");
        assert_eq!(failure.evalue, "a (and 1 more)");
        assert_eq!(failure.shown(), "Error: a\n  1 | x\n\nError: b\n  1 | x");
        assert!(!failure.traceback.join("").contains("[31m"));
    }

    #[test]
    fn the_message_stands_first_and_marks_below_wide_characters() {
        let trace = ["let 茶: u32 = 1;", "       ^^^ no", "mismatched types"];
        let error = json!({"evalue": "mismatched types", "traceback": trace});
        let shown = Failure::of_evcxr(&[error], false, None, "POTOK", "").shown();
        assert_eq!(shown, "mismatched types\nlet 茶: u32 = 1;\n        ^^^ no");
    }
}
