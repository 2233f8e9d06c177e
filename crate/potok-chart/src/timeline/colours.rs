//! Which labels share a colour.

use crate::label;
use crate::palette::{BLUE, GREY, SERIES};
use plotters::style::RGBColor as Rgb;
use potok_base::trace::{Activity, Span, Trace};

/// A colour for each kind of running span, as long as there are enough colours; where
/// there are two or three kinds of waits, a pattern for each.
#[derive(Debug)]
pub(super) struct Colours {
    kinds: Vec<String>,
    by: By,
    waits: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    /// Each label has its colour.
    Label,
    /// Labels that differ in a number share one: `chunk 1`, `chunk 2`.
    Stem,
    /// Too many: all have the same.
    Nothing,
}

impl Colours {
    /// The same for the same kind in all of these traces.
    pub(super) fn of(traces: &[&Trace]) -> Self {
        let spans = || traces.iter().flat_map(|trace| &trace.spans);
        let running = || spans().filter(|s| s.activity == Activity::Running);
        let waits = kinds_of_waits(spans().filter(|s| s.activity == Activity::Waiting));
        for by in [By::Label, By::Stem] {
            let mut kinds: Vec<String> = vec![];
            for span in running() {
                let kind = kind(&span.label, by);
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
                if kinds.len() > SERIES.len() {
                    break;
                }
            }
            if kinds.len() <= SERIES.len() {
                return Colours { kinds, by, waits };
            }
        }
        Colours { kinds: vec![], by: By::Nothing, waits }
    }

    /// The colour of a span.
    pub(super) fn of_span(&self, span: &Span) -> Rgb {
        if self.by == By::Nothing {
            return BLUE;
        }
        let kind = kind(&span.label, self.by);
        let place = self.kinds.iter().position(|other| *other == kind);
        place.map_or(GREY, |place| SERIES[place])
    }

    /// Which of the kinds of waits a waiting span is of.
    pub(super) fn wait(&self, span: &Span) -> usize {
        let kind = kind(&span.label, By::Stem);
        self.waits.iter().position(|other| *other == kind).unwrap_or(0)
    }

    /// What the kinds of waits are called, where there are two or three.
    pub(super) fn waits(&self) -> &[String] {
        &self.waits
    }

    /// Whether a colour stands for labels that differ in a number.
    pub(super) fn of_stems(&self) -> bool {
        self.by == By::Stem
    }

    /// The kind that all running spans are of, if there is only one.
    pub(super) fn only(&self) -> Option<&str> {
        match &*self.kinds {
            [only] if !only.is_empty() => Some(only),
            _ => None,
        }
    }

    /// Each kind that is in this trace with its colour, where there is more than one in
    /// all of them.
    pub(super) fn keys(&self, trace: &Trace) -> Vec<(Rgb, String)> {
        if self.kinds.len() < 2 {
            return vec![];
        }
        let more = if self.by == By::Stem { " …" } else { "" };
        let key = |(colour, kind): (&Rgb, &String)| (*colour, format!("{kind}{more}"));
        let running = || trace.spans.iter().filter(|s| s.activity == Activity::Running);
        let there = |(_, of): &(&Rgb, &String)| {
            running().any(|span| kind(&span.label, self.by) == **of)
        };
        SERIES.iter().zip(&self.kinds).filter(there).map(key).collect()
    }
}

/// As many patterns as can be told apart.
const PATTERNS: usize = 3;

/// The kinds of waits, in the order in which they begin; none where there is one only, or
/// more than there are patterns.
fn kinds_of_waits<'a>(waits: impl Iterator<Item = &'a Span>) -> Vec<String> {
    let mut kinds: Vec<String> = vec![];
    for span in waits {
        let kind = kind(&span.label, By::Stem);
        if kind.is_empty() {
            return vec![];
        }
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
        if kinds.len() > PATTERNS {
            return vec![];
        }
    }
    if kinds.len() > 1 { kinds } else { vec![] }
}

fn kind(text: &str, by: By) -> String {
    let text = match by {
        By::Stem => {
            let stem = text.split(|c: char| c.is_ascii_digit()).next().unwrap_or(text);
            stem.trim_end_matches(|c: char| !c.is_alphanumeric())
        }
        _ => text,
    };
    label::short(text, 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn trace(labels: impl IntoIterator<Item = String>) -> Trace {
        let span = |label: String| Span {
            lane: 0,
            label: label.into(),
            activity: Activity::Running,
            start: Duration::ZERO,
            end: None,
            cpu_start: None,
            cpu_end: None,
            depth: 0,
            cpu_time: None,
        };
        Trace { spans: labels.into_iter().map(span).collect(), ..Trace::default() }
    }

    #[test]
    fn labels_that_differ_in_a_number_share_a_colour() {
        let many =
            trace((0..50).flat_map(|i| [format!("map {i}"), format!("sum-{i}")]));
        let colours = Colours::of(&[&many]);
        let keys = |trace: &Trace| -> Vec<String> {
            colours.keys(trace).into_iter().map(|key| key.1).collect()
        };
        assert_eq!(keys(&many), ["map …", "sum …"]);
        assert_eq!(keys(&trace(["map 7".to_owned()])), ["map …"]);
        assert_eq!(colours.of_span(&many.spans[0]), colours.of_span(&many.spans[2]));
        assert_ne!(colours.of_span(&many.spans[0]), colours.of_span(&many.spans[1]));
    }

    #[test]
    fn kinds_of_waits_are_told_apart() {
        let waits = |labels: &[&str]| {
            let mut trace = trace(labels.iter().map(|label| (*label).to_owned()));
            trace.spans.iter_mut().for_each(|s| s.activity = Activity::Waiting);
            trace
        };
        let three = waits(&["lock 1", "disk", "lock 2", "net"]);
        let colours = Colours::of(&[&three]);
        let kinds: Vec<usize> = three.spans.iter().map(|s| colours.wait(s)).collect();
        assert_eq!(kinds, [0, 1, 0, 2]);
        assert_eq!(colours.waits(), ["lock", "disk", "net"]);
        for others in [&["lock"][..], &["lock", "disk", "net", "cpu"], &["", "disk"]] {
            assert!(Colours::of(&[&waits(others)]).waits().is_empty(), "{others:?}");
        }
    }

    #[test]
    fn too_many_kinds_have_no_colours_of_their_own() {
        let many = trace(('a'..='z').map(String::from));
        assert!(Colours::of(&[&many]).keys(&many).is_empty());
    }
}
