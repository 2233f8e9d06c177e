//! What to ask evcxr so that it explains the word at the cursor.
//!
//! evcxr reads the cell up to the cursor, puts `;` behind it, or `);` behind a `(`, and
//! explains what stands there. So a word must be whole, a method needs its `(`, and what
//! stands around it must not be half an expression: `println!("{}", v.len` is asked about
//! as `v.len(`.

use super::spot::{Spot, means, tokens};
use ra_ap_rustc_lexer::TokenKind as T;
use std::ops::Range;

/// The code whose end evcxr is to explain; nothing if there is no word to explain.
pub(crate) fn question(spot: &Spot) -> Option<String> {
    let code = &spot.code;
    let mut tokens = tokens(code);
    tokens.retain(|(_, kind)| means(*kind));
    let cell = Cell { code, tokens: &tokens };
    let at = cell.target(spot)?;
    if cell.begins_with("use", cell.statement(at)) {
        return Some(format!("{}{}", cell.imported(at), cell.call(at)));
    }
    let word = &tokens[at].0;
    let names =
        ["let", "mut", "fn", "struct", "enum", "trait", "mod", "const", "static"];
    let is_defined = at > 0 && names.contains(&cell.text(at - 1));
    let (statement, chain) = (cell.statement(at), cell.chain(at));
    // A closure's parameters are known only with all that comes before.
    let in_closure = (statement..chain).any(|i| tokens[i].1 == T::Or);
    if is_defined || in_closure {
        return Some(format!("{}{}", &code[..word.end], cell.call(at)));
    }
    let before = &code[..tokens[statement].0.start];
    let asked = &code[tokens[chain].0.start..word.end];
    Some(format!("{before}{asked}{}", cell.call(at)))
}

/// The tokens of a cell that mean something.
struct Cell<'a> {
    code: &'a str,
    tokens: &'a [(Range<usize>, T)],
}

