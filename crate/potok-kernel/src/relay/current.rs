//! The request that evcxr works on, until everything about it is there.
//!
//! *What to notice*: a cell has ended when its reply, evcxr's word that it is idle and the
//! ends of both outputs are there, in whatever order they came; so nothing of it shows up
//! below the next cell.

use super::assist;
use super::cell::Cell;
use super::clients::status;
use super::control::Shared;
use super::message::Message;
use super::places::Known;
use crate::cargo;
use bytes::Bytes;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// How long evcxr may take between a reply and saying that it is idle.
const IDLE: Duration = Duration::from_secs(5);

/// How long the last output may take after a cell's end.
const OUTPUT: Duration = Duration::from_millis(500);

/// A request in evcxr's hands.
#[derive(Debug)]
pub(crate) struct Current {
    request: Message,
    id: String,
    /// The number of the cell. evcxr counts from two, and a spare's first cell too.
    number: u64,
    /// It is counted, and goes into the history.
    counts: bool,
    /// Its client was told before that the kernel is busy with it.
    announced: bool,
    /// It was sent before, to a runtime that had to be started anew.
    again: bool,
    /// What is known of it, if it is a cell.
    pub(crate) cell: Option<Cell>,
    reply: Option<Message>,
    idle: Option<Message>,
    /// When to go on without what is still missing.
    pub(crate) deadline: Option<Instant>,
}

impl Current {
    /// A request that has its turn, after `cells` cells that were counted.
    pub(crate) fn new(request: Message, announced: bool, cells: u64) -> Self {
        let content = request.content();
        let counts = content["silent"] != true && content["store_history"] != false;
        Current {
            id: request.id(),
            number: cells + u64::from(counts),
            counts,
            announced,
            again: false,
            cell: (request.kind() == "execute_request").then(|| Cell::new(&request)),
            reply: None,
            idle: None,
            deadline: None,
            request,
        }
    }

    /// The libraries for which the runtime has to start anew, if that is why it failed.
    pub(crate) fn wants_anew(&self, session: &Path) -> Option<String> {
        let failed = self.cell.as_ref().is_some_and(Cell::has_errors);
        cargo::changed(session).filter(|_| failed && !self.again)
    }

    /// The same cell, from the beginning; what its clients know already is not said again.
    pub(crate) fn anew(self) -> (Message, Self) {
        let again = Current::new(self.request.clone(), true, 0);
        (self.request, Current { number: self.number, again: true, ..again })
    }

    /// Whether a message belongs to it.
    pub(crate) fn is_parent_of(&self, message: &Message) -> bool {
        message.parent_id() == self.id
    }

    /// Takes something that evcxr publishes about it; what is for the clients comes back.
    pub(crate) fn news(
        &mut self,
        message: Message,
        known: Known<'_>,
    ) -> Option<Message> {
        match &*message.kind() {
            "status" if message.content()["execution_state"] == "idle" => {
                self.idle = Some(message);
                self.deadline = Some(Instant::now() + OUTPUT);
            }
            "status" if self.announced => {}
            "execute_input" if self.again => {}
            "execute_result" if let Some(cell) = &self.cell => {
                let message = cell.with_lines(message, known);
                return Some(self.numbered(message));
            }
            "error" if let Some(cell) = &mut self.cell => cell.error(&message),
            _ => return Some(self.numbered(message)),
        }
        None
    }

    /// Takes evcxr's reply.
    pub(crate) fn reply(&mut self, message: Message) {
        let message = assist::from_evcxr(&self.request, message);
        self.reply = Some(self.numbered(message));
        let missing = if self.idle.is_some() { OUTPUT } else { IDLE };
        self.deadline = Some(Instant::now() + missing);
    }

    /// Puts the cell's number in the place of evcxr's.
    fn numbered(&self, message: Message) -> Message {
        let mut content = message.content();
        let Some(count) = content.get_mut("execution_count") else { return message };
        *count = self.number.into();
        message.with_content(&content)
    }

    /// Its number, if it is a cell: the one before's, if it is not to be counted.
    pub(crate) fn number(&self) -> Option<u64> {
        self.cell.as_ref().map(|_| self.number)
    }

    /// Its number and its code, if it is a cell that counts.
    pub(crate) fn counted(&self) -> Option<(u64, &str)> {
        let cell = self.cell.as_ref().filter(|_| self.counts)?;
        Some((self.number, cell.code()))
    }

    /// The word that the kernel is busy with it.
    pub(crate) fn busy(&self) -> Message {
        status(&self.request.parts[0], "busy")
    }

    /// Whether everything about it is there.
    pub(crate) fn is_complete(&self) -> bool {
        if self.idle.is_none() {
            return false;
        }
        let replied =
            self.reply.is_some() || !self.request.kind().ends_with("_request");
        replied && self.cell.as_ref().is_none_or(Cell::is_printed)
    }

    /// How it ended.
    pub(crate) fn end(self, shared: &Shared, known: Known<'_>) -> Ended {
        let header = self.request.parts[0].clone();
        let idle = self.idle.unwrap_or_else(|| status(&header, "idle"));
        let mut ended = Ended {
            news: vec![],
            reply: self.reply,
            header,
            idle,
            stop: false,
            failure: None,
        };
        let Some(mut cell) = self.cell else { return ended };
        let caught = cell.caught_panic();
        ended.news.extend(caught.map(|message| cell.with_lines(message, known)));
        ended.news.extend(cell.no_crash());
        if let Some(failure) = cell.failure(shared.interrupted(), known) {
            let error = Message::new("error", &ended.header, &failure.content());
            ended.news.push(error);
            let promised = promises_an_error(&self.request);
            ended.stop = stops_others(&self.request);
            ended.failure = Some(failure.title().to_owned());
            ended.reply = ended.reply.map(|reply| {
                let content = match promised {
                    true => as_promised(&reply.content()),
                    false => failure.reply(reply.content()),
                };
                reply.with_content(&content)
            });
        }
        if cell.died() {
            // The next process speaks as the first one did.
            potok_words::speak(potok_words::of_environment());
        }
        shared.end(cell.died());
        ended
    }
}

/// Whether an error of this cell stops those that wait behind it.
pub(super) fn stops_others(cell: &Message) -> bool {
    let request = cell.content();
    !promises_an_error(cell)
        && request["stop_on_error"] != false
        && request["silent"] != true
}

/// Whether the cell says, by its tag, that it is there for its error. JupyterLab sends a
/// cell's tags along; other clients look at the tag themselves.
fn promises_an_error(request: &Message) -> bool {
    let tags = &request.metadata()["tags"];
    tags.as_array().is_some_and(|tags| tags.iter().any(|tag| tag == "raises-exception"))
}

/// The reply to a cell that failed as it promised. After any other one JupyterLab takes
/// the cells that wait for done, although they still run.
fn as_promised(reply: &Value) -> Value {
    json!({
        "status": "ok",
        "execution_count": reply["execution_count"],
        "payload": [],
        "user_expressions": {},
    })
}

/// What the clients are to be told at the end of a request.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) news: Vec<Message>,
    pub(crate) reply: Option<Message>,
    pub(crate) header: Bytes,
    pub(crate) idle: Message,
    /// It was a cell that failed, and those that wait behind it shall not run.
    pub(crate) stop: bool,
    /// What was said of the failure, in a line.
    pub(crate) failure: Option<String>,
}
