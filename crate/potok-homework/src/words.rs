//! What a student is told. Nothing here names a process, a serializer or this crate.

use potok_base::error::{Error, ErrorKind};

/// What of a value is shown.
const MOST: usize = 300;

/// A value in a sentence: one line, cut where it is long.
pub(crate) fn short(text: &str) -> String {
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}

/// Two values that differ.
pub(crate) fn differs(got: &str, expected: &str) -> String {
    format!("got {}, expected {}", short(got), short(expected))
}

/// Code that is not written yet, if the words of a panic say so.
pub(crate) fn unwritten(said: &str) -> Option<String> {
    said.contains("not yet implemented")
        .then(|| "not written yet: `todo!()` is still there".to_owned())
}

/// The end of a check that gave no value.
pub(crate) fn ended(error: &Error) -> String {
    let text = error.to_string();
    // `process 123 was killed …`: the number says nothing to anybody.
    let numbered = text.strip_prefix("process ").and_then(|rest| rest.split_once(' '));
    let text = numbered.map_or(text.as_str(), |(_, rest)| rest);
    match error.kind() {
        ErrorKind::Panicked => {
            // evcxr compiles each cell as this file; its lines are not the cell's.
            let cell = text.split_once(" at src/lib.rs:").and_then(|(before, rest)| {
                Some(format!("{before}: {}", rest.split_once(": ")?.1))
            });
            unwritten(text).unwrap_or_else(|| short(cell.as_deref().unwrap_or(text)))
        }
        ErrorKind::TimedOut => {
            let text = text.replace("; give it more time or less work", "");
            format!("{text}. An endless loop, or threads that wait for each other?")
        }
        ErrorKind::Exited(code) => {
            format!(
                "ended the whole program (`exit({code})`) instead of returning a value"
            )
        }
        ErrorKind::OutputLimit => {
            "printed or returned far more than it should; does a loop print?".to_owned()
        }
        _ => text.to_owned(),
    }
}

/// So many calls.
pub(crate) fn calls(count: u64) -> String {
    if count == 1 { "1 call".to_owned() } else { format!("{count} calls") }
}
