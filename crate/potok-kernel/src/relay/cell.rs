//! What is known about the cell that runs.

use super::failure::{FILE, Failure};
use super::message::Message;
use super::output::{Marked, Source};
use serde_json::Value;
use std::path::Path;

/// A cell in evcxr's hands.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    code: String,
    /// How often the end of stdout and of stderr was seen: twice and once at the end.
    ends: (u8, u8),
    /// The last panic on the cell's own thread, and the message that told of it.
    panicked: Option<(Value, Message)>,
    /// Why the cell's code ended early.
    failure: Option<Failure>,
    /// evcxr's errors.
    errors: Vec<Value>,
    /// What evcxr's handler of crashes printed, from its first word on: noise, if the
    /// process dies of it.
    crash: Vec<Message>,
    /// How many bytes of noise were held back.
    held: usize,
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

    /// Takes note of what the output says besides text and pictures. `generated` is the
    /// file that evcxr made of the cell.
    pub(crate) fn note(&mut self, marked: Marked, message: &Message, generated: &Path) {
        match marked {
            Marked::Panicked(said) => self.panicked = Some((said, message.clone())),
            Marked::Panic => {
                let generated = std::fs::read_to_string(generated).unwrap_or_default();
                let said = self.panicked.take().map(|(said, _)| said);
                self.failure =
                    Some(Failure::panic(said.as_ref(), &generated, &self.code));
            }
            Marked::Failed(error) => {
                let generated = std::fs::read_to_string(generated).unwrap_or_default();
                self.failure =
                    Some(Failure::question_mark(&error, &generated, &self.code));
            }
            Marked::Language(language) => potok_words::speak(language),
            Marked::End if message.content()["name"] == "stderr" => self.ends.1 += 1,
            Marked::End => self.ends.0 += 1,
            Marked::Text(_) | Marked::Page(..) => {}
        }
    }

    /// What the cell prints or gives, with its own lines where it names a place of the file
    /// `generated` that evcxr made of it: an error of a child does.
    pub(crate) fn with_its_lines(&self, message: Message, generated: &Path) -> Message {
        // Most messages are found out without being parsed.
        if !message.parts[3].windows(FILE.len()).any(|part| part == FILE.as_bytes()) {
            return message;
        }
        let mut content = message.content();
        let text = match &*message.kind() {
            "stream" => content.get_mut("text"),
            _ => content["data"].get_mut("text/plain"),
        };
        let read = || std::fs::read_to_string(generated).unwrap_or_default();
        let said = |text: &str| Failure::said(text, read, &self.code);
        match text.and_then(|text| Some((said(text.as_str()?)?, text))) {
            Some((placed, text)) => *text = placed.into(),
            None => return message,
        }
        message.with_content(&content)
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
        source: &Source,
    ) -> Option<Failure> {
        if self.errors.is_empty() {
            return self.failure.take();
        }
        let crash = self.crash.first().map(Message::content);
        let crash =
            crash.as_ref().and_then(|said| Failure::crash(said["text"].as_str()?));
        let signal = crash.map(|(_, signal)| signal);
        let generated = std::fs::read_to_string(&source.generated).unwrap_or_default();
        let (mark, cell) = (&source.mark, (&*self.code, &*generated));
        Some(Failure::of_evcxr(&self.errors, interrupted, signal, mark, cell))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
