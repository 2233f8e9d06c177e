//! Export in the Trace Event Format, which Perfetto and `chrome://tracing` open.
//!
//! Source: "Trace Event Format" by the Chromium authors: complete events (`X`), begin
//! events without an end (`B`), instants (`i`), metadata (`M`); times in microseconds.

use super::{Activity, Lane, Trace};
use crate::output::json_string;
use std::fmt::Write;
use std::time::Duration;

impl Trace {
    /// The trace as JSON in Chrome's Trace Event Format, which Perfetto opens.
    ///
    /// # Examples
    /// ```
    /// use potok::prelude::*;
    /// let trace = record(|rec| rec.span("sum", || busy(ms(1))));
    /// let json = trace.to_chrome_json();
    /// assert!(json.starts_with(r#"{"displayTimeUnit":"ms","traceEvents":["#));
    /// assert!(json.contains(r#""ph":"X","name":"sum""#));
    /// ```
    pub fn to_chrome_json(&self) -> String {
        let mut events = vec![];
        for (i, lane) in self.lanes.iter().enumerate() {
            let name = json_string(&lane.name);
            events.push(format!(
                r#"{{"ph":"M","name":"thread_name",{},"args":{{"name":{name}}}}}"#,
                ids(i, lane)
            ));
        }
        for span in &self.spans {
            let name = json_string(&span.label);
            let category = match span.activity {
                Activity::Running => "running",
                Activity::Waiting => "waiting",
            };
            let (phase, duration) = match span.duration() {
                Some(duration) => ("X", lasted(duration, span.cpu_time)),
                None => ("B", String::new()),
            };
            let mut args = String::new();
            if let Some(cpu) = span.cpu_start {
                let _ = write!(args, r#","args":{{"cpu":{cpu}}}"#);
            }
            events.push(format!(
                r#"{{"ph":"{phase}","name":{name},"cat":"{category}","ts":{}{duration},{}{args}}}"#,
                micros(span.start),
                ids(span.lane, &self.lanes[span.lane]),
            ));
        }
        for mark in &self.marks {
            events.push(format!(
                r#"{{"ph":"i","s":"t","name":{},"ts":{},{}}}"#,
                json_string(&mark.label),
                micros(mark.at),
                ids(mark.lane, &self.lanes[mark.lane]),
            ));
        }
        format!(r#"{{"displayTimeUnit":"ms","traceEvents":[{}]}}"#, events.join(","))
    }
}

/// A lane that is no thread gets a number of its own in place of a thread's id.
fn ids(index: usize, lane: &Lane) -> String {
    let tid = if lane.tid == 0 { index as u64 } else { lane.tid };
    format!(r#""pid":{},"tid":{tid}"#, lane.pid)
}

/// How long a span lasted, and how much processor time its thread used.
fn lasted(wall: Duration, cpu: Option<Duration>) -> String {
    let cpu = cpu.map_or_else(String::new, |t| format!(r#","tdur":{}"#, micros(t)));
    format!(r#","dur":{}{cpu}"#, micros(wall))
}

/// Microseconds with the nanoseconds kept behind the point.
fn micros(time: Duration) -> String {
    format!("{}.{:03}", time.as_micros(), time.subsec_nanos() % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::record;
    use serde_json::Value;

    #[test]
    fn every_event_has_the_fields_of_the_format() {
        let trace = record(|rec| {
            rec.span("a", || rec.wait("b", || rec.mark("c")));
            std::mem::forget(rec.enter("never ends"));
        });
        let json: Value = serde_json::from_str(&trace.to_chrome_json()).unwrap();
        let events = json["traceEvents"].as_array().unwrap();
        let of = |phase: &str| events.iter().find(|e| e["ph"] == phase).unwrap();
        for event in events {
            assert!(event["name"].is_string() && event["pid"].is_u64());
            assert!(event["tid"].as_u64().unwrap() > 0);
        }
        assert_eq!(of("M")["name"], "thread_name");
        assert!(of("X")["dur"].as_f64().unwrap() > 0.0);
        assert!(of("X")["tdur"].as_f64().unwrap() >= 0.0);
        assert_eq!(of("X")["cat"], "running");
        assert_eq!(of("i")["s"], "t");
        assert_eq!(of("B")["name"], "never ends");
        let spans = events.iter().filter(|e| e["ph"] == "X");
        assert!(spans.clone().all(|e| e["ts"].as_f64().unwrap() > 0.0));
        assert_eq!(spans.count(), 2);
    }

    proptest::proptest! {
        #[test]
        fn any_label_comes_back_as_it_was(label in ".*") {
            let back: String = serde_json::from_str(&json_string(&label)).unwrap();
            assert_eq!(back, label);
        }
    }
}
