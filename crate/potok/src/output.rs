//! The way to a cell's output: whole lines, and never one of the kernel's commands.
//!
//! evcxr reads the output of the process that runs the cells line by line. A line that
//! begins with `EVCXR_` is a command to it, so nobody else's text may look like one.

use std::borrow::Cow;
use std::io::{self, Write};

/// One locked write, so that no other thread's line lands in between. A closed output
/// is no reason to end a program.
pub(crate) fn print(text: &[u8]) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text);
    let _ = out.flush();
}

/// The same for what is not a result: warnings, and what a child says on its stderr.
pub(crate) fn print_aside(text: &[u8]) {
    let _ = io::stderr().lock().write_all(text);
}

/// The text with a space before each line that the kernel would take for a command.
pub(crate) fn harmless(lines: &[u8]) -> Cow<'_, [u8]> {
    const COMMAND: &[u8] = b"EVCXR_";
    let mut begins = lines.split_inclusive(|&byte| byte == b'\n');
    if !begins.any(|line| line.starts_with(COMMAND)) {
        return Cow::Borrowed(lines);
    }
    let mut safe = Vec::with_capacity(lines.len() + 16);
    for line in lines.split_inclusive(|&byte| byte == b'\n') {
        if line.starts_with(COMMAND) {
            safe.push(b' ');
        }
        safe.extend_from_slice(line);
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_a_command() {
        let text = harmless(b"EVCXR_A\nb EVCXR_\nEVCXR_EXECUTION_COMPLETE\n");
        assert_eq!(&*text, b" EVCXR_A\nb EVCXR_\n EVCXR_EXECUTION_COMPLETE\n");
    }

    #[test]
    fn other_text_stays_as_it_is() {
        assert!(matches!(harmless(b"a\nb"), Cow::Borrowed(b"a\nb")));
    }
}
