//! Control and stdin: what must get through while a cell runs.
//!
//! An interrupt kills the process that runs the cells, and that is all that evcxr does
//! about it. So it is passed on only while a cell runs; between two cells it would throw
//! away the variables for nothing.

use super::message::Message;
use super::sockets::Link;
use crate::sync::lock;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, oneshot};

/// What the tasks of a relay know of each other.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// A cell is in evcxr's hands.
    executing: AtomicBool,
    /// The process that runs the cells was interrupted, and evcxr has not noticed yet.
    interrupted: AtomicBool,
    /// There was an interrupt of which the queue of cells does not know yet.
    stop: AtomicBool,
    /// How many interrupts evcxr has not carried out yet.
    pending: AtomicUsize,
    /// There are none any more.
    carried_out: Notify,
    /// All that wait were, before evcxr was ready.
    early: Notify,
    /// The cell waits for its reader's input, asked for by this message.
    asked: Mutex<Option<Message>>,
}

impl Shared {
    /// A cell begins.
    pub(crate) fn begin(&self) {
        self.executing.store(true, Ordering::SeqCst);
    }

    /// A cell has ended. If it was interrupted and did not die, the interrupt came too
    /// late for it, and the next cell will find its process dead.
    pub(crate) fn end(&self, died: bool) {
        self.executing.store(false, Ordering::SeqCst);
        if died {
            self.interrupted.store(false, Ordering::SeqCst);
        }
        self.take_question();
    }

    /// Whether somebody interrupted what runs.
    pub(crate) fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// Whether there was an interrupt since this was asked last.
    pub(crate) fn take_stop(&self) -> bool {
        self.stop.swap(false, Ordering::SeqCst)
    }

    /// Whether an interrupt came too late for its cell; said once. The process that runs the
    /// cells is gone, and evcxr does not know it.
    pub(crate) fn take_late_interrupt(&self) -> bool {
        self.interrupted.swap(false, Ordering::SeqCst)
    }

    /// Whether evcxr is about to end the process that runs the cells.
    pub(crate) fn is_interrupting(&self) -> bool {
        self.pending.load(Ordering::SeqCst) > 0
    }

    /// Waits until evcxr has carried out all interrupts.
    pub(crate) async fn interrupts_carried_out(&self) {
        self.carried_out.notified().await;
    }

    fn carried_out(&self) {
        let one_less = |pending: usize| pending.checked_sub(1);
        let order = Ordering::SeqCst;
        if self.pending.fetch_update(order, order, one_less) == Ok(1) {
            self.carried_out.notify_one();
        }
    }

    /// Waits for an interrupt that came before evcxr was ready.
    pub(crate) async fn interrupted_early(&self) {
        self.early.notified().await;
    }

    fn take_question(&self) -> Option<Message> {
        lock(&self.asked).take()
    }

    /// The question that this is the answer to: only who was asked can answer.
    fn take_question_for(&self, reply: &Message) -> Option<Message> {
        lock(&self.asked).take_if(|question| question.route == reply.route)
    }
}

/// Answers on control until Jupyter wants the kernel to end.
///
/// `links` are evcxr's control and stdin, once it has them.
pub(crate) async fn serve(
    mut control: Link,
    mut stdin: Link,
    links: oneshot::Receiver<(Link, Link)>,
    shared: Arc<Shared>,
    info: &Value,
) -> Message {
    let mut waiting = Some(links);
    let mut back: Option<(Link, Link)> = None;
    loop {
        tokio::select! {
            request = control.from.recv() => {
                let Some(request) = request else { return std::future::pending().await };
                match &*request.kind() {
                    "kernel_info_request" => {
                        answer(&control, &request, "kernel_info_reply", info).await;
                    }
                    "shutdown_request" => {
                        let restart = request.content()["restart"].as_bool();
                        let content = json!({
                            "status": "ok",
                            "restart": restart.unwrap_or_default(),
                        });
                        answer(&control, &request, "shutdown_reply", &content).await;
                        return request;
                    }
                    "interrupt_request" => {
                        interrupt(&control, request, back.as_ref(), &shared).await;
                    }
                    _ => if let Some((control, _)) = &back {
                        let _ = control.to.send(request).await;
                    }
                }
            }
            reply = stdin.from.recv() => {
                let Some(reply) = reply else { continue };
                // An answer to no question would be taken for the next one's.
                if shared.take_question_for(&reply).is_some() && let Some((_, stdin)) = &back {
                    let _ = stdin.to.send(reply).await;
                }
            }
            message = receive(&mut back) => match message {
                (Side::Control, message) => {
                    if message.kind() == "interrupt_reply" {
                        shared.carried_out();
                        answer_question(back.as_ref(), &shared).await;
                    }
                    drop(control.to.send(message).await);
                }
                (Side::Stdin, message) => {
                    *lock(&shared.asked) = Some(message.clone());
                    drop(stdin.to.send(message).await);
                }
            },
            links = async { waiting.as_mut().unwrap().await }, if waiting.is_some() => {
                waiting = None;
                back = links.ok();
            }
        }
    }
}

enum Side {
    Control,
    Stdin,
}

/// The next message from evcxr.
async fn receive(back: &mut Option<(Link, Link)>) -> (Side, Message) {
    let Some((control, stdin)) = back else { return std::future::pending().await };
    let (side, message) = tokio::select! {
        message = control.from.recv() => (Side::Control, message),
        message = stdin.from.recv() => (Side::Stdin, message),
    };
    match message {
        Some(message) => (side, message),
        // evcxr has ended, which is noticed elsewhere.
        None => std::future::pending().await,
    }
}

async fn interrupt(
    control: &Link,
    request: Message,
    back: Option<&(Link, Link)>,
    shared: &Shared,
) {
    match back {
        Some((back, _)) if shared.executing.load(Ordering::SeqCst) => {
            shared.interrupted.store(true, Ordering::SeqCst);
            shared.stop.store(true, Ordering::SeqCst);
            shared.pending.fetch_add(1, Ordering::SeqCst);
            let _ = back.to.send(request).await;
        }
        _ => {
            if back.is_none() {
                shared.early.notify_one();
            }
            answer(control, &request, "interrupt_reply", &json!({"status": "ok"}))
                .await;
        }
    }
}

/// evcxr waits for its reader's input even when the process that asked for it is no more.
async fn answer_question(back: Option<&(Link, Link)>, shared: &Shared) {
    if let Some(question) = shared.take_question()
        && let Some((_, stdin)) = back
    {
        let nothing = json!({"value": ""});
        let reply = Message::new("input_reply", &question.parts[0], &nothing);
        let _ = stdin.to.send(reply.to(&question.route)).await;
    }
}

async fn answer(link: &Link, request: &Message, kind: &str, content: &Value) {
    let reply = Message::new(kind, &request.parts[0], content);
    let _ = link.to.send(reply.to(&request.route)).await;
}
