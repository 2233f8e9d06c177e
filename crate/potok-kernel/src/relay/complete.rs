//! Whether the text of a cell is whole: in a console Enter then runs it, and begins another
//! line if it is not. evcxr takes everything for whole.

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};
use serde_json::{Value, json};

/// The content of an `is_complete_reply`.
pub(crate) fn reply(code: &str) -> Value {
    match open(code) {
        None => json!({ "status": "complete" }),
        Some(depth) => {
            json!({ "status": "incomplete", "indent": " ".repeat(4 * depth) })
        }
    }
}

/// How many brackets are open at the end; `None` if nothing is.
fn open(code: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for token in tokenize(code, FrontmatterAllowed::No) {
        match token.kind {
            TokenKind::OpenParen | TokenKind::OpenBrace | TokenKind::OpenBracket => {
                depth += 1;
            }
            TokenKind::CloseParen | TokenKind::CloseBrace | TokenKind::CloseBracket => {
                // One too many is an error, which the compiler explains best.
                depth = depth.checked_sub(1)?;
            }
            // What comes next is within it, and would not want an indent.
            TokenKind::BlockComment { terminated: false, .. } => return Some(0),
            TokenKind::Literal { kind, .. } if is_open(kind) => return Some(0),
            _ => {}
        }
    }
    Some(depth).filter(|&depth| depth > 0)
}

fn is_open(literal: LiteralKind) -> bool {
    match literal {
        LiteralKind::Str { terminated }
        | LiteralKind::ByteStr { terminated }
        | LiteralKind::CStr { terminated } => !terminated,
        LiteralKind::RawStr { n_hashes }
        | LiteralKind::RawByteStr { n_hashes }
        | LiteralKind::RawCStr { n_hashes } => n_hashes.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_asks_for_another_line() {
        for (code, expected) in [
            ("1 + 1", None),
            ("fn f() {", Some(1)),
            ("fn f() {\n    g(\"}\", '}', // }", Some(2)),
            ("fn f() {}", None),
            ("let s = \"one", Some(0)),
            ("let s = r#\"one\"", Some(0)),
            ("/* one", Some(0)),
            ("f)", None),
            (":dep potok = { path = \"../crate/potok\" }", None),
            ("", None),
        ] {
            assert_eq!(open(code), expected, "{code}");
        }
    }

    #[test]
    fn the_next_line_is_indented() {
        let answer = reply("if on {");
        assert_eq!(answer, json!({"status": "incomplete", "indent": "    "}));
    }
}