impl Cell<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |(range, _)| &self.code[range.clone()])
    }

    fn kind(&self, at: usize) -> Option<T> {
        self.tokens.get(at).map(|(_, kind)| *kind)
    }

    fn is_word(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(T::Ident | T::RawIdent))
    }

    fn begins_with(&self, word: &str, at: usize) -> bool {
        self.text(at) == word || (self.text(at) == "pub" && self.text(at + 1) == word)
    }

    /// The word at the cursor, or the function that is called around it.
    fn target(&self, spot: &Spot) -> Option<usize> {
        if !spot.word.is_empty() {
            return self.tokens.iter().position(|(range, _)| *range == spot.word);
        }
        let mut next =
            self.tokens.iter().position(|(range, _)| range.end > spot.cursor);
        if next.is_some_and(|i| self.tokens[i].0.start < spot.cursor) {
            // Within a string or a number: what is around it.
            next = next.map(|i| i + 1).filter(|i| *i <= self.tokens.len());
        }
        let mut at = next.unwrap_or(self.tokens.len());
        if at > 1 && self.kind(at - 1) == Some(T::Bang) && self.is_word(at - 2) {
            return Some(at - 2);
        }
        while at > 0 {
            at -= 1;
            match self.kind(at)? {
                T::CloseParen | T::CloseBracket | T::CloseBrace => {
                    at = self.open(at)?;
                }
                T::OpenParen | T::OpenBracket => {
                    let name = self.called(at);
                    if name.is_some() {
                        return name;
                    }
                }
                T::OpenBrace | T::Semi => return None,
                _ => {}
            }
        }
        None
    }

    /// The function or macro before an opening bracket.
    fn called(&self, open: usize) -> Option<usize> {
        let mut at = open.checked_sub(1)?;
        if self.kind(at) == Some(T::Bang) {
            at = at.checked_sub(1)?;
        } else if self.kind(open) != Some(T::OpenParen) {
            return None;
        } else if self.kind(at) == Some(T::Gt) {
            at = self.angle(at)?.checked_sub(3)?;
        }
        self.is_word(at).then_some(at)
    }

    /// The `<` of a `>`.
    fn angle(&self, close: usize) -> Option<usize> {
        let mut depth = 0;
        (0..=close).rev().find(|&at| {
            match self.kind(at) {
                Some(T::Gt) => depth += 1,
                Some(T::Lt) => depth -= 1,
                _ => {}
            }
            depth == 0
        })
    }

    /// The opening bracket of a closing one.
    fn open(&self, close: usize) -> Option<usize> {
        let mut depth = 0;
        (0..=close).rev().find(|&at| {
            match self.kind(at) {
                Some(T::CloseParen | T::CloseBracket | T::CloseBrace) => depth += 1,
                Some(T::OpenParen | T::OpenBracket | T::OpenBrace) => depth -= 1,
                _ => {}
            }
            depth == 0
        })
    }

    /// Where the statement begins that a token is in.
    fn statement(&self, at: usize) -> usize {
        let mut start = at;
        while start > 0 {
            match self.kind(start - 1) {
                Some(T::Semi) => break,
                // A group of a `use` is part of it.
                Some(T::OpenBrace)
                    if start < 3 || self.kind(start - 2) != Some(T::Colon) =>
                {
                    break;
                }
                Some(T::CloseParen | T::CloseBracket) => {
                    start = self.open(start - 1).unwrap_or(0);
                    continue;
                }
                Some(T::CloseBrace) => {
                    // A block ends a statement, unless something goes on behind it.
                    if !matches!(
                        self.kind(start),
                        Some(T::Dot | T::Question | T::Comma)
                    ) {
                        break;
                    }
                    start = self.open(start - 1).unwrap_or(0);
                    continue;
                }
                _ => {}
            }
            start -= 1;
        }
        start
    }

    /// Where the path or the chain of calls begins that a word ends: `a` of `a::b(1).c`.
    fn chain(&self, at: usize) -> usize {
        let mut start = at;
        loop {
            let before = match (start.checked_sub(1), start.checked_sub(2)) {
                (Some(one), _) if self.kind(one) == Some(T::Dot) => one,
                (Some(one), Some(two))
                    if self.kind(one) == Some(T::Colon)
                        && self.kind(two) == Some(T::Colon) =>
                {
                    two
                }
                _ => return start,
            };
            let Some(first) = self.primary(before) else { return start };
            start = first;
        }
    }

    /// Where the name, the value or the call before a token begins.
    fn primary(&self, end: usize) -> Option<usize> {
        let mut at = end.checked_sub(1)?;
        while self.kind(at) == Some(T::Question) {
            at = at.checked_sub(1)?;
        }
        match self.kind(at)? {
            T::Ident | T::RawIdent | T::Literal { .. } => Some(at),
            T::Gt => self.angle(at),
            T::CloseParen | T::CloseBracket | T::CloseBrace => {
                let open = self.open(at)?;
                let Some(before) = open.checked_sub(1) else { return Some(open) };
                match self.kind(before)? {
                    T::Ident | T::RawIdent => Some(before),
                    T::Bang => before.checked_sub(1),
                    T::CloseParen | T::CloseBracket => self.primary(open),
                    T::Gt => {
                        let angle = self.angle(before)?;
                        angle.checked_sub(3).filter(|name| self.is_word(*name))
                    }
                    _ => Some(open),
                }
            }
            _ => None,
        }
    }

    /// The path that a word of a `use` stands for, groups included.
    fn imported(&self, at: usize) -> String {
        let start = self.statement(at);
        let (mut groups, mut path) = (vec![], String::new());
        for i in start..=at {
            match self.kind(i) {
                Some(T::OpenBrace) => groups.push(path.clone()),
                Some(T::CloseBrace) => path = groups.pop().unwrap_or_default(),
                Some(T::Comma) => path = groups.last().cloned().unwrap_or_default(),
                _ if matches!(self.text(i), "use" | "pub") => {}
                _ => path.push_str(self.text(i)),
            }
        }
        path
    }

    /// What has to follow a word for evcxr: a call's bracket, where it is one.
    fn call(&self, at: usize) -> &'static str {
        let is_method = at > 0 && self.kind(at - 1) == Some(T::Dot);
        let next = self.kind(at + 1);
        let turbofish = is_method && next == Some(T::Colon);
        let is_last = is_method && next.is_none();
        if next == Some(T::OpenParen) || turbofish || is_last { "(" } else { "" }
    }
}

