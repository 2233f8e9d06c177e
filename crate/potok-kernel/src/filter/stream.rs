//! One output of the process that runs the cells, taken apart into text and commands.
//!
//! evcxr reads it line by line, and some lines are commands to it. What is text goes on in
//! marked lines of ours instead, many lines in one: so a line may come in parts, in bytes
//! that are no UTF-8, or a hundred thousand times a second.

use serde_json::json;

/// The cell's code has ended.
pub(super) const COMPLETE: &str = "EVCXR_EXECUTION_COMPLETE";
/// By a panic that nobody caught.
const PANIC: &str = "EVCXR_PANIC_NOTIFICATION";
/// By a `?` that found an error.
const ERROR: &str = "EVCXR_ERROR_OCCURRED";
/// What begins and ends rich output; a MIME type follows the first.
const BEGIN: &str = "EVCXR_BEGIN_CONTENT ";
const END: &str = "EVCXR_END_CONTENT";
const COMMAND: &str = "EVCXR_";

/// The most text that goes into one marked line.
const LARGEST: usize = 64 * 1024;

/// What to pass on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// As it is.
    Line(Vec<u8>),
    /// Marked, as somebody's output.
    Text(String),
    /// Evcxr is told of a panic.
    Panic,
    /// Evcxr is told of a failed `?`.
    Failed,
    /// Evcxr is told that the cell has ended.
    Complete,
}

/// The state of one output between two readings.
#[derive(Debug)]
pub(super) struct Stream {
    mark: String,
    /// A line that has not ended yet, as far as it has not been passed on.
    pending: Vec<u8>,
    /// Inside rich output, which evcxr takes line by line.
    content: bool,
}

impl Stream {
    pub(super) fn new(mark: &str) -> Self {
        Stream { mark: mark.to_owned(), pending: vec![], content: false }
    }

    /// What has come, in pieces. A line without an end waits.
    pub(super) fn take(&mut self, bytes: &[u8], pieces: &mut Vec<Piece>) {
        let Some(end) = bytes.iter().rposition(|&byte| byte == b'\n') else {
            self.pending.extend_from_slice(bytes);
            if self.pending.len() > LARGEST {
                self.flush(pieces);
            }
            return;
        };
        let mut lines = std::mem::take(&mut self.pending);
        lines.extend_from_slice(&bytes[..=end]);
        self.pending.extend_from_slice(&bytes[end + 1..]);
        for line in lines.split_inclusive(|&byte| byte == b'\n') {
            self.line(line, pieces);
        }
    }

    /// Whether text waits for the end of its line.
    pub(super) fn waits(&self) -> bool {
        !self.content && !self.pending.is_empty() && !self.is_special(&self.pending)
    }

    /// Passes on a line that has not ended, unless it may be a command.
    pub(super) fn flush(&mut self, pieces: &mut Vec<Piece>) {
        if !self.waits() {
            return;
        }
        // The last character may be there in part.
        let whole = match std::str::from_utf8(&self.pending) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.pending.len(),
        };
        let rest = self.pending.split_off(whole);
        let text = std::mem::replace(&mut self.pending, rest);
        text_of(&text, pieces);
    }

    /// Passes on everything: no more will come.
    pub(super) fn finish(&mut self, pieces: &mut Vec<Piece>) {
        let last = std::mem::take(&mut self.pending);
        if !self.is_special(&last) {
            text_of(&last, pieces);
        }
    }

    /// One line with its end.
    fn line(&mut self, line: &[u8], pieces: &mut Vec<Piece>) {
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        if self.content {
            return self.content_line(bare, line, pieces);
        }
        if !self.is_special(bare) {
            return text_of(line, pieces);
        }
        let at = self.command(bare);
        let Some(at) = at else { return text_of(line, pieces) };
        // Before a command there may be text of a line that was not ended.
        text_of(&line[..at], pieces);
        let command = &bare[at..];
        if command == COMPLETE.as_bytes() {
            return pieces.push(Piece::Complete);
        }
        if command == PANIC.as_bytes() {
            return pieces.push(Piece::Panic);
        }
        if command == ERROR.as_bytes() {
            return pieces.push(Piece::Failed);
        }
        self.content = command.starts_with(BEGIN.as_bytes());
        pieces.push(Piece::Line(line[at..].to_vec()));
    }

    fn content_line(&mut self, bare: &[u8], line: &[u8], pieces: &mut Vec<Piece>) {
        let ended_by = match bare {
            _ if bare == PANIC.as_bytes() => Some(Piece::Panic),
            _ if bare == COMPLETE.as_bytes() => Some(Piece::Complete),
            _ => None,
        };
        self.content = ended_by.is_none() && bare != END.as_bytes();
        match ended_by {
            // Its end is missing, for which evcxr would wait.
            Some(piece) => {
                pieces.push(Piece::Line(format!("{END}\n").into()));
                pieces.push(piece);
            }
            None => {
                let line = String::from_utf8_lossy(line).into_owned();
                pieces.push(Piece::Line(line.into()));
            }
        }
    }

    /// Whether there is anything in a line that could be more than text.
    fn is_special(&self, line: &[u8]) -> bool {
        contains(line, COMMAND) || contains(line, &self.mark)
    }

    /// Where in a line a command begins, evcxr's or a marked one.
    fn command(&self, line: &[u8]) -> Option<usize> {
        if let Some(at) = find(line, &self.mark) {
            return Some(at);
        }
        if line.starts_with(COMMAND.as_bytes()) {
            return Some(0);
        }
        for whole in [COMPLETE, PANIC, ERROR] {
            if line.ends_with(whole.as_bytes()) {
                return Some(line.len() - whole.len());
            }
        }
        let at = find(line, BEGIN)?;
        let kind = &line[at + BEGIN.len()..];
        (kind.contains(&b'/') && !kind.contains(&b' ')).then_some(at)
    }
}

