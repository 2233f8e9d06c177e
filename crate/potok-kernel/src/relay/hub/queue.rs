//! The requests that wait for their turn.

use crate::relay::message::Message;
use std::collections::VecDeque;
use tokio::sync::mpsc::Receiver;

/// Those that have arrived, in their order.
#[derive(Debug)]
pub(super) struct Queue {
    requests: Receiver<Message>,
    waiting: VecDeque<Waiting>,
}

/// A request that waits for its turn.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) request: Message,
    /// Its client was told already that the kernel is busy with it.
    pub(super) announced: bool,
    /// It was sent before the present cell was interrupted, and ends with it.
    pub(super) stopped: bool,
}

impl Queue {
    /// Of what comes this way.
    pub(super) fn new(requests: Receiver<Message>) -> Self {
        Queue { requests, waiting: VecDeque::new() }
    }

    /// The next request that arrives; it is not in the queue yet.
    pub(super) async fn arrival(&mut self) -> Option<Message> {
        self.requests.recv().await
    }

    /// Puts one at the end.
    pub(super) fn put(&mut self, request: Message, announced: bool) {
        self.waiting.push_back(Waiting { request, announced, stopped: false });
    }

    /// Takes the first.
    pub(super) fn take(&mut self) -> Option<Waiting> {
        self.waiting.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Notes that there was an interrupt: whatever waits now was sent before it.
    pub(super) fn stop(&mut self) {
        self.waiting.iter_mut().for_each(|waiting| waiting.stopped = true);
    }

    /// Takes the cells out that wait, if they are `wanted`.
    pub(super) fn take_cells(
        &mut self,
        wanted: impl Fn(&Waiting) -> bool,
    ) -> Vec<Message> {
        while let Ok(request) = self.requests.try_recv() {
            self.put(request, false);
        }
        let is_cell =
            |it: &Waiting| it.request.kind() == "execute_request" && wanted(it);
        let waiting = std::mem::take(&mut self.waiting);
        let (cells, others) = waiting.into_iter().partition::<Vec<_>, _>(is_cell);
        self.waiting = others.into();
        cells.into_iter().map(|cell| cell.request).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[tokio::test]
    async fn cells_are_taken_out_and_others_stay_in_their_order() {
        let (to, requests) = tokio::sync::mpsc::channel(8);
        let mut queue = Queue::new(requests);
        let request = |kind: &str| Message::new(kind, &"{}".into(), &json!({}));
        for kind in ["execute_request", "inspect_request"] {
            queue.put(request(kind), false);
        }
        queue.stop();
        // What has come since was sent after the interrupt.
        to.send(request("execute_request")).await.unwrap();
        assert_eq!(queue.take_cells(|it| it.stopped).len(), 1);
        let left = [(); 2].map(|()| queue.take().unwrap().request.kind());
        assert_eq!(left, ["inspect_request", "execute_request"]);
        assert!(queue.is_empty());
    }
}
