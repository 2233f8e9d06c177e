//! evcxr, as the hub meets it.

use crate::relay::message::Message;
use tokio::sync::mpsc::{Receiver, Sender};

/// evcxr's shell and iopub.
#[derive(Debug)]
pub(crate) struct Evcxr {
    pub(crate) to: Sender<Message>,
    pub(crate) replies: Receiver<Message>,
    pub(crate) news: Receiver<Message>,
}

/// Where a message came from.
pub(super) enum From {
    Iopub,
    Shell,
}

/// The next message from evcxr. What it publishes goes first: it was sent first.
pub(super) async fn receive(evcxr: &mut Option<Evcxr>) -> (From, Message) {
    let Some(evcxr) = evcxr else { return std::future::pending().await };
    let (from, message) = tokio::select! {
        biased;
        message = evcxr.news.recv() => (From::Iopub, message),
        message = evcxr.replies.recv() => (From::Shell, message),
    };
    match message {
        Some(message) => (from, message),
        // evcxr has ended, which is noticed elsewhere.
        None => std::future::pending().await,
    }
}
