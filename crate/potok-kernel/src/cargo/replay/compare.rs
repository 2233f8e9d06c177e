//! Both ways, one after the other: what comes of them has to be the same.

use super::noted::Noted;
use super::record::Record;
use super::{Outcome, replay};
use crate::Result;
use serde_json::{Map, Value};
use std::collections::hash_map::DefaultHasher;
use std::fs::{self, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// A file that gets a line, in JSON, for each cell that was compiled.
const LOG: &str = "POTOK_REPLAY_LOG";

/// Compiles a cell without cargo, then with it, and hands on what cargo made of it. An
/// error, if that differs.
pub(super) fn both(
    record: &Record,
    dir: &Path,
    by_cargo: impl FnOnce() -> Result<(Outcome, Option<Noted>)>,
) -> Result<Outcome> {
    let began = Instant::now();
    let replayed = replay(record, dir)?;
    let replay_took = began.elapsed().as_secs_f64();
    let object = fs::read(record.object()).ok();
    let began = Instant::now();
    let (outcome, _) = by_cargo()?;
    let took = began.elapsed().as_secs_f64().to_string();
    let Some(replayed) = replayed else {
        log(&[("cargo", "rustc did not say why it failed"), ("took", &took)]);
        return Ok(outcome);
    };
    let differs = if replayed.success != outcome.success {
        Some("success")
    } else if lines(&replayed.said) != lines(&outcome.said) {
        Some("messages")
    } else if outcome.success && object != fs::read(record.object()).ok() {
        Some("object")
    } else {
        None
    };
    log(&[
        ("compared", differs.unwrap_or("same")),
        ("replay_took", &replay_took.to_string()),
        ("took", &took),
    ]);
    let Some(differs) = differs else { return Ok(outcome) };
    let of = |outcome: &Outcome| String::from_utf8_lossy(&outcome.said).into_owned();
    log(&[("without_cargo", &of(&replayed)), ("with_cargo", &of(&outcome))]);
    Err(format!("compiled without cargo, a cell differs in its {differs}").into())
}

/// The lines on the cell, and a number for those on what was there before: cargo finds
/// that out in one order now and another then.
fn lines(said: &[u8]) -> (u64, Vec<&[u8]>) {
    let all = said.split(|byte| *byte == b'\n');
    let is_other = |line: &&[u8]| {
        line.ends_with(br#","fresh":true}"#)
            || line.starts_with(br#"{"reason":"build-script-executed""#)
    };
    let (mut others, own): (Vec<&[u8]>, Vec<&[u8]>) = all.partition(is_other);
    others.sort_unstable();
    let mut hasher = DefaultHasher::new();
    others.hash(&mut hasher);
    (hasher.finish(), own)
}

/// Adds a line of these fields to the log, if there is to be one.
pub(super) fn log(fields: &[(&str, &str)]) {
    let Some(path) = std::env::var_os(LOG) else { return };
    let fields =
        fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
    let line = format!("{}\n", Value::Object(fields.collect::<Map<_, _>>()));
    let file = OpenOptions::new().append(true).create(true).open(path);
    let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn the_order_of_what_was_there_is_not_compared_and_all_else_is() {
        let a = b"{\"a\":1,\"fresh\":true}\n{\"b\":1,\"fresh\":true}\n{\"m\":1}\n{\"n\":1}\n";
        let b = b"{\"b\":1,\"fresh\":true}\n{\"m\":1}\n{\"a\":1,\"fresh\":true}\n{\"n\":1}\n";
        assert_eq!(lines(a), lines(b));
        let other = b"{\"b\":1,\"fresh\":true}\n{\"m\":1}\n{\"c\":1,\"fresh\":true}\n{\"n\":1}\n";
        assert_ne!(lines(a), lines(other));
        let turned = b"{\"a\":1,\"fresh\":true}\n{\"b\":1,\"fresh\":true}\n{\"n\":1}\n{\"m\":1}\n";
        assert_ne!(lines(a), lines(turned));
    }
}
