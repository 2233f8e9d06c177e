//! The cells that were run, in order: what `history` answers, and where an older line of
//! code is looked up.

use serde_json::{Value, json};
use std::collections::{HashSet, VecDeque};

/// How much code is remembered, in bytes; the oldest goes first.
const MOST: usize = 4 << 20;

/// The session that all cells are of. A client may also call the present one 0.
const SESSION: u64 = 1;

/// The cells with their numbers, oldest first.
#[derive(Debug, Default)]
pub(crate) struct History {
    cells: VecDeque<(u64, String)>,
    size: usize,
}

impl History {
    /// Remembers a cell, unless it is longer than all that is remembered.
    pub(crate) fn note(&mut self, number: u64, code: &str) {
        if code.len() > MOST {
            return;
        }
        self.size += code.len();
        self.cells.push_back((number, code.to_owned()));
        while self.size > MOST {
            self.size -= self.cells.pop_front().map_or(0, |(_, code)| code.len());
        }
    }

    /// The cells, the newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (u64, &str)> {
        self.cells.iter().rev().map(|(number, code)| (*number, code.as_str()))
    }

    /// The content of a `history_reply` to a request with this content.
    pub(crate) fn reply(&self, request: &Value) -> Value {
        let with_output = request["output"] == true;
        let entries = self.asked_for(request).into_iter().map(|(number, code)| {
            // What a cell has shown is with its notebook, not here.
            let entry = if with_output { json!([code, null]) } else { json!(code) };
            json!([SESSION, number, entry])
        });
        json!({"status": "ok", "history": entries.collect::<Vec<_>>()})
    }

    fn asked_for(&self, request: &Value) -> Vec<(u64, &str)> {
        let count = |name: &str| request[name].as_u64();
        let last = |newest_first: Vec<_>| last(newest_first, count("n"));
        match request["hist_access_type"].as_str().unwrap_or("tail") {
            "range" => {
                let session = request["session"].as_i64().unwrap_or_default();
                if session != 0 && session.cast_unsigned() != SESSION {
                    return vec![];
                }
                let (start, stop) = (count("start").unwrap_or_default(), count("stop"));
                let mut all: Vec<(u64, &str)> = self.newest_first().collect();
                all.reverse();
                let is_before = |number| stop.is_none_or(|stop| number < stop);
                all.retain(|&(number, _)| start <= number && is_before(number));
                all
            }
            "search" => {
                let pattern: Vec<char> =
                    request["pattern"].as_str().unwrap_or("*").chars().collect();
                let mut seen = HashSet::new();
                let unique = request["unique"] == true;
                let found = self.newest_first().filter(|(_, code)| {
                    let code_chars: Vec<char> = code.chars().collect();
                    matches(&pattern, &code_chars) && (!unique || seen.insert(*code))
                });
                last(found.collect())
            }
            _ => last(self.newest_first().collect()),
        }
    }
}

/// The first `n` of them, the other way round.
fn last<T>(mut newest_first: Vec<T>, n: Option<u64>) -> Vec<T> {
    if let Some(n) = n.and_then(|n| usize::try_from(n).ok()) {
        newest_first.truncate(n);
    }
    newest_first.reverse();
    newest_first
}

/// Whether a pattern in which `*` stands for any text and `?` for any character is all of
/// the text.
fn matches(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    // The last `*`, and where its text ends for now.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, end)) = star else { return false };
                star = Some((at, end + 1));
                p = at + 1;
                t = end + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> History {
        let mut history = History::default();
        for (number, code) in [(1, "let a = 1;"), (2, "a + 1"), (3, "let a = 1;")] {
            history.note(number, code);
        }
        history
    }

    fn numbers(request: &Value) -> Vec<u64> {
        let reply = history().reply(request);
        assert_eq!(reply["status"], "ok");
        let entries = reply["history"].as_array().unwrap();
        entries.iter().map(|entry| entry[1].as_u64().unwrap()).collect()
    }

    #[test]
    fn the_tail_is_the_last_cells_in_their_order() {
        assert_eq!(numbers(&json!({"hist_access_type": "tail", "n": 2})), [2, 3]);
        assert_eq!(numbers(&json!({"hist_access_type": "tail", "n": 9})), [1, 2, 3]);
        assert_eq!(numbers(&json!({})), [1, 2, 3]);
    }

    #[test]
    fn a_range_ends_before_its_stop_and_is_of_this_session() {
        let range = |session: i64, start: u64, stop: u64| {
            numbers(&json!({"hist_access_type": "range", "session": session,
                "start": start, "stop": stop}))
        };
        assert_eq!(range(0, 1, 3), [1, 2]);
        assert_eq!(range(1, 2, 9), [2, 3]);
        assert_eq!(range(-1, 1, 9), [0; 0]);
    }

    #[test]
    fn a_search_is_for_a_pattern() {
        let search = |pattern: &str, unique: bool| {
            numbers(&json!({"hist_access_type": "search", "pattern": pattern,
                "unique": unique}))
        };
        assert_eq!(search("let*", false), [1, 3]);
        assert_eq!(search("let*", true), [3]);
        assert_eq!(search("a ? 1", false), [2]);
        assert_eq!(search("*", false), [1, 2, 3]);
        assert_eq!(search("a", false), [0; 0]);
    }

    #[test]
    fn an_entry_is_session_number_and_code() {
        let reply = history().reply(&json!({"n": 1}));
        assert_eq!(reply["history"], json!([[1, 3, "let a = 1;"]]));
        let reply = history().reply(&json!({"n": 1, "output": true}));
        assert_eq!(reply["history"], json!([[1, 3, ["let a = 1;", null]]]));
    }

    #[test]
    fn what_is_too_much_goes_oldest_first() {
        let mut history = history();
        history.note(4, &"x".repeat(MOST));
        let left: Vec<u64> = history.newest_first().map(|(number, _)| number).collect();
        assert_eq!(left, [4]);
        history.note(5, &"x".repeat(MOST + 1));
        assert_eq!(history.newest_first().count(), 1);
    }

    #[test]
    fn a_star_takes_as_much_as_it_must() {
        let is = |pattern: &str, text: &str| {
            matches(
                &pattern.chars().collect::<Vec<_>>(),
                &text.chars().collect::<Vec<_>>(),
            )
        };
        assert!(is("*a*b", "xxaybab") && is("", "") && is("**", ""));
        assert!(!is("*a*b", "xxayba") && !is("a", "") && !is("", "a"));
    }
}
