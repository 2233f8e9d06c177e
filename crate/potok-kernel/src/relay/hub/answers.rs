//! What the relay answers by itself: who it is, whether a cell is whole, and what evcxr has
//! nothing to say to, whose silence keeps clients waiting.

use crate::relay::history::History;
use crate::relay::message::Message;
use crate::relay::{assist, complete};
use serde_json::{Value, json};

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
