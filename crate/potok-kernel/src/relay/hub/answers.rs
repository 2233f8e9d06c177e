//! What the relay answers by itself: who it is, whether a cell is whole, and what evcxr has
//! nothing to say to, whose silence keeps clients waiting.

use crate::relay::history::History;
use crate::relay::message::Message;
use crate::relay::{assist, complete, words};
use serde_json::{Value, json};

/// How long a cell may be, in bytes as they are sent. evcxr never answers to one of a
/// hundred megabytes, and what a cell took stays with the sockets to it.
const LONGEST: usize = 8 << 20;

/// A kind of reply, and its content.
pub(in crate::relay) type Answer = (&'static str, Value);

/// The relay's answer to a request, if it has one. `info` is the kernel's.
pub(in crate::relay) fn own(
    request: &Message,
    info: &Value,
    history: &History,
) -> Option<Answer> {
    Some(match &*request.kind() {
        "kernel_info_request" => ("kernel_info_reply", info.clone()),
        "is_complete_request" => {
            let content = request.content();
            let code = content["code"].as_str().unwrap_or_default();
            ("is_complete_reply", complete::reply(code))
        }
        "comm_info_request" => {
            ("comm_info_reply", json!({"status": "ok", "comms": {}}))
        }
        "history_request" => ("history_reply", history.reply(&request.content())),
        _ => return assist::own_answer(request, history, false),
    })
}

/// Why a cell is not run at all, as the content of an `error`.
pub(super) fn too_long(cell: &Message) -> Option<Value> {
    let length = cell.parts[3].len();
    if length <= LONGEST {
        return None;
    }
    let text = words::too_long(length.div_ceil(1 << 20), LONGEST >> 20);
    Some(json!({
        "ename": "CellTooLong",
        "evalue": text,
        "traceback": [format!("CellTooLong: {text}")],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_is_too_long_is_refused_with_what_to_do() {
        let cell = |length: usize| {
            let content = json!({ "code": "x".repeat(length) });
            Message::new("execute_request", &"{}".into(), &content)
        };
        assert_eq!(too_long(&cell(LONGEST - 100)), None);
        let error = too_long(&cell(100 << 20)).unwrap();
        let said = error["evalue"].as_str().unwrap();
        assert!(said.contains("101 MB") && said.contains("8 MB"), "{said}");
        assert!(said.contains("std::fs::read"), "{said}");
    }
}
