//! Shell and iopub: one request at a time goes to evcxr, and what it says comes back.
//!
//! *What to notice*: `kernel_info` is answered before evcxr is ready, unless `POTOK_WAIT=1`
//! asks for the contrary. Everything else waits in a queue of ours, so that it is known what
//! waits when a cell fails.

pub(super) mod answers;
mod behind;
mod queue;

pub(crate) use behind::Evcxr;

use super::anew;
use super::assist;
use super::clients::{Clients, status};
use super::control::Shared;
use super::current::{Current, stops_others};
use super::definitions::Definitions;
use super::impls::Impls;
use super::message::Message;
use super::output::{self, Source};
use super::places::{Earlier, Known};
use crate::points;
use answers::Answer;
use behind::{From, receive};
use bytes::Bytes;
use queue::{Queue, Waiting};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

/// The variable that makes a client wait until evcxr is ready: then its own time-out for a
/// start is what governs, and not the one for its first cell.
const WAIT: &str = "POTOK_WAIT";

/// The state between Jupyter and evcxr.
#[derive(Debug)]
pub(crate) struct Hub {
    clients: Clients,
    queue: Queue,
    /// There as soon as it is ready.
    evcxr: Option<Evcxr>,
    shared: Arc<Shared>,
    source: Source,
    info: Value,
    /// Whether nothing is answered before evcxr is ready, see [`WAIT`].
    waits: bool,
    current: Option<Current>,
    /// How many cells were run.
    cells: u64,
    earlier: Earlier,
    definitions: Definitions,
}

impl Hub {
    pub(crate) fn new(
        clients: Clients,
        requests: Receiver<Message>,
        shared: Arc<Shared>,
        source: Source,
        info: Value,
    ) -> Self {
        Hub {
            clients,
            queue: Queue::new(requests),
            evcxr: None,
            shared,
            source,
            info,
            waits: std::env::var_os(WAIT).is_some_and(|value| value == "1"),
            current: None,
            cells: 0,
            earlier: Earlier::default(),
            definitions: Definitions::default(),
        }
    }

    /// Serves Jupyter until the process ends. evcxr comes when it is ready.
    pub(crate) async fn run(
        mut self,
        mut listeners: Receiver<()>,
        mut ready: oneshot::Receiver<Evcxr>,
    ) {
        self.clients.publish(status(&"{}".into(), "starting")).await;
        let shared = Arc::clone(&self.shared);
        loop {
            if let Some(evcxr) = &self.evcxr
                && self.current.is_none()
                && !shared.is_interrupting()
                && let Some(waiting) = self.queue.take()
            {
                let evcxr = evcxr.to.clone();
                self.begin(waiting, &evcxr).await;
                continue;
            }
            let deadline = self.current.as_ref().and_then(|current| current.deadline);
            tokio::select! {
                Some(request) = self.queue.arrival() => self.take(request).await,
                Some(()) = listeners.recv() => self.clients.welcome().await,
                // Back to the queue.
                () = shared.interrupts_carried_out() => {}
                () = shared.interrupted_early() => {
                    let stopped = self.queue.take_cells(|_| true);
                    self.abort(stopped).await;
                }
                (from, message) = receive(&mut self.evcxr) => match from {
                    From::Iopub => self.news(message).await,
                    From::Shell => self.reply(message).await,
                },
                // Polled again only where there is none yet.
                found = &mut ready, if self.evcxr.is_none() => match found {
                    Ok(found) => self.evcxr = Some(found),
                    Err(_) => return,
                },
                () = at(deadline) => self.end().await,
            }
        }
    }

    /// A request from Jupyter: answered here, or put in the queue.
    async fn take(&mut self, request: Message) {
        self.note_interrupt();
        // While a cell runs it waits like the others: an "idle" would be a lie.
        if self.current.is_none()
            && (self.evcxr.is_some() || !self.waits)
            && let Some((kind, content)) = self.own_answer(&request)
        {
            return self.clients.answer(&request, kind, &content).await;
        }
        if let Some((kind, content)) = self.answer_beside_a_cell(&request) {
            self.clients.answer(&request, kind, &content).await;
            // Whose "idle" it was is told by its parent, which some clients overlook.
            if let Some(current) = &self.current {
                self.clients.publish(current.busy()).await;
            }
            return;
        }
        let announced = self.evcxr.is_none() && self.queue.is_empty();
        if announced {
            self.clients.publish(status(&request.parts[0], "busy")).await;
        }
        self.queue.put(request, announced);
    }

    fn own_answer(&self, request: &Message) -> Option<Answer> {
        answers::own(request, &self.info, &self.earlier.history)
    }

    /// What can be answered though evcxr, which would know more, is busy or not there yet.
    fn answer_beside_a_cell(&self, request: &Message) -> Option<Answer> {
        let runs = self.current.as_ref().is_some_and(|current| current.cell.is_some());
        let busy = runs || self.evcxr.is_none();
        busy.then(|| assist::own_answer(request, &self.earlier.history, true)).flatten()
    }

    async fn begin(&mut self, waiting: Waiting, evcxr: &Sender<Message>) {
        let Waiting { request, mut announced, .. } = waiting;
        if let Some((kind, content)) = self.own_answer(&request) {
            return self.clients.answer(&request, kind, &content).await;
        }
        let is_cell = request.kind() == "execute_request";
        if is_cell && let Some(error) = self.refused(&request) {
            return self.refuse(&request, error).await;
        }
        if is_cell && self.shared.take_late_interrupt() {
            if !announced {
                self.clients.publish(status(&request.parts[0], "busy")).await;
            }
            announced = true;
            self.clients.publish(anew::after_late_interrupt(&request)).await;
            // evcxr finds that its process is gone, and starts another.
            let _ = evcxr.send(anew::unseen("();")).await;
        }
        let current = Current::new(request.clone(), announced, self.cells);
        if let Some(number) = current.number() {
            self.cells = number;
            self.shared.begin();
        }
        self.current = Some(current);
        let _ = evcxr.send(assist::to_evcxr(request)).await;
    }

