//! A picture stays a picture in a cell that gives away one of its variables.
//!
//! evcxr's code around a cell keeps every variable at the end. Of one that was moved away,
//! the compiler says so there (E0382), and names the place where it was moved. evcxr tries
//! again without that variable; but where the place is in the last expression, it also
//! believes that the value cannot be shown, and writes the value's `{:?}`.
//!
//! So the error goes on without that place. Nobody reads it: evcxr mends it by itself.

use serde_json::Value;

/// What stands in the line that keeps a variable.
const KEEPS: &str = "evcxr_variable_store";

/// What cargo said, with each such error cut down to the line that keeps the variable.
pub(super) fn without_uses(said: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(said.len());
    for line in said.split_inclusive(|byte| *byte == b'\n') {
        match cut(line) {
            Some(line) => {
                kept.extend(line.to_string().into_bytes());
                kept.push(b'\n');
            }
            None => kept.extend(line),
        }
    }
    kept
}

/// A message that is to be cut, without the rest; `None` for all others.
fn cut(line: &[u8]) -> Option<Value> {
    // Most of a build's lines are about libraries: they are not even parsed.
    let told = |what: &[u8]| line.windows(what.len()).any(|part| part == what);
    if !told(b"E0382") || !told(KEEPS.as_bytes()) {
        return None;
    }
    let mut line: Value = serde_json::from_slice(line).ok()?;
    let message = line.get_mut("message")?;
    if message["code"]["code"] != "E0382" {
        return None;
    }
    let spans = message["spans"].as_array_mut()?;
    let keeps = |span: &Value| {
        let text = span["text"].as_array().into_iter().flatten();
        let mut lines = text.filter_map(|line| line["text"].as_str());
        span["is_primary"] == true && lines.any(|line| line.contains(KEEPS))
    };
    if !spans.iter().any(keeps) {
        return None;
    }
    spans.retain(keeps);
    message["children"] = Value::Array(vec![]);
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn span(primary: bool, text: &str) -> Value {
        json!({"is_primary": primary, "text": [{"text": text}]})
    }

    fn message(code: &str, spans: &[Value]) -> Vec<u8> {
        let said = json!({
            "reason": "compiler-message",
            "message": {"code": {"code": code}, "spans": spans, "children": [1]},
        });
        format!("{said}\n").into_bytes()
    }

    #[test]
    fn where_a_kept_variable_was_moved_is_left_out() {
        let keeps = span(true, "evcxr_variable_store.put_variable(\"a\", a);");
        let said =
            message("E0382", &[keeps.clone(), span(false, "(f(a)).evcxr_display();")]);
        let line: Value = serde_json::from_slice(&without_uses(&said)).unwrap();
        assert_eq!(line["message"]["spans"], json!([keeps]));
        assert_eq!(line["message"]["children"], json!([]));
    }

    #[test]
    fn everything_else_is_passed_on_as_it_is() {
        let keeps = span(true, "evcxr_variable_store.put_variable(\"a\", a);");
        let mut said = b"{\"reason\":\"build-finished\"}\nno JSON\n".to_vec();
        said.extend(message("E0425", &[keeps]));
        // A student's own: a moved variable is used again in the cell.
        said.extend(message(
            "E0382",
            &[span(true, "println!(\"{a}\");"), span(false, "f(a)")],
        ));
        assert_eq!(without_uses(&said), said);
    }
}
