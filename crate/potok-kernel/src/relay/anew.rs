//! A runtime that is started anew because a library that it has loaded was compiled anew.
//!
//! The cell that asked for it has not run: its build was not handed on. evcxr is told to
//! start its runtime again, which forgets the variables, and gets the cell once more.

use super::message::Message;
use super::words;
use crate::session;
use serde_json::json;

/// evcxr forgets the variables, and then remembers them from before the command, at the end
/// of a cell that goes well. So this one fails: there is no such command.
const RESTART: &str = ":restart\n:so_that_the_variables_stay_forgotten";

/// A cell of the relay's own, which no client hears of.
pub(super) fn unseen(code: &str) -> Message {
    let cell = json!({
        "code": code,
        "silent": true,
        "store_history": false,
        "user_expressions": {},
        "allow_stdin": false,
    });
    Message::new("execute_request", &"{}".into(), &cell)
}

/// What evcxr is told before it gets the `cell` again. What the prelude did is done again,
/// with the libraries that the cell asks for: with those before, others would be loaded.
pub(super) fn before(cell: &Message) -> [Message; 2] {
    let content = cell.content();
    let code = content["code"].as_str().unwrap_or_default();
    let dependencies =
        code.lines().filter(|line| line.trim_start().starts_with(":dep"));
    let mut prelude: String = dependencies.map(|line| format!("{line}\n")).collect();
    prelude.push_str(session::ANEW);
    [unseen(RESTART), unseen(&prelude)]
}

/// What the reader is told.
pub(super) fn in_words(cell: &Message, libraries: &str) -> Message {
    on_stderr(cell, &words::compiled_anew(libraries))
}

/// What the reader is told of an interrupt that met no cell.
pub(super) fn after_late_interrupt(cell: &Message) -> Message {
    on_stderr(cell, words::late_interrupt())
}

fn on_stderr(cell: &Message, text: &str) -> Message {
    let content = json!({"name": "stderr", "text": format!("{text}\n")});
    Message::new("stream", &cell.parts[0], &content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_runtime_loads_what_the_cell_asks_for() {
        let cell = unseen(" :dep rand = \"0.9\"\n:dep a\nlet b = 1; // :dep c");
        let [restart, prelude] = before(&cell);
        assert_eq!(restart.content()["code"], RESTART);
        let expected = format!(" :dep rand = \"0.9\"\n:dep a\n{}", session::ANEW);
        assert_eq!(prelude.content()["code"], expected);
    }
}