    /// Why a cell is not run at all, as the content of an `error`.
    fn refused(&self, cell: &Message) -> Option<Value> {
        // Who grades runs each cell once, and nothing has stood there before.
        let stale = || {
            let code = &cell.content()["code"];
            self.definitions.refused(code.as_str()?).filter(|_| !points::is_graded())
        };
        answers::too_long(cell).or_else(stale)
    }

    /// Answers a cell with an error, without running it or those that wait behind it.
    async fn refuse(&mut self, cell: &Message, mut error: Value) {
        let stopped =
            if stops_others(cell) { self.queue.take_cells(|_| true) } else { vec![] };
        let header = &cell.parts[0];
        self.clients.publish(status(header, "busy")).await;
        self.clients.publish(Message::new("error", header, &error)).await;
        error["status"] = "error".into();
        error["execution_count"] = self.cells.into();
        let reply = Message::new("execute_reply", header, &error).to(&cell.route);
        self.clients.reply(reply).await;
        self.clients.done(header, status(header, "idle")).await;
        self.abort(stopped).await;
    }

    /// Something that evcxr publishes.
    async fn news(&mut self, message: Message) {
        // About a probe or the cell that warmed a spare up: no client asked for it.
        if message.is_about_the_relays_own() {
            return;
        }
        let current = self.current.as_mut();
        let known = Known { source: &self.source, earlier: &self.earlier };
        let for_clients = if message.kind() == "stream" {
            let cell = current.and_then(|current| current.cell.as_mut());
            output::take(message, known, cell)
        } else if let Some(current) = current.filter(|it| it.is_parent_of(&message)) {
            current.news(message, known).into_iter().collect()
        } else {
            vec![message]
        };
        for message in for_clients {
            self.clients.publish(message).await;
        }
        self.settle().await;
    }

    /// A reply from evcxr.
    async fn reply(&mut self, message: Message) {
        if message.is_about_the_relays_own() {
            return;
        }
        match self.current.as_mut().filter(|it| it.is_parent_of(&message)) {
            Some(current) => current.reply(message),
            None => self.clients.reply(message).await,
        }
        self.settle().await;
    }

    /// Ends the present request if everything about it is there.
    async fn settle(&mut self) {
        if self.current.as_ref().is_some_and(Current::is_complete) {
            self.end().await;
        }
    }

    /// The present request is done.
    async fn end(&mut self) {
        let Some(current) = self.current.take() else { return };
        if let Some(libraries) = current.wants_anew(&self.source.session) {
            return self.anew(current, &libraries).await;
        }
        let counted = current.counted().map(|(number, code)| (number, code.to_owned()));
        self.note_interrupt();
        let interrupted = self.shared.interrupted();
        let ran =
            current.cell.as_ref().map(|it| (it.code().to_owned(), it.has_errors()));
        let known = Known { source: &self.source, earlier: &self.earlier };
        let mut ended = current.end(&self.shared, known);
        // From here on it is a cell before.
        if let Some((number, code)) = counted {
            self.earlier.history.note(number, &code);
        }
        if ran.is_some() {
            self.earlier.objects.note(&self.source.generated);
        }
        if let Some((code, failed)) = ran {
            let said = ended.failure.as_deref().unwrap_or_default();
            self.definitions.note(&code, failed.then_some(said));
            if !failed {
                ended.news.extend(self.lost(&code, &ended.header));
            }
        }
        // Before the reply: a cell that is sent after it was sent in knowledge of the failure.
        // So was one that was sent after an interrupt.
        let stopped = match ended.stop {
            true if interrupted => self.queue.take_cells(|it| it.stopped),
            true => self.queue.take_cells(|_| true),
            false => vec![],
        };
        for message in ended.news {
            self.clients.publish(message).await;
        }
        if let Some(reply) = ended.reply {
            self.clients.reply(reply).await;
        }
        self.clients.done(&ended.header, ended.idle).await;
        self.abort(stopped).await;
    }

    /// What is told of `impl`s that a cell's new definitions took away.
    fn lost(&mut self, code: &str, header: &Bytes) -> Option<Message> {
        if code.lines().any(|line| line.trim() == ":clear") {
            self.earlier.impls = Impls::default();
        }
        let lost = self.earlier.impls.note(code);
        let text: String = lost.iter().map(|line| format!("{line}\n")).collect();
        let content = json!({"name": "stderr", "text": text});
        let told = !text.is_empty() && !points::is_graded();
        told.then(|| Message::new("stream", header, &content))
    }

    /// Has evcxr start the runtime anew and run the cell in it.
    async fn anew(&mut self, current: Current, libraries: &str) {
        let (cell, current) = current.anew();
        self.current = Some(current);
        self.clients.publish(anew::in_words(&cell, libraries)).await;
        let Some(evcxr) = &self.evcxr else { return };
        for request in anew::before(&cell) {
            let _ = evcxr.to.send(request).await;
        }
        let _ = evcxr.to.send(cell).await;
    }

    /// Whatever waits now was sent before the interrupt, if there was one.
    fn note_interrupt(&mut self) {
        if self.shared.take_stop() {
            self.queue.stop();
        }
    }

    /// Answers cells without running them.
    async fn abort(&mut self, cells: Vec<Message>) {
        let aborted = json!({"status": "aborted"});
        for cell in cells {
            self.clients.answer(&cell, "execute_reply", &aborted).await;
        }
    }
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
