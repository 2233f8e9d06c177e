//! Lifelines and arrows.

use super::rows::Rows;
use crate::words;
use potok_base::trace::{Activity, Message, Trace};
use potok_chart::canvas::{Anchor, Canvas, Font};
use potok_chart::card::{MARGIN, MEDIUM, SMALL, WIDTH};
use potok_chart::legend::{LegendKey, Sign};
use potok_chart::palette::{BLUE, GREY, INK, MUTED};
use potok_chart::units::duration;
use potok_chart::{glyph, label};

/// Where the times end and the first lifeline's column begins.
const LEFT: f64 = MARGIN + 64.0;
/// The height of the names on top.
const HEAD: f64 = 30.0;
/// Half the width of the bar that shows what a lane does.
const HALF: f64 = 4.0;

pub(super) fn legend(trace: &Trace, lanes: &[usize]) -> Vec<LegendKey> {
    let does = |activity| {
        trace.spans.iter().any(|s| lanes.contains(&s.lane) && s.activity == activity)
    };
    let mut keys = vec![LegendKey::new(Sign::Arrow, words::message_key())];
    if does(Activity::Running) {
        keys.push(LegendKey::new(Sign::Bar(BLUE), words::running()));
    }
    if does(Activity::Waiting) {
        keys.push(LegendKey::new(Sign::Wait, words::waiting()));
    }
    keys
}

/// A sequence diagram below the head of its card.
pub(super) struct Diagram<'a> {
    pub(super) trace: &'a Trace,
    pub(super) messages: &'a [&'a Message],
    pub(super) lanes: &'a [usize],
    pub(super) rows: &'a Rows,
    pub(super) top: f64,
}

impl Diagram<'_> {
    pub(super) fn bottom(&self) -> f64 {
        self.top + HEAD + self.rows.height() + 8.0
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>) {
        for i in 0..self.lanes.len() {
            self.draw_lifeline(canvas, i);
        }
        let top = self.top + HEAD;
        let font = Font::new(SMALL, MUTED).anchor(Anchor::End);
        for (y, at) in self.rows.times() {
            canvas.text((LEFT - 10.0, top + y), &duration(at), font);
        }
        for (i, message) in self.messages.iter().enumerate() {
            self.draw_message(canvas, i, message);
        }
    }

    /// How far apart the lifelines are.
    fn pitch(&self) -> f64 {
        (WIDTH - MARGIN - LEFT) / self.lanes.len() as f64
    }

    /// The place of a lane's lifeline.
    fn x(&self, lane: usize) -> f64 {
        let place = self.lanes.iter().position(|other| *other == lane).unwrap_or(0);
        LEFT + (place as f64 + 0.5) * self.pitch()
    }

    fn draw_lifeline(&self, canvas: &mut Canvas<'_>, i: usize) {
        let lane = &self.trace.lanes[self.lanes[i]];
        let x = self.x(self.lanes[i]);
        let top = self.top + HEAD;
        let several = self.trace.lanes.iter().any(|other| other.pid != lane.pid);
        let font = Font::new(MEDIUM, INK).anchor(Anchor::Middle);
        let room = self.pitch() - 8.0;
        if several && !lane.is_named_after_process() {
            canvas.text_in((x, self.top + 2.0), &lane.name, font, room);
            let process = label::fit(&words::process(lane.pid), SMALL, room);
            let font = Font::new(SMALL, MUTED).anchor(Anchor::Middle);
            canvas.text((x, self.top + 18.0), &process, font);
        } else {
            canvas.text_in((x, self.top + 12.0), &lane.name, font, room);
        }
        canvas.line((x, top), (x, top + self.rows.height()), GREY, 1.0);
        for segment in self.trace.segments(self.lanes[i]) {
            let from = top + self.rows.at(segment.start);
            let to = top + self.rows.at(segment.end);
            if to - from < 2.0 {
                continue;
            }
            let (place, size) = ((x - HALF, from), (2.0 * HALF, to - from));
            match segment.activity {
                Activity::Running => canvas.rect(place, size, BLUE),
                Activity::Waiting => glyph::wait_down(canvas, place, size),
            }
        }
    }

    fn draw_message(&self, canvas: &mut Canvas<'_>, i: usize, message: &Message) {
        let (sent, received) = self.rows.ends(i);
        let (from, to) = (self.top + HEAD + sent, self.top + HEAD + received);
        let (left, right) = (self.x(message.from), self.x(message.to));
        let font = Font::new(SMALL, INK).anchor(Anchor::Middle);
        if message.from == message.to {
            // Out to the right and back.
            let out = left + 26.0;
            canvas.path(&[(left + HALF, from), (out, from), (out, to)], INK, 1.5);
            glyph::arrow(canvas, (out, to), (left + HALF, to));
            let text = said(message, self.pitch() - 40.0);
            let place = (out + 5.0, f64::midpoint(from, to));
            return canvas.text_on_patch(place, &text, font.anchor(Anchor::Start));
        }
        let side = HALF * (right - left).signum();
        glyph::arrow(canvas, (left + side, from), (right - side, to));
        let room = (right - left).abs() - 36.0;
        let text = said(message, room);
        // Near the sender and in its row, so that labels of crossing arrows stay apart.
        let share = 0.5_f64
            .min((label::width(&text, SMALL) / 2.0 + 14.0) / (right - left).abs());
        let place =
            (left + share * (right - left), from + (share * (to - from)).min(6.0));
        canvas.text_on_patch(place, &text, font);
        let wide = label::width(&text, SMALL).max(40.0);
        let (place, size) = ((place.0 - wide / 2.0, place.1 - 11.0), (wide, 22.0));
        canvas.tip(place, size, whole(message));
    }
}

/// A message and how long it was on its way, which the slope of its arrow does not say.
fn whole(message: &Message) -> String {
    let took = duration(message.received.saturating_sub(message.sent));
    match &*label::clean(&message.label) {
        "" => took,
        label => format!("{label}, {took}"),
    }
}

/// As much of it as there is room for; the time goes first.
fn said(message: &Message, room: f64) -> String {
    let whole = whole(message);
    if label::width(&whole, SMALL) <= room {
        return whole;
    }
    label::fit(&message.label, SMALL, room)
}
