//! What a cell prints. evcxr says "stream"; our marked lines say what it is: text, a
//! picture, or something that is for the relay and not for the reader.

use super::cell::Cell;
use super::message::Message;
use super::places::Known;
use bytes::Bytes;
use potok_words::Language;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What the relay knows of the inner kernel, to read its output with.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// What marked lines begin with.
    pub(crate) mark: String,
    /// The file that evcxr makes of each cell.
    pub(crate) generated: PathBuf,
    /// Its session's directory.
    pub(crate) session: PathBuf,
}

/// What a marked line says.
#[derive(Debug, PartialEq)]
pub(crate) enum Marked {
    /// Text for the reader, of any number of lines.
    Text(String),
    /// Something for the page: a kind of message and its content.
    Page(&'static str, Value),
    /// The cell's own thread panicked. Nobody knows yet whether somebody catches it.
    Panicked(Value),
    /// Another thread did. If that ends the cell, it is passed on by somebody.
    Aside(Value),
    /// The panic ended the cell.
    Panic,
    /// An error met a `?` and ended the cell.
    Failed(String),
    /// From now on the cells are spoken to in this language.
    Language(Language),
    /// All that the cell has printed on this output is there.
    End,
}

/// Takes a message of a cell's output; what the reader is to see comes back.
pub(crate) fn take(
    message: Message,
    known: Known<'_>,
    mut cell: Option<&mut Cell>,
) -> Vec<Message> {
    let mut shown = sort(message, known, cell.as_deref_mut());
    if let Some(cell) = cell {
        let lines = |message| cell.with_lines(message, known);
        shown = shown.into_iter().map(lines).collect();
    }
    shown
}

/// What of it is for the reader; the rest is for the relay.
fn sort(
    message: Message,
    known: Known<'_>,
    mut cell: Option<&mut Cell>,
) -> Vec<Message> {
    let said = read(&known.source.mark, &message);
    // Something after a panic shows that the cell went on: it was caught, or became the
    // second one. What comes on stderr shows nothing: it may have been overtaken, or have
    // overtaken.
    let went_on = match said {
        Some(Marked::Panic) => false,
        Some(Marked::Panicked(_)) => true,
        _ => message.content()["name"] == "stdout",
    };
    let caught = cell.as_deref_mut().filter(|_| went_on).and_then(Cell::caught_panic);
    let mut shown: Vec<Message> = caught.into_iter().collect();
    match said {
        None => shown.push(message),
        Some(Marked::Text(text)) => {
            let name = &message.content()["name"];
            let of = |text: &str| {
                message.clone().with_content(&json!({"name": name, "text": text}))
            };
            let cell = cell.filter(|_| name == "stderr");
            let at = cell.as_ref().map_or(text.len(), |cell| cell.crash_at(&text));
            let (text, noise) = text.split_at(at);
            if !text.is_empty() {
                shown.push(of(text));
            }
            if let Some(cell) = cell.filter(|_| !noise.is_empty()) {
                shown.extend(cell.hold_back(of(noise)));
            }
        }
        Some(Marked::Page(kind, content)) => {
            shown.push(message.with_kind(kind).with_content(&content));
        }
        Some(said) => {
            if let Marked::Aside(said) = &said {
                let text = json!({"name": "stderr", "text": said["text"]});
                shown.push(message.clone().with_content(&text));
            }
            if let Some(cell) = cell {
                cell.note(said, &message, known);
            }
        }
    }
    shown
}

/// Reads a message of a cell's output; nothing if it is not a marked line.
fn read(mark: &str, message: &Message) -> Option<Marked> {
    // Most lines are found out without being parsed.
    if !has(&message.parts[3], mark.as_bytes()) {
        return None;
    }
    let content = message.content();
    let line = content["text"].as_str()?.strip_prefix(mark)?;
    let mut said: Value = serde_json::from_str(line).ok()?;
    let id = said["id"].take();
    Some(match said["op"].as_str()? {
        "out" => Marked::Text(said["text"].as_str()?.to_owned()),
        "end" => Marked::End,
        "language" => Marked::Language(Language::of(said["code"].as_str()?)?),
        "panic" => Marked::Panic,
        "failed" => Marked::Failed(said["text"].as_str()?.to_owned()),
        "panicked" => Marked::Panicked(said),
        "panicked-aside" => Marked::Aside(said),
        "clear" => Marked::Page("clear_output", json!({"wait": said["wait"] == true})),
        op @ ("display" | "update") => {
            let kind =
                if op == "display" { "display_data" } else { "update_display_data" };
            let content = json!({
                "data": said["data"].take(),
                "metadata": {},
                "transient": { "display_id": id },
            });
            Marked::Page(kind, content)
        }
        _ => return None,
    })
}

fn has(content: &Bytes, mark: &[u8]) -> bool {
    // The text is the second entry, after the name or before it: the mark is near.
    content.windows(mark.len()).take(64).any(|found| found == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: &str = "POTOK:0123";

    fn message(text: &str) -> Message {
        let content = json!({"name": "stdout", "text": text});
        Message::new("stream", &"{}".into(), &content)
    }

    #[test]
    fn a_marked_line_is_read_and_others_are_not() {
        let said = |text: &str| read(MARK, &message(text));
        assert_eq!(said("POTOK:0123 {\"op\":\"end\"}\n"), Some(Marked::End));
        let text = said("POTOK:0123 {\"op\":\"out\",\"text\":\"a\\nb\"}\n");
        assert_eq!(text, Some(Marked::Text("a\nb".into())));
        let spoken = said("POTOK:0123 {\"op\":\"language\",\"code\":\"ru\"}\n");
        assert_eq!(spoken, Some(Marked::Language(Language::Russian)));
        for other in ["a\n", "POTOK:4567 {\"op\":\"end\"}\n", "x POTOK:0123 {}\n"] {
            assert_eq!(said(other), None);
        }
    }

    #[test]
    fn a_picture_becomes_the_protocols_message() {
        let line = r#"POTOK:0123 {"op":"update","id":"a","data":{"text/plain":"x"}}"#;
        let Some(Marked::Page(kind, content)) = read(MARK, &message(line)) else {
            panic!("not understood")
        };
        assert_eq!(kind, "update_display_data");
        assert_eq!(content["data"]["text/plain"], "x");
        assert_eq!(content["transient"]["display_id"], "a");
    }
}
