//! What Jupyter's clients are told on shell and iopub.
//!
//! *What to notice*: a client that subscribes late has missed the word that the kernel is
//! idle and may wait for it. So the last requests are kept for a while, and their end is
//! told again.

use super::message::Message;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

/// How many requests are kept for clients that come late, and how long.
const RECENT: (usize, Duration) = (8, Duration::from_secs(5));

/// The ways to Jupyter's clients.
#[derive(Debug)]
pub(crate) struct Clients {
    replies: Sender<Message>,
    news: Sender<Message>,
    /// The last requests, by their headers, and when they were done.
    recent: VecDeque<(Instant, Bytes)>,
}

impl Clients {
    /// `replies` go out on shell, `news` on iopub.
    pub(crate) fn new(replies: Sender<Message>, news: Sender<Message>) -> Self {
        Clients { replies, news, recent: VecDeque::new() }
    }

    /// Tells all of them.
    pub(crate) async fn publish(&self, message: Message) {
        let _ = self.news.send(message).await;
    }

    /// Tells the one that asked.
    pub(crate) async fn reply(&self, message: Message) {
        let _ = self.replies.send(message).await;
    }

    /// Answers by itself, as a kernel does: busy, reply, idle.
    pub(crate) async fn answer(
        &mut self,
        request: &Message,
        kind: &str,
        content: &Value,
    ) {
        let header = &request.parts[0];
        self.publish(status(header, "busy")).await;
        self.reply(Message::new(kind, header, content).to(&request.route)).await;
        self.done(header, status(header, "idle")).await;
    }

    /// The request with this `header` is done: says so, with evcxr's word or our own.
    pub(crate) async fn done(&mut self, header: &Bytes, idle: Message) {
        self.recent.truncate(RECENT.0 - 1);
        // A copy: it may lie in the same memory as the rest of a long message.
        let header = Bytes::copy_from_slice(header);
        self.recent.push_front((Instant::now(), header));
        self.publish(idle).await;
    }

    /// Tells a client that listens only now what it may be waiting for.
    pub(crate) async fn welcome(&mut self) {
        self.recent.retain(|(done, _)| done.elapsed() < RECENT.1);
        // Each time a new message: clients refuse a signature that they have seen.
        for (_, header) in &self.recent {
            self.publish(status(header, "idle")).await;
        }
    }
}

/// What the kernel does on behalf of the request with this `header`: `busy`, `idle`.
pub(crate) fn status(header: &Bytes, state: &str) -> Message {
    Message::new("status", header, &json!({ "execution_state": state }))
}
