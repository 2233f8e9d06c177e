//! Writes to a cell's output: complete lines, and never one of the kernel's commands.
//!
//! evcxr reads the output of the process that runs the cells line by line. A line that
//! begins with `EVCXR_` is a command to it, so no other text may look like one.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes with one lock, so that no other thread's line gets in between. A closed output
/// does not end the program.
pub fn print(text: &[u8]) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text);
    let _ = out.flush();
}

/// The same on standard error, for warnings and for the stderr of a child.
pub fn print_aside(text: &[u8]) {
    let _ = io::stderr().lock().write_all(text);
}

/// The text, changed so that the kernel takes nothing in it for a command.
///
/// The kernel looks for some commands at the beginning of a line, for some at the end, and
/// for `EVCXR_BEGIN_CONTENT` and a space anywhere. So a line that contains a command's name
/// gets a space before it and a no-break space after it.
pub fn harmless(lines: &[u8]) -> Cow<'_, [u8]> {
    const COMMAND: &[u8] = b"EVCXR_";
    const BEGIN: &[u8] = b"EVCXR_BEGIN_CONTENT";
    const UNBROKEN: &[u8] = "\u{a0}".as_bytes();
    let speaks =
        |text: &[u8]| text.windows(COMMAND.len()).any(|bytes| bytes == COMMAND);
    if !speaks(lines) {
        return Cow::Borrowed(lines);
    }
    let mut safe = Vec::with_capacity(lines.len() + 16);
    for line in lines.split_inclusive(|&byte| byte == b'\n') {
        if !speaks(line) {
            safe.extend_from_slice(line);
            continue;
        }
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        safe.push(b' ');
        for &byte in bare {
            if byte == b' ' && safe.ends_with(BEGIN) {
                safe.extend_from_slice(UNBROKEN);
            } else {
                safe.push(byte);
            }
        }
        safe.extend_from_slice(UNBROKEN);
        safe.extend_from_slice(&line[bare.len()..]);
    }
    Cow::Owned(safe)
}

/// A JSON string that is on one line and holds nothing that evcxr takes for a command.
///
/// Not by serde_json: it implements `PartialEq<Value>` for `i64`, `bool`, `String` and
/// others. With it among the crates that a cell loads, the compiler no longer knows what
/// this parses to:
/// ```
/// assert_eq!(7_i64, "7".parse().unwrap());
/// ```
pub fn json_string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
    json.replace("EVCXR_", "EVCXR\\u005f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_one_line_without_commands() {
        let text = "a \"b\"\n\\ ё EVCXR_EXECUTION_COMPLETE\u{85}";
        let json = json_string(text);
        assert!(!json.contains('\n') && !json.contains("EVCXR_"));
        let back: String = serde_json::from_str(&json).unwrap();
        assert_eq!(back, text);
    }

    #[test]
    fn no_line_is_a_command() {
        let text =
            harmless(b"EVCXR_A\nplain\nb EVCXR_EXECUTION_COMPLETE\n").into_owned();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text, " EVCXR_A\u{a0}\nplain\n b EVCXR_EXECUTION_COMPLETE\u{a0}\n");
    }

    #[test]
    fn a_command_that_is_found_within_a_line_is_none() {
        let text = harmless(b"a EVCXR_BEGIN_CONTENT text/html\n").into_owned();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text, " a EVCXR_BEGIN_CONTENT\u{a0}text/html\u{a0}\n");
    }

    #[test]
    fn other_text_stays_as_it_is() {
        assert!(matches!(harmless(b"a\nb"), Cow::Borrowed(b"a\nb")));
    }
}
