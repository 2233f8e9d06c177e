//! What stands at the cursor in a cell: the word there, and whether it is code at all.
//!
//! evcxr fails at a cursor in a comment or in an empty cell. And before it completes or
//! explains anything it *runs* the commands of the cell (`:dep` asks cargo, `:timing`
//! turns the timing on): so a cell goes to it with blanks in their place.

use ra_ap_rustc_lexer::{FrontmatterAllowed, Token, TokenKind, tokenize};
use std::ops::Range;

/// What kind of text the cursor is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A cell without code.
    Nothing,
    /// A comment.
    Comment,
    /// The name of a command, `:de`.
    Command,
    /// What follows a command's name, or a line for the shell.
    Argument,
    Code,
}

/// A place in a cell.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) place: Place,
    /// The cell with blanks in the place of commands, character for character.
    pub(crate) code: String,
    /// The cursor, in bytes of that code.
    pub(crate) cursor: usize,
    /// The word around the cursor; empty if there is none.
    pub(crate) word: Range<usize>,
}

impl Spot {
    /// What stands at a cursor, which Jupyter counts in characters.
    pub(crate) fn at(cell: &str, cursor: usize) -> Self {
        let offset = |text: &str| {
            text.char_indices().nth(cursor).map_or(text.len(), |(at, _)| at)
        };
        let (code, command) = without_commands(cell, offset(cell));
        let cursor = offset(&code);
        let tokens = tokens(&code);
        let is_word =
            |kind: TokenKind| matches!(kind, TokenKind::Ident | TokenKind::RawIdent);
        let word = tokens.iter().find(|(range, kind)| {
            is_word(*kind) && range.start <= cursor && cursor <= range.end
        });
        let word = word.map_or(cursor..cursor, |(range, _)| range.clone());
        let place = command.unwrap_or_else(|| place(&tokens, cursor));
        Spot { place, code, cursor, word }
    }
}

/// The tokens of a text and where they are.
pub(crate) fn tokens(code: &str) -> Vec<(Range<usize>, TokenKind)> {
    let mut at = 0;
    let place = |Token { kind, len }| {
        let range = at..at + len as usize;
        at = range.end;
        (range, kind)
    };
    tokenize(code, FrontmatterAllowed::No).map(place).collect()
}

/// Whether a token means something to the compiler.
pub(crate) fn means(kind: TokenKind) -> bool {
    !matches!(
        kind,
        TokenKind::Whitespace
            | TokenKind::LineComment { .. }
            | TokenKind::BlockComment { .. }
    )
}

fn place(tokens: &[(Range<usize>, TokenKind)], cursor: usize) -> Place {
    let in_comment = tokens.iter().any(|(range, kind)| match kind {
        // A line comment goes on behind its last character.
        TokenKind::LineComment { .. } => range.start < cursor && cursor <= range.end,
        TokenKind::BlockComment { terminated, .. } => {
            range.start < cursor
                && (cursor < range.end || (!terminated && cursor == range.end))
        }
        _ => false,
    });
    if in_comment {
        Place::Comment
    } else if tokens.iter().any(|(_, kind)| means(*kind)) {
        Place::Code
    } else {
        Place::Nothing
    }
}

/// The cell with blanks in the place of its commands; and, if the cursor is in one, what is
/// there. As for evcxr, there are commands only before the first line of code.
pub(crate) fn without_commands(cell: &str, cursor: usize) -> (String, Option<Place>) {
    let mut code = String::with_capacity(cell.len());
    let (mut place, mut before_code, mut at) = (None, true, 0);
    for line in cell.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        let named = bare.trim_start_matches(' ');
        if before_code && (named.starts_with(':') || bare.starts_with('!')) {
            if (at..=at + bare.len()).contains(&cursor) {
                let name = named.find(' ').unwrap_or(named.len());
                let in_name = cursor <= at + bare.len() - named.len() + name;
                let is_name = named.starts_with(':') && in_name;
                place = Some(if is_name { Place::Command } else { Place::Argument });
            }
            code.extend(bare.chars().map(|_| ' '));
            code.push_str(&line[bare.len()..]);
        } else {
            before_code &= bare.trim().is_empty() || bare.starts_with("//");
            code.push_str(line);
        }
        at += line.len();
    }
    (code, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The spot at the bar in a cell.
    fn spot(cell: &str) -> Spot {
        let (before, after) = cell.split_once('|').unwrap();
        Spot::at(&format!("{before}{after}"), before.chars().count())
    }

    #[test]
    fn the_cursor_is_in_code_or_not() {
        for (cell, place) in [
            ("|", Place::Nothing),
            ("  \n|\n", Place::Nothing),
            ("// only a comm|ent\n", Place::Comment),
            ("let a = 1; // a note|", Place::Comment),
            ("let a = 1; |// a note", Place::Code),
            ("let a /* a| */ = 1;", Place::Comment),
            ("let a /* a */| = 1;", Place::Code),
            ("/* open|", Place::Comment),
            (":de|", Place::Command),
            (":|", Place::Command),
            (":dep reg|", Place::Argument),
            (":dep rand\nrand::ra|", Place::Code),
            ("!ls |", Place::Argument),
            ("let a = 1;\n:de|p", Place::Code),
            ("let s = \"// no| comment\";", Place::Code),
        ] {
            assert_eq!(spot(cell).place, place, "{cell}");
        }
    }

    #[test]
    fn the_word_is_the_whole_one_around_the_cursor() {
        for (cell, word) in [
            ("vec.pu|sh(1)", "push"),
            ("vec.push|(1)", "push"),
            ("|vec.push(1)", "vec"),
            ("1 + |", ""),
            ("/* ж */ ёж|ик", "ёжик"),
            ("r#ty|pe", "r#type"),
        ] {
            let spot = spot(cell);
            assert_eq!(&spot.code[spot.word.clone()], word, "{cell}");
        }
    }

    #[test]
    fn commands_are_blanked_and_places_stay() {
        let spot = spot(":dep ж = \"1\"\n!ls\n// :no\nlet a = 1;\nf(:x|)");
        assert_eq!(spot.code, "            \n   \n// :no\nlet a = 1;\nf(:x)");
        assert_eq!(&spot.code[spot.word.clone()], "x");
        assert_eq!(spot.place, Place::Code);
    }
}
