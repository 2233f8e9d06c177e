//! What is known about the cell that runs.

use super::failure::{FILE, Failure};
use super::message::Message;
use super::output::Marked;
use super::places::{Cells, Known};
use super::words;
use serde_json::Value;

/// A cell in evcxr's hands.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    code: String,
    /// How often the end of stdout and of stderr was seen: twice and once at the end.
    ends: (u8, u8),
    /// The last panic on the cell's own thread, and the message that told of it.
    panicked: Option<(Value, Message)>,
    /// The last panic on another thread.
    aside: Option<Value>,
    /// Why the cell's code ended early.
    ended: Option<End>,
    /// evcxr's errors.
    errors: Vec<Value>,
    /// What evcxr's handler of crashes printed, from its first word on: noise, if the
    /// process dies of it.
    crash: Vec<Message>,
    /// How many bytes of noise were held back.
    held: usize,
}

/// What ended a cell's code early.
#[derive(Debug)]
enum End {
    /// A panic, which the cell's own thread may have said something of.
    Panic(Option<Value>),
    /// An error that met a `?`.
    Failed(Failure),
}

/// What evcxr says of a variable, before its name and behind it.
const REDEFINED: (&str, &str) =
    ("The type of the variable ", " was redefined, so was lost.");

/// The same, so that it says what it means, in the reader's language.
fn in_our_words(message: Message) -> Message {
    let mut content = message.content();
    let text = content["text"].as_str().unwrap_or_default();
    let line = |line: &str| {
        let (bare, end) = line.split_at(line.trim_end_matches('\n').len());
        let name = bare.strip_prefix(REDEFINED.0);
        let name = name.and_then(|rest| rest.strip_suffix(REDEFINED.1));
        name.map_or(line.to_owned(), |name| words::variable_lost(name) + end)
    };
    let text: String = text.split_inclusive('\n').map(line).collect();
    if message.kind() != "stream" {
        return message;
    }
    content["text"] = text.into();
    message.with_content(&content)
}

/// More than this, in bytes, no handler of crashes has to say.
const MOST_NOISE: usize = 256 << 10;

impl Cell {
    pub(crate) fn new(request: &Message) -> Self {
        let code = request.content()["code"].as_str().unwrap_or_default().to_owned();
        Cell { code, ..Cell::default() }
    }

