//! What cargo says, as far as it helps evcxr.
//!
//! Three kinds of messages lead evcxr astray:
//!
//! * A *variable that was moved away*. evcxr's code around a cell keeps every variable at
//!   the end; of this one the compiler says there that it is gone (E0382), and names the
//!   place where it went. evcxr tries again without that variable; but where the place is in
//!   the last expression, it also believes that the value cannot be shown, and writes the
//!   value's `{:?}`. So the error goes on without that place. Nobody reads it: evcxr mends
//!   it by itself.
//! * A *number without a type* as the last expression (`let x = 5;`, then `x`). Where a trait
//!   has a method `evcxr_display`, the compiler does not say that a number lacks it, but that
//!   its type is unknown (E0689), and proposes one at the `let`, which evcxr takes for the
//!   student's own error; it does not write the value's `{:?}` then. So the proposal is left out.
//! * A *warning*. evcxr compiles the items of earlier cells again with each cell. A macro
//!   that is not used again is then a warning, which evcxr tells as the cell's error.

use super::contains;
use serde_json::Value;

/// What stands in the line that keeps a variable.
const KEEPS: &str = "evcxr_variable_store";
/// What evcxr calls to show a value.
const SHOWS: &str = "`evcxr_display`";

/// What cargo said without warnings, with each error about a variable that was moved away
/// cut down to the line that keeps the variable, and each about a number that cannot be
/// shown without its proposals.
pub(super) fn for_evcxr(said: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(said.len());
    for line in said.split_inclusive(|byte| *byte == b'\n') {
        if is_warning(line) {
            continue;
        }
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

fn is_warning(line: &[u8]) -> bool {
    // Most of a build's lines are about libraries: they are not even parsed.
    if !contains(line, br#""compiler-message""#) || !contains(line, b"warning") {
        return false;
    }
    let line: Option<Value> = serde_json::from_slice(line).ok();
    line.is_some_and(|line| line["message"]["level"] == "warning")
}

/// A message that is to be cut, without the rest; `None` for all others.
fn cut(line: &[u8]) -> Option<Value> {
    if contains(line, b"E0382") && contains(line, KEEPS.as_bytes()) {
        return without_its_move(line);
    }
    if contains(line, b"E0689") && contains(line, SHOWS.as_bytes()) {
        return without_proposals(line);
    }
    None
}

fn without_its_move(line: &[u8]) -> Option<Value> {
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

fn without_proposals(line: &[u8]) -> Option<Value> {
    let mut line: Value = serde_json::from_slice(line).ok()?;
    let message = line.get_mut("message")?;
    if message["code"]["code"] != "E0689"
        || !message["message"].as_str()?.contains(SHOWS)
    {
        return None;
    }
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
        let line: Value = serde_json::from_slice(&for_evcxr(&said)).unwrap();
        assert_eq!(line["message"]["spans"], json!([keeps]));
        assert_eq!(line["message"]["children"], json!([]));
    }

    #[test]
    fn a_number_that_cannot_be_shown_has_no_proposals() {
        let said = |method: &str| {
            let message = json!({
                "code": {"code": "E0689"},
                "message": format!("can't call method `{method}` on ambiguous numeric type"),
                "spans": [span(true, "(x).evcxr_display();")],
                "children": [{"message": "you must specify a type for this binding"}],
            });
            format!("{}\n", json!({"reason": "compiler-message", "message": message}))
                .into_bytes()
        };
        let line: Value =
            serde_json::from_slice(&for_evcxr(&said("evcxr_display"))).unwrap();
        assert_eq!(line["message"]["children"], json!([]));
        // A student's own.
        assert_eq!(for_evcxr(&said("sqrt")), said("sqrt"));
    }

    #[test]
    fn warnings_are_left_out_and_errors_that_speak_of_one_are_not() {
        let said = |level: &str| {
            let message = json!({"level": level, "message": "a \"warning\""});
            let line = json!({"reason": "compiler-message", "message": message});
            format!("{line}\n").into_bytes()
        };
        let both = [said("warning"), said("error")].concat();
        assert_eq!(for_evcxr(&both), said("error"));
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
        assert_eq!(for_evcxr(&said), said);
    }
}
