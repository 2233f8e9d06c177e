//! What the compiler refused last, for the relay.
//!
//! evcxr draws an error only where it can place it in the present cell's statements. Of one in
//! a `use` line, in a macro or a type of an earlier cell it hands on the words alone.

use super::contains;
use crate::Result;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// The file in the session's directory.
const FILE: &str = "refused";

/// So many errors are kept; nobody reads more.
const MOST: usize = 16;

/// Keeps the errors of a build that failed, of which cargo `said` this, with the file that
/// evcxr had made of the cell.
pub(super) fn keep(session: &Path, dir: &Path, said: &[u8]) -> Result<()> {
    let lines = said.split(|byte| *byte == b'\n');
    let errors: Vec<Value> = lines.filter_map(error).take(MOST).collect();
    let made = fs::read_to_string(dir.join("src/lib.rs"))?;
    let kept = json!({"made": made, "errors": errors});
    Ok(fs::write(session.join(FILE), kept.to_string())?)
}

/// What was kept last: `made`, the file, and `errors`, as the compiler says them.
pub(crate) fn read(session: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(session.join(FILE)).ok()?).ok()
}

/// The compiler's error in one of cargo's lines, if it is one.
fn error(line: &[u8]) -> Option<Value> {
    // Most of a build's lines are about libraries: they are not even parsed.
    if !contains(line, br#""compiler-message""#) {
        return None;
    }
    let mut line: Value = serde_json::from_slice(line).ok()?;
    let mut error = line.get_mut("message")?.take();
    let fields = error.as_object_mut().filter(|it| it["level"] == "error")?;
    // Long, and nobody reads them.
    fields.remove("rendered");
    fields.remove("code");
    Some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_errors_of_a_build_are_kept_with_what_was_compiled() {
        let session = tempfile::tempdir().unwrap();
        let dir = session.path().join("crate");
        fs::create_dir_all(dir.join("src")).unwrap();
        fs::write(dir.join("src/lib.rs"), "use x;").unwrap();
        let said = |level: &str, text: &str| {
            let message = json!({"level": level, "message": text, "rendered": "long"});
            json!({"reason": "compiler-message", "message": message}).to_string()
        };
        let lines = [
            "{\"reason\":\"compiler-artifact\"}".to_owned(),
            said("warning", "unused"),
            said("error", "no `x`"),
            "error: not JSON".to_owned(),
        ];
        assert!(read(session.path()).is_none());
        keep(session.path(), &dir, lines.join("\n").as_bytes()).unwrap();
        let expected = json!({"level": "error", "message": "no `x`"});
        assert_eq!(
            read(session.path()),
            Some(json!({"made": "use x;", "errors": [expected]}))
        );
    }
}
