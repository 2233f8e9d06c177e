//! Time made into rows: each sending and receiving has one of its own.

use potok_base::trace::Message;
use std::time::Duration;

/// The height of a row in pixels.
const ROW: f64 = 22.0;

/// The moments at which something is sent or received, in order.
pub(super) struct Rows {
    /// Each event: when, which message, and whether it is the sending.
    events: Vec<(Duration, usize, bool)>,
}

impl Rows {
    pub(super) fn of(messages: &[&Message]) -> Self {
        let both =
            |(i, m): (usize, &&Message)| [(m.sent, i, true), (m.received, i, false)];
        let mut events: Vec<_> = messages.iter().enumerate().flat_map(both).collect();
        // What is sent and received at the same instant is sent first.
        events.sort_by_key(|&(at, message, sends)| (at, !sends, message));
        Rows { events }
    }

    /// How high all rows are together.
    pub(super) fn height(&self) -> f64 {
        self.events.len() as f64 * ROW
    }

    /// Where the n-th message is sent and where it is received.
    pub(super) fn ends(&self, message: usize) -> (f64, f64) {
        let row =
            |sends| self.events.iter().position(|e| (e.1, e.2) == (message, sends));
        let y = |sends| row(sends).map_or(0.0, middle);
        (y(true), y(false))
    }

    /// Where a moment between events is.
    pub(super) fn at(&self, moment: Duration) -> f64 {
        let after = self.events.partition_point(|event| event.0 <= moment);
        let Some(before) = after.checked_sub(1) else {
            return 0.0;
        };
        let Some(next) = self.events.get(after) else {
            let last = self.events[before].0;
            return if moment > last { self.height() } else { middle(before) };
        };
        let (from, to) = (self.events[before].0, next.0);
        let share = (moment - from).as_secs_f64() / (to - from).as_secs_f64();
        middle(before) + share * ROW
    }

    /// The times that are worth writing: when each message is sent.
    pub(super) fn times(&self) -> impl Iterator<Item = (f64, Duration)> {
        let sends = self.events.iter().enumerate().filter(|(_, event)| event.2);
        sends.map(|(row, event)| (middle(row), event.0))
    }
}

fn middle(row: usize) -> f64 {
    (row as f64 + 0.5) * ROW
}

#[cfg(test)]
mod tests {
    use super::*;
    use potok_base::workload::ms;

    fn message(sent: u64, received: u64) -> Message {
        let label = "x".into();
        Message { from: 0, to: 1, label, sent: ms(sent), received: ms(received) }
    }

    #[test]
    fn a_message_is_received_below_where_it_was_sent() {
        let (slow, fast) = (message(1, 9), message(2, 2));
        let rows = Rows::of(&[&slow, &fast]);
        assert_eq!(rows.ends(0), (middle(0), middle(3)));
        assert_eq!(rows.ends(1), (middle(1), middle(2)));
    }

    #[test]
    fn moments_between_events_keep_their_order() {
        let (a, b) = (message(1, 3), message(5, 9));
        let rows = Rows::of(&[&a, &b]);
        let places: Vec<f64> = (0..12).map(|at| rows.at(ms(at))).collect();
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!((places[0], places[11]), (0.0, rows.height()));
    }
}
