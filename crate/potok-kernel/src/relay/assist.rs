//! Completion and inspection, before and behind evcxr.
//!
//! *What to notice*: evcxr answers nobody while a cell runs. Then the answer comes from
//! here at once, from the words of the cells so far: less than evcxr knows, but in time.

use super::history::History;
use super::inspect;
use super::message::Message;
use super::spot::{Place, Spot, means, tokens};
use super::words;
use ra_ap_rustc_lexer::TokenKind as T;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const COMPLETE: &str = "complete_request";
const INSPECT: &str = "inspect_request";

/// The relay's own answer, with its kind: always while a cell runs, and otherwise where
/// there is nothing to ask evcxr about.
pub(crate) fn own_answer(
    request: &Message,
    history: &History,
    evcxr_is_busy: bool,
) -> Option<(&'static str, Value)> {
    let kind = request.kind();
    if kind != COMPLETE && kind != INSPECT {
        return None;
    }
    let (cell, cursor) = asked(request);
    let spot = Spot::at(&cell, cursor);
    let is_code = spot.place == Place::Code;
    Some(if kind == COMPLETE {
        match spot.place {
            Place::Code | Place::Command if !evcxr_is_busy => return None,
            Place::Code => ("complete_reply", words(&spot, history)),
            _ => ("complete_reply", completions(&[], cursor, cursor)),
        }
    } else {
        let ask = is_code && !evcxr_is_busy && inspect::question(&spot).is_some();
        if ask {
            return None;
        }
        let word = &spot.code[spot.word.clone()];
        let found = Some(word).filter(|_| is_code && !word.is_empty());
        (
            "inspect_reply",
            explanation(found.and_then(|word| definition(word, history)).as_deref()),
        )
    })
}

/// The request as it goes to evcxr.
pub(crate) fn to_evcxr(request: Message) -> Message {
    let kind = request.kind();
    if kind != COMPLETE && kind != INSPECT {
        return request;
    }
    let mut content = request.content();
    let (cell, cursor) = asked(&request);
    let spot = Spot::at(&cell, cursor);
    if spot.place != Place::Code {
        return request;
    }
    if kind == COMPLETE {
        content["code"] = spot.code.into();
    } else if let Some(code) = inspect::question(&spot) {
        content["cursor_pos"] = code.chars().count().into();
        content["code"] = code.into();
    }
    request.with_content(&content)
}

/// evcxr's reply as the client is to see it.
pub(crate) fn from_evcxr(request: &Message, reply: Message) -> Message {
    let content = reply.content();
    match &*request.kind() {
        COMPLETE if content["status"] != "ok" => {
            let (_, cursor) = asked(request);
            reply.with_content(&completions(&[], cursor, cursor))
        }
        INSPECT if content["status"] != "ok" => reply.with_content(&explanation(None)),
        INSPECT if request.content()["detail_level"] != 1 => {
            let mut content = content;
            for (kind, is_html) in [("text/plain", false), ("text/html", true)] {
                let shortened = content["data"][kind]
                    .as_str()
                    .map(|text| inspect::first_paragraph(text, is_html));
                if let Some(text) = shortened {
                    content["data"][kind] = text.into();
                }
            }
            reply.with_content(&content)
        }
        _ => reply,
    }
}

/// The cell and the cursor that a request is about.
fn asked(request: &Message) -> (String, usize) {
    let content = request.content();
    let code = content["code"].as_str().unwrap_or_default().to_owned();
    let cursor = content["cursor_pos"].as_u64().and_then(|at| usize::try_from(at).ok());
    // As the protocol has it: without a cursor, at the end.
    let end = code.chars().count();
    (code, cursor.map_or(end, |at| at.min(end)))
}

fn completions(matches: &[String], start: usize, end: usize) -> Value {
    json!({
        "status": "ok", "matches": matches, "metadata": {},
        "cursor_start": start, "cursor_end": end,
    })
}

fn explanation(text: Option<&str>) -> Value {
    let data = text.map_or_else(|| json!({}), |text| json!({"text/plain": text}));
    json!({"status": "ok", "found": text.is_some(), "data": data, "metadata": {}})
}

/// The words that begin as the one at the cursor: members after a `.` or `::`, names
/// elsewhere.
fn words(spot: &Spot, history: &History) -> Value {
    let start = spot.word.start.min(spot.cursor);
    let typed = &spot.code[start..spot.cursor];
    let is_member = spot.code[..start].trim_end().ends_with(['.', ':']);
    let mut found = BTreeSet::new();
    let earlier = history.newest_first().map(|(_, code)| (code, false));
    for (code, is_this) in earlier.chain([(spot.code.as_str(), true)]) {
        let mut after = None;
        for (range, kind) in tokens(code) {
            let word = &code[range.clone()];
            let here = is_this && range == spot.word;
            let same_place = matches!(after, Some(T::Dot | T::Colon)) == is_member;
            if kind == T::Ident && same_place && word.starts_with(typed) && !here {
                found.insert(word.to_owned());
            }
            after = if means(kind) { Some(kind) } else { after };
        }
    }
    let count = |end: usize| spot.code[..end].chars().count();
    let found: Vec<String> = found.into_iter().collect();
    completions(&found, count(start), count(spot.cursor))
}