/// Adds text to the last piece, or as a new one.
fn text_of(bytes: &[u8], pieces: &mut Vec<Piece>) {
    if bytes.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(bytes);
    match pieces.last_mut() {
        Some(Piece::Text(last)) if last.len() + text.len() <= LARGEST => {
            last.push_str(&text);
        }
        _ => pieces.push(Piece::Text(text.into_owned())),
    }
}

/// A line for the relay that evcxr passes on as it is.
pub(super) fn marked(mark: &str, op: &str, text: &str) -> String {
    let line = json!({ "op": op, "text": text }).to_string();
    // evcxr looks for its commands inside a line too.
    format!("{mark} {}\n", line.replace(COMMAND, "EVCXR\\u005f"))
}

/// evcxr's own line for a piece.
pub(super) fn command(piece: &Piece) -> Option<&'static str> {
    match piece {
        Piece::Panic => Some(PANIC),
        Piece::Failed => Some(ERROR),
        Piece::Complete => Some(COMPLETE),
        Piece::Line(_) | Piece::Text(_) => None,
    }
}

fn contains(line: &[u8], what: &str) -> bool {
    find(line, what).is_some()
}

fn find(line: &[u8], what: &str) -> Option<usize> {
    let what = what.as_bytes();
    let first = *what.first()?;
    let mut from = 0;
    while let Some(at) = line[from..].iter().position(|&byte| byte == first) {
        let at = from + at;
        if line[at..].starts_with(what) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: &str = "potok:0123";

    fn pieces(reads: &[&[u8]]) -> Vec<Piece> {
        let (mut stream, mut pieces) = (Stream::new(MARK), vec![]);
        for bytes in reads {
            stream.take(bytes, &mut pieces);
        }
        stream.finish(&mut pieces);
        pieces
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.into())
    }

    fn line(text: &str) -> Piece {
        Piece::Line(text.into())
    }

    #[test]
    fn many_lines_are_one_piece_however_they_come() {
        let whole = pieces(&[b"a\nb\nc"]);
        assert_eq!(whole, [text("a\nb\nc")]);
        assert_eq!(pieces(&[b"a", b"\n", b"b\nc"]), whole);
    }

    #[test]
    fn commands_are_told_from_text() {
        let found =
            pieces(&[b"x\nEVCXR_PANIC_NOTIFICATION\nEVCXR_EXECUTION_COMPLETE\ny\n"]);
        assert_eq!(found, [text("x\n"), Piece::Panic, Piece::Complete, text("y\n")]);
        let look_alike = b"see EVCXR_BEGIN_CONTENT in the manual\nEVCXR EVCXR_END\n";
        let found = pieces(&[look_alike]);
        assert_eq!(found, [text(std::str::from_utf8(look_alike).unwrap())]);
    }

    #[test]
    fn text_of_an_unended_line_does_not_hide_a_command() {
        let found = pieces(&[b"1 2 3 EVCXR_EXECUTION_COMPLETE\n"]);
        assert_eq!(found, [text("1 2 3 "), Piece::Complete]);
        let found =
            pieces(&[b"ab EVCXR_BEGIN_CONTENT text/html\n<p>\nEVCXR_END_CONTENT\n"]);
        let html = ["EVCXR_BEGIN_CONTENT text/html\n", "<p>\n", "EVCXR_END_CONTENT\n"];
        assert_eq!(found[0], text("ab "));
        assert_eq!(found[1..], html.map(line));
        let found = pieces(&[b"abpotok:0123 {}\n"]);
        assert_eq!(found, [text("ab"), line("potok:0123 {}\n")]);
    }

    #[test]
    fn rich_output_without_an_end_is_ended() {
        let found =
            pieces(&[b"EVCXR_BEGIN_CONTENT a/b\nx\nEVCXR_EXECUTION_COMPLETE\n"]);
        let expected = [
            line("EVCXR_BEGIN_CONTENT a/b\n"),
            line("x\n"),
            line("EVCXR_END_CONTENT\n"),
            Piece::Complete,
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_character_in_two_parts_is_not_torn_and_noise_is_marked_as_such() {
        let (mut stream, mut pieces) = (Stream::new(MARK), vec![]);
        let yo = "ё".as_bytes();
        stream.take(&[b"a", &yo[..1]].concat(), &mut pieces);
        stream.flush(&mut pieces);
        stream.take(&[&yo[1..], b"\xff\n"].concat(), &mut pieces);
        assert_eq!(pieces, [text("aё\u{fffd}\n")]);
    }

    #[test]
    fn a_command_in_parts_is_not_taken_for_text() {
        let (mut stream, mut pieces) = (Stream::new(MARK), vec![]);
        stream.take(b"EVCXR_EXEC", &mut pieces);
        assert!(!stream.waits());
        stream.flush(&mut pieces);
        stream.take(b"UTION_COMPLETE\n", &mut pieces);
        assert_eq!(pieces, [Piece::Complete]);
    }

    #[test]
    fn a_marked_line_holds_no_command() {
        let marked = marked(MARK, "out", "a\nEVCXR_BEGIN_CONTENT a/b\n");
        assert!(marked.starts_with("potok:0123 {") && marked.ends_with("}\n"));
        assert_eq!(marked.matches('\n').count(), 1);
        assert!(!marked.contains(COMMAND));
        let json = marked.strip_prefix(MARK).unwrap();
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(json["text"], "a\nEVCXR_BEGIN_CONTENT a/b\n");
    }
}