    /// What its reader wrote.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    fn cells<'a>(&'a self, known: Known<'a>) -> Cells<'a> {
        Cells::new(&self.code, known.earlier, &known.source.generated)
    }

    /// Takes note of what the output says besides text and pictures.
    pub(crate) fn note(&mut self, marked: Marked, message: &Message, known: Known<'_>) {
        match marked {
            Marked::Panicked(said) => self.panicked = Some((said, message.clone())),
            Marked::Aside(said) => self.aside = Some(said),
            Marked::Panic => {
                let said = self.panicked.take().map(|(said, _)| said);
                self.ended = Some(End::Panic(said));
            }
            Marked::Failed(error) => {
                let failure = Failure::question_mark(&error, &self.cells(known));
                self.ended = Some(End::Failed(failure));
            }
            Marked::Language(language) => potok_words::speak(language),
            Marked::End if message.content()["name"] == "stderr" => self.ends.1 += 1,
            Marked::End => self.ends.0 += 1,
            Marked::Text(_) | Marked::Page(..) => {}
        }
    }

    /// What the cell prints or gives, with lines of cells where it names a place of the file
    /// that evcxr made of it: an error of a child does.
    pub(crate) fn with_lines(&self, message: Message, known: Known<'_>) -> Message {
        // Most messages are found out without being parsed.
        let has = |what: &str| {
            message.parts[3].windows(what.len()).any(|part| part == what.as_bytes())
        };
        if has(REDEFINED.1) {
            return in_our_words(message);
        }
        if !has(FILE) {
            return message;
        }
        let mut content = message.content();
        let cells = self.cells(known);
        let place = |text: Option<&mut Value>| {
            if let Some(text) = text
                && let Some(placed) = Failure::said(text.as_str()?, &cells)
            {
                *text = placed.into();
                return Some(());
            }
            None
        };
        let placed = match &*message.kind() {
            "stream" => place(content.get_mut("text")),
            _ => {
                let data = &mut content["data"];
                place(data.get_mut("text/html")).or(place(data.get_mut("text/plain")))
            }
        };
        match placed {
            Some(()) => message.with_content(&content),
            None => message,
        }
    }

    /// The message about a panic that somebody caught, since the cell went on.
    pub(crate) fn caught_panic(&mut self) -> Option<Message> {
        let (said, message) = self.panicked.take()?;
        let content = serde_json::json!({"name": "stderr", "text": said["text"]});
        Some(message.with_content(&content))
    }

    /// Where in a text of standard error the noise of a crash begins, to be held back.
    pub(crate) fn crash_at(&self, text: &str) -> usize {
        if self.held > MOST_NOISE {
            return text.len();
        }
        if !self.crash.is_empty() {
            return 0;
        }
        Failure::crash(text).map_or(text.len(), |(at, _)| at)
    }

    /// Holds the noise of a crash back. What is shown instead comes back: where it is too
    /// much, it was none.
    pub(crate) fn hold_back(&mut self, noise: Message) -> Vec<Message> {
        self.held += noise.parts[3].len();
        self.crash.push(noise);
        match self.held > MOST_NOISE {
            true => std::mem::take(&mut self.crash),
            false => vec![],
        }
    }

    /// What was held back for a crash that did not happen: a child's, or a reader's joke.
    pub(crate) fn no_crash(&mut self) -> Vec<Message> {
        if self.died() {
            return vec![];
        }
        std::mem::take(&mut self.crash)
    }

    /// Takes one of evcxr's errors, to be shown with the others as one.
    pub(crate) fn error(&mut self, message: &Message) {
        self.errors.push(message.content());
    }

    /// Whether evcxr had an error to tell.
    pub(crate) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Whether all that the cell printed is there. Nothing is to come of a cell that did
    /// not run at all.
    pub(crate) fn is_printed(&self) -> bool {
        (self.ends == (0, 0) && !self.died()) || (self.ends.0 >= 2 && self.ends.1 >= 1)
    }

    /// Whether the process that ran it has ended.
    pub(crate) fn died(&self) -> bool {
        self.errors.iter().any(Failure::is_death)
    }

    /// Why it failed, if it did.
    pub(crate) fn failure(
        &mut self,
        interrupted: bool,
        known: Known<'_>,
    ) -> Option<Failure> {
        if self.errors.is_empty() {
            return self.ended.take().map(|ended| match ended {
                End::Panic(said) => {
                    let cells = self.cells(known);
                    Failure::panic(said.as_ref(), self.aside.as_ref(), &cells)
                }
                End::Failed(failure) => failure,
            });
        }
        let crash = self.crash.first().map(Message::content);
        let crash =
            crash.as_ref().and_then(|said| Failure::crash(said["text"].as_str()?));
        let signal = crash.map(|(_, signal)| signal);
        let (mark, cells) = (&known.source.mark, self.cells(known));
        Some(Failure::of_evcxr(&self.errors, interrupted, signal, mark, &cells))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_variable_whose_type_was_defined_anew_is_told_in_our_words() {
        let said = |kind: &str| {
            let text = "a\nThe type of the variable b was redefined, so was lost.\nc";
            let message = Message::new(kind, &"{}".into(), &json!({"text": text}));
            in_our_words(message).content()["text"].as_str().unwrap().to_owned()
        };
        assert_eq!(said("stream"), format!("a\n{}\nc", words::variable_lost("b")));
        assert!(said("display_data").contains("redefined"));
    }

    #[test]
    fn what_is_held_back_for_a_crash_has_a_bound_and_comes_out_whole() {
        let noise = |text: String| {
            let content = serde_json::json!({"name": "stderr", "text": text});
            Message::new("stream", &"{}".into(), &content)
        };
        let mut cell = Cell::default();
        let (mut held, mut shown) = (0, 0);
        while shown == 0 {
            let text = format!("Bus error.\n{}", "x".repeat(1000));
            assert_eq!(cell.crash_at(&text), 0);
            held += 1;
            shown = cell.hold_back(noise(text)).len();
        }
        assert_eq!(shown, held);
        assert!(held <= 1 + MOST_NOISE / 1000, "{held}");
        // From then on nothing is.
        assert_eq!(cell.crash_at("Bus error.\n"), "Bus error.\n".len());
        assert!(cell.no_crash().is_empty());
    }
}