/// The explanation as far as its first paragraph, from evcxr's plain text or its HTML.
pub(crate) fn first_paragraph(text: &str, is_html: bool) -> String {
    let (between, end) = if is_html { ("<hr />", "</p>") } else { ("\n\n\n", "\n\n") };
    let mut parts = text.split_inclusive(between);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // What the type parameters are here comes before the description.
        let first = part.trim_start().trim_start_matches("<p><code>");
        let is_note = first.lines().next().is_some_and(|line| {
            line.split_once(" = ").is_some_and(|(name, _)| name.len() < 24)
        });
        if is_note {
            out.push_str(part);
            continue;
        }
        let body = part.trim_start();
        let cut = body
            .find(end)
            .map_or(body.len(), |at| at + if is_html { end.len() } else { 0 });
        out.push_str(&part[..part.len() - body.len() + cut]);
        break;
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn asks(cell: &str, expected: Option<&str>) {
        let (before, after) = cell.split_once('¦').unwrap();
        let spot = Spot::at(&format!("{before}{after}"), before.chars().count());
        assert_eq!(question(&spot).as_deref(), expected, "{cell}");
    }

    #[test]
    fn a_word_is_asked_about_whole() {
        asks("let v = vec![1];\nv.pu¦sh(2)", Some("let v = vec![1];\nv.push("));
        asks("v.len¦", Some("v.len("));
        asks("std::sync::Mu¦tex::new(1)", Some("std::sync::Mutex"));
        asks("std::sync::Mutex::ne¦w(1)", Some("std::sync::Mutex::new("));
        asks("let s: V¦ec<String> = x();", Some("Vec"));
        asks("let s: Vec<Str¦ing> = x();", Some("String"));
        asks("point.x¦ + 1", Some("point.x"));
    }

    #[test]
    fn what_stands_around_a_word_is_left_out() {
        asks("println!(\"{}\", v.le¦n())", Some("v.len("));
        asks("let n = f(1, a::b(2)[3]?.ge¦t(4));", Some("a::b(2)[3]?.get("));
        asks("a;\nf(vec![1].le¦n())", Some("a;\nvec![1].len("));
        asks("\"a\".to_own¦ed()", Some("\"a\".to_owned("));
    }

    #[test]
    fn inside_a_call_it_is_the_function() {
        asks("thread::spawn(¦)", Some("thread::spawn("));
        asks("f(g(1), ¦)", Some("f("));
        asks("println!(\"a¦\")", Some("println"));
        asks("vec!¦[1]", Some("vec"));
        asks("vec![1, ¦2]", Some("vec"));
        asks("\"1\".parse::<u8>(¦)", Some("\"1\".parse("));
        asks("1 + ¦ 2", None);
        asks("{ ¦ }", None);
    }

    #[test]
    fn what_a_block_or_a_closure_defines_stays() {
        asks(
            "thread::spawn(move || { let t = 5; f(t.po¦w(2)) })",
            Some("thread::spawn(move || { let t = 5; t.pow("),
        );
        asks("v.iter().map(|x| x.po¦w(2))", Some("v.iter().map(|x| x.pow("));
        asks("fn gre¦et() {}", Some("fn greet("));
        asks("let na¦me = 1;", Some("let name"));
    }

    #[test]
    fn an_import_is_asked_about_as_a_path() {
        asks("use std::sync::Mut¦ex;", Some("std::sync::Mutex"));
        asks("use std::{io, sync::{Arc, Mut¦ex}};", Some("std::sync::Mutex"));
        asks("use std::{sync::{Arc}, thr¦ead};", Some("std::thread"));
    }

    #[test]
    fn an_explanation_ends_after_its_first_paragraph() {
        let plain = "alloc::vec::Vec\n\nimpl<T, A> Vec<T, A>\npub fn push(&mut self)\n\n\nT = i32, A = Global\n\n\nAppends an element.\n\nPanicsPanics if";
        let expected = plain.split("\n\nPanics").next().unwrap();
        assert_eq!(first_paragraph(plain, false), expected);
        assert_eq!(first_paragraph("all: Vec<i32>", false), "all: Vec<i32>");
        let html = "<pre>fn f</pre>\n<hr />\n<p>One.</p>\n<p>Two.</p>";
        assert_eq!(first_paragraph(html, true), "<pre>fn f</pre>\n<hr />\n<p>One.</p>");
    }
}
