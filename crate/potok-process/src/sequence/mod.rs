//! Who sent what to whom: lifelines from top to bottom, an arrow for each message.
//!
//! * `rows`: time made into rows, so that messages at nearly the same time stay apart.
//! * `draw`: lifelines and arrows.
//! * `text`: the same as a table.

mod draw;
mod rows;
mod text;

use crate::words;
use potok_base::error::{Error, Result};
use potok_base::language::noun::{LANE, MESSAGE};
use potok_base::trace::{Message, Trace};
use potok_chart::card::Card;
use potok_chart::display::Picture;
use potok_chart::label;
use potok_chart::units::{count, duration};
use rows::Rows;

/// More messages than these are counted, not drawn.
const MOST_MESSAGES: usize = 30;
/// More lanes than these do not stand beside each other.
const MOST_LANES: usize = 10;

/// Draws the messages of a trace as a sequence diagram.
///
/// Each lane that sends or receives is a vertical line; time goes down, by the order of
/// events and not to scale: the times stand on the left. Along its line, a lane has a
/// filled bar while it runs and a dashed one while it waits. An arrow goes from where a
/// message was sent to where it was received.
///
/// Of more than 30 messages, the first 30 are drawn and the picture says so.
///
/// # Errors
/// A trace without messages; a message from or to a lane that is not in the trace; more
/// than ten lanes.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// use potok::trace::{Lane, Message};
/// let lane = |name: &str| Lane { name: name.into(), pid: 1, tid: 0 };
/// let hello = Message {
///     from: 0, to: 1, label: "hello".into(), sent: ms(1), received: ms(3),
/// };
/// let trace = Trace {
///     lanes: vec![lane("ann"), lane("bob")],
///     messages: vec![hello],
///     ..Trace::default()
/// };
/// let picture = chart::sequence("A greeting", &trace)?;
/// assert!(picture.text.contains("hello"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn sequence(title: &str, trace: &Trace) -> Result<Picture> {
    check(trace)?;
    let messages = drawn(trace);
    let lanes = lanes(trace, &messages)?;
    let facts = facts(trace);
    let rows = Rows::of(&messages);
    let card = Card {
        title: title.to_owned(),
        description: words::sequence_described(&facts),
        facts,
        legend: draw::legend(trace, &lanes),
        text: text::table(trace),
    };
    let diagram = draw::Diagram {
        trace,
        messages: &messages,
        lanes: &lanes,
        rows: &rows,
        top: card.top() + 8.0,
    };
    card.draw(diagram.bottom(), |canvas| diagram.draw(canvas))
}

fn check(trace: &Trace) -> Result<()> {
    if trace.messages.is_empty() {
        return Err(Error::invalid(words::no_messages()));
    }
    let lanes = trace.lanes.len();
    match trace.messages.iter().find(|m| m.from.max(m.to) >= lanes) {
        None => Ok(()),
        Some(message) => Err(Error::invalid(words::no_such_lane(
            label::short(&message.label, 40),
            message.from,
            message.to,
            count(lanes, LANE),
        ))),
    }
}

fn drawn(trace: &Trace) -> Vec<&Message> {
    let mut messages: Vec<&Message> = trace.messages.iter().collect();
    messages.sort_by_key(|message| message.sent);
    messages.truncate(MOST_MESSAGES);
    messages
}

/// The lanes that a drawn message comes from or goes to, in their own order.
fn lanes(trace: &Trace, messages: &[&Message]) -> Result<Vec<usize>> {
    let talks =
        |lane: &usize| messages.iter().any(|m| m.from == *lane || m.to == *lane);
    let lanes: Vec<usize> = (0..trace.lanes.len()).filter(talks).collect();
    if lanes.len() > MOST_LANES {
        return Err(Error::invalid(words::too_many_lanes(lanes.len(), MOST_LANES)));
    }
    Ok(lanes)
}

fn facts(trace: &Trace) -> String {
    let took = trace.messages.iter().map(|m| m.received.saturating_sub(m.sent));
    let (least, most) = (took.clone().min(), took.max());
    let mut facts = count(trace.messages.len(), MESSAGE);
    if let (Some(least), Some(most)) = (least, most) {
        facts += &if trace.messages.len() == 1 {
            words::one_took(duration(most))
        } else if least == most {
            words::each_took(duration(most))
        } else {
            words::took_from_to(duration(least), duration(most))
        };
    }
    if trace.messages.len() > MOST_MESSAGES {
        facts += &words::first_drawn(MOST_MESSAGES);
    }
    facts + words::by_order()
}