/// Where an earlier cell defines a name: the line, and what is written above it.
fn definition(word: &str, history: &History) -> Option<String> {
    const BEFORE: [&str; 12] = [
        "fn",
        "struct",
        "enum",
        "union",
        "trait",
        "type",
        "mod",
        "const",
        "static",
        "let",
        "mut",
        "macro_rules",
    ];
    for (number, code) in history.newest_first() {
        let mut tokens = tokens(code);
        tokens.retain(|(_, kind)| means(*kind) && *kind != T::Bang);
        let text = |i: usize| &code[tokens[i].0.clone()];
        let at = (1..tokens.len())
            .rev()
            .find(|&i| text(i) == word && BEFORE.contains(&text(i - 1)));
        let Some(at) = at else { continue };
        let start = code[..tokens[at].0.start].rfind('\n').map_or(0, |end| end + 1);
        let rest = &code[start..];
        let end = rest.find(['{', ';', '\n']).unwrap_or(rest.len());
        let above: Vec<&str> = code[..start]
            .lines()
            .rev()
            .take_while(|line| line.trim_start().starts_with("///"))
            .map(|line| line.trim_start().trim_start_matches('/').trim())
            .collect();
        let mut out = format!("{}\n\n{}", rest[..end].trim(), words::from_cell(number));
        if !above.is_empty() {
            let above: Vec<&str> = above.into_iter().rev().collect();
            out.push_str(&format!("\n\n{}", above.join("\n")));
        }
        return Some(out);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> History {
        let mut history = History::default();
        history.note(
            1,
            "/// Says hello.\nfn greet(name: &str) -> String { name.trim().into() }",
        );
        history.note(2, "let greeting = greet(\"ann\");\n// grey");
        history
    }

    fn request(kind: &str, code: &str, cursor: usize) -> Message {
        Message::new(kind, &"{}".into(), &json!({"code": code, "cursor_pos": cursor}))
    }

    fn answer(kind: &str, code: &str, busy: bool) -> Option<Value> {
        let request = request(kind, code, code.chars().count());
        own_answer(&request, &history(), busy).map(|(_, content)| content)
    }

    #[test]
    fn while_a_cell_runs_the_words_of_the_cells_are_the_answer() {
        let content = answer(COMPLETE, "let ж = gre", true).unwrap();
        assert_eq!(content["matches"], json!(["greet", "greeting"]));
        assert_eq!(
            (&content["cursor_start"], &content["cursor_end"]),
            (&json!(8), &json!(11))
        );
        let members = answer(COMPLETE, "x.tr", true).unwrap();
        assert_eq!(members["matches"], json!(["trim"]));
        assert_eq!(answer(COMPLETE, "no_such", true).unwrap()["matches"], json!([]));
        assert!(answer(COMPLETE, "gre", false).is_none(), "evcxr knows more");
    }

    #[test]
    fn where_there_is_nothing_to_complete_the_list_is_empty() {
        for cell in ["", "// a co", ":dep reg", "  \n"] {
            let content = answer(COMPLETE, cell, false).unwrap();
            assert_eq!(
                (&content["status"], &content["matches"]),
                (&json!("ok"), &json!([]))
            );
            assert_eq!(answer(INSPECT, cell, false).unwrap()["found"], false);
        }
        assert!(answer(COMPLETE, ":de", false).is_none(), "evcxr knows its commands");
    }

    #[test]
    fn an_error_of_evcxrs_is_an_empty_list() {
        let asked = request(COMPLETE, "x", 1);
        let error =
            Message::new("complete_reply", &"{}".into(), &json!({"status": "error"}));
        let content = from_evcxr(&asked, error).content();
        assert_eq!(content["status"], "ok");
        assert_eq!(content["matches"], json!([]));
    }

    #[test]
    fn while_a_cell_runs_a_name_is_explained_by_its_definition() {
        let content = answer(INSPECT, "greet", true).unwrap();
        let text = content["data"]["text/plain"].as_str().unwrap();
        assert_eq!(
            text,
            "fn greet(name: &str) -> String\n\nfrom cell 1\n\nSays hello."
        );
        assert_eq!(answer(INSPECT, "nobody", true).unwrap()["found"], false);
        assert!(answer(INSPECT, "greet", false).is_none());
    }

    #[test]
    fn evcxr_is_asked_without_commands_and_with_a_whole_word() {
        let asked = to_evcxr(request(COMPLETE, ":timing\nst", 10)).content();
        assert_eq!(asked["code"], "       \nst");
        let asked = to_evcxr(request(INSPECT, "greet(1)", 2)).content();
        assert_eq!(
            (&asked["code"], &asked["cursor_pos"]),
            (&json!("greet("), &json!(6))
        );
    }
}
