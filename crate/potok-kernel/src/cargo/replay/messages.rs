//! What rustc says, as cargo hands it on: each diagnostic within a line that names the
//! crate, and no colours.

use super::record::Record;
use crate::Result;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;

/// The lines of a build, as they come.
#[derive(Debug)]
pub(super) struct Messages<'r> {
    record: &'r Record,
    lines: Vec<u8>,
    errors: bool,
    success: bool,
}

impl<'r> Messages<'r> {
    /// Begins with what a build begins with.
    pub(super) fn new(record: &'r Record) -> Self {
        let mut lines = vec![];
        for line in record.others() {
            lines.extend_from_slice(line.as_bytes());
            lines.push(b'\n');
        }
        Messages { record, lines, errors: false, success: false }
    }

    /// Takes what rustc wrote. What is no diagnostic is for whoever reads our errors.
    pub(super) fn take(&mut self, stderr: &[u8]) -> Result<()> {
        for line in stderr.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
        {
            let message = line.starts_with(b"{").then(|| serde_json::from_slice(line));
            let Some(Ok(message)) = message else {
                std::io::stderr().write_all(&[line, b"\n"].concat())?;
                continue;
            };
            self.message(message);
        }
        Ok(())
    }

    fn message(&mut self, message: Value) {
        // Only diagnostics are shown; the others tell cargo of files.
        if message["$message_type"] != "diagnostic" {
            return;
        }
        self.errors |= message["level"] == "error";
        // cargo counts for itself.
        let text = message["message"].as_str().unwrap_or_default();
        let sum = ["warning emitted", "warnings emitted"];
        if text.starts_with("aborting due to")
            || sum.iter().any(|end| text.ends_with(end))
        {
            return;
        }
        let line = format!(
            "{{\"reason\":\"compiler-message\",{},\"message\":{}}}\n",
            target(self.record.artifact()),
            as_cargo_writes(message),
        );
        self.lines.extend_from_slice(line.as_bytes());
    }

    /// Whether something is wrong with the cell.
    pub(super) fn has_errors(&self) -> bool {
        self.errors
    }

    /// The cell is compiled.
    pub(super) fn artifact(&mut self) {
        self.success = true;
        self.lines.extend_from_slice(self.record.artifact().as_bytes());
        self.lines.push(b'\n');
    }

    /// All of it.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let end =
            format!("{{\"reason\":\"build-finished\",\"success\":{}}}\n", self.success);
        self.lines.extend_from_slice(end.as_bytes());
        self.lines
    }
}

/// The fields that say which crate is meant, from the line on its object.
fn target(artifact: &str) -> &str {
    // Neither can be part of a text, in which quotes are written otherwise.
    let start = artifact.find("\"package_id\":").unwrap_or(0);
    let end = artifact.find(",\"profile\":").unwrap_or(start);
    &artifact[start..end]
}

/// cargo takes a diagnostic apart and writes it anew: the text first, the code last.
fn as_cargo_writes(mut message: Value) -> String {
    let rendered = message["rendered"].take();
    let code = match message["code"].take() {
        Value::Object(mut fields) => {
            let code = fields.remove("code").unwrap_or_default();
            let others: BTreeMap<_, _> = fields.into_iter().collect();
            object([("code", &code)], &others, [])
        }
        other => other.to_string(),
    };
    let Value::Object(fields) = message else { return message.to_string() };
    let mut others: BTreeMap<String, Value> = fields.into_iter().collect();
    others.remove("rendered");
    others.remove("code");
    object([("rendered", &rendered)], &others, [("code", code)])
}

/// An object in this order, what is in it sorted.
fn object<const N: usize>(
    first: [(&str, &Value); 1],
    others: &BTreeMap<String, Value>,
    last: [(&str, String); N],
) -> String {
    let others = others.iter().map(|(name, value)| {
        let mut value = value.clone();
        value.sort_all_objects();
        (name.as_str(), value.to_string())
    });
    let first = first.into_iter().map(|(name, value)| (name, value.to_string()));
    let fields = first.chain(others).chain(last);
    let fields: Vec<String> =
        fields.map(|(name, value)| format!("{}:{value}", Value::from(name))).collect();
    format!("{{{}}}", fields.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_is_written_as_cargo_1_95_writes_it() {
        let from_rustc = r#"{"$message_type":"diagnostic","message":"m","code":{"code":"E1","explanation":"x\"y"},"level":"error","spans":[{"file_name":"src/lib.rs","byte_start":1}],"children":[],"rendered":"r\n"}"#;
        let from_cargo = r#"{"rendered":"r\n","$message_type":"diagnostic","children":[],"level":"error","message":"m","spans":[{"byte_start":1,"file_name":"src/lib.rs"}],"code":{"code":"E1","explanation":"x\"y"}}"#;
        assert_eq!(
            as_cargo_writes(serde_json::from_str(from_rustc).unwrap()),
            from_cargo
        );
        let no_code = r#"{"message":"m","code":null,"rendered":"r"}"#;
        let from_cargo = r#"{"rendered":"r","message":"m","code":null}"#;
        assert_eq!(as_cargo_writes(serde_json::from_str(no_code).unwrap()), from_cargo);
    }

    #[test]
    fn a_message_names_the_crate_as_its_object_does() {
        let artifact = r#"{"reason":"compiler-artifact","package_id":"p","manifest_path":"m","target":{"kind":["cdylib"]},"profile":{},"fresh":false}"#;
        let expected =
            r#""package_id":"p","manifest_path":"m","target":{"kind":["cdylib"]}"#;
        assert_eq!(target(artifact), expected);
    }
}
