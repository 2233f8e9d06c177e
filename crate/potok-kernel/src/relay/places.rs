//! Where a line of the file that evcxr makes of a cell comes from.
//!
//! evcxr compiles the items of earlier cells again with each cell, in an order of its own,
//! takes `use` lines apart, and sets each statement on a line of its own. It does not say
//! where a line came from, so that is found by what the line reads, and those around it.

use super::history::History;
use super::impls::Impls;
use super::objects::{Objects, Of};
use super::output::Source;
use super::words;
use crate::cargo::refused;
use serde_json::Value;
use std::cell::OnceCell;
use std::path::Path;

/// The cells before the present one, and the files that evcxr made of them.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    pub(crate) history: History,
    pub(crate) objects: Objects,
    pub(crate) impls: Impls,
}

/// What a cell's output and its errors are read with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    pub(crate) source: &'a Source,
    pub(crate) earlier: &'a Earlier,
}

/// The present cell, and those before.
#[derive(Debug)]
pub(crate) struct Cells<'a> {
    /// What the present cell's reader wrote.
    pub(super) code: &'a str,
    earlier: &'a Earlier,
    /// The file that evcxr made of it.
    file: &'a Path,
    made: OnceCell<String>,
    refused: OnceCell<Value>,
}

/// A line of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Of the present one.
    Here(usize),
    /// Of an earlier one, with the item that it belongs to.
    Earlier(usize, String),
    /// Of no cell that is known, or a line that evcxr made.
    Unknown,
}

/// A place, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) origin: Origin,
    /// The line, if it is known.
    pub(super) source: Option<String>,
    /// From 1, in characters.
    pub(super) column: usize,
}

/// A line that was found in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found<'a> {
    line: usize,
    source: &'a str,
    column: usize,
    /// How many lines around it are the same, too.
    alike: usize,
}

impl Origin {
    /// «строка 3 этой ячейки».
    pub(super) fn named(&self) -> String {
        match self {
            Origin::Here(n) => words::line(n),
            Origin::Earlier(n, item) => words::line_of(n, item),
            Origin::Unknown => words::earlier().to_owned(),
        }
    }

    /// The same behind "at", «в».
    pub(super) fn behind_at(&self) -> String {
        match self {
            Origin::Here(n) => words::at_line(n),
            Origin::Earlier(n, item) => words::at_line_of(n, item),
            Origin::Unknown => words::at_earlier().to_owned(),
        }
    }

    /// Its number, as far as there is one.
    pub(super) fn number(&self) -> String {
        match self {
            Origin::Here(n) | Origin::Earlier(n, _) => n.to_string(),
            Origin::Unknown => String::new(),
        }
    }
}

impl<'a> Cells<'a> {
    /// `file` is the one that evcxr made of the cell `code`.
    pub(crate) fn new(code: &'a str, earlier: &'a Earlier, file: &'a Path) -> Self {
        let (made, refused) = (OnceCell::new(), OnceCell::new());
        Cells { code, earlier, file, made, refused }
    }

    #[cfg(test)]
    pub(super) fn of(code: &'a str, made: &str, earlier: &'a Earlier) -> Self {
        let cells = Cells::new(code, earlier, Path::new(""));
        Cells { made: OnceCell::from(made.to_owned()), ..cells }
    }

    #[cfg(test)]
    pub(super) fn refusing(self, refused: Value) -> Self {
        Cells { refused: OnceCell::from(refused), ..self }
    }

    /// The file that evcxr made of the present cell.
    fn made(&self) -> &str {
        self.made.get_or_init(|| std::fs::read_to_string(self.file).unwrap_or_default())
    }

    /// Why the present cell failed of which the compiler `said` this, if an `impl` is why.
    pub(super) fn impl_that_stays(&self, said: &str) -> Option<String> {
        self.earlier.impls.stays(self.code, said)
    }

    /// What the compiler refused last.
    pub(super) fn refused(&self) -> &Value {
        let session = || self.file.ancestors().nth(3);
        let read = || session().and_then(refused::read).unwrap_or_default();
        self.refused.get_or_init(read)
    }

    /// Where this line and column of evcxr's file come from: the file of the object of this
    /// number, or the present cell's.
    pub(super) fn line(&self, object: Option<u32>, line: usize, column: usize) -> Line {
        match object.map_or(Of::Present, |number| self.earlier.objects.of(number)) {
            Of::Present => self.line_in(self.made(), Some(self.code), line, column),
            Of::Before(made) => self.line_in(made, None, line, column),
            Of::Gone => Line { origin: Origin::Unknown, source: None, column },
        }
    }

    /// The same in a file that was kept for its errors.
    pub(super) fn line_of_error(&self, made: &str, line: usize, column: usize) -> Line {
        self.line_in(made, Some(self.code), line, column)
    }

    fn line_in(
        &self,
        made: &str,
        code: Option<&str>,
        line: usize,
        column: usize,
    ) -> Line {
        let made: Vec<&str> = made.lines().collect();
        let source = line.checked_sub(1).and_then(|i| made.get(i)).copied();
        let of = |origin, found: Found<'_>| Line {
            origin,
            source: Some(found.source.to_owned()),
            column: found.column,
        };
        if let Some(source) = source {
            let here = |found: Found<'_>| of(Origin::Here(found.line), found);
            let earlier = |(found, code): (Found<'_>, &str)| {
                Some(of(Origin::Earlier(found.line, item_at(code, found.line)?), found))
            };
            let alike = |code| same(code, &made, line - 1, column);
            let same_here = code.and_then(alike);
            let same_before = self.find_before(alike);
            let more = |found: &Found<'_>| {
                found.alike > 1.max(same_here.map_or(0, |here| here.alike))
            };
            let part = |code| part(code, source, column);
            let name = || word_at(source.strip_prefix("use ")?, column.checked_sub(4)?);
            let used = |code| imported(code, name()?);
            let found = same_before
                .filter(|(found, _)| more(found))
                .and_then(earlier)
                .or_else(|| same_here.map(here))
                .or_else(|| code.and_then(part).map(here))
                .or_else(|| same_before.and_then(earlier))
                .or_else(|| self.find_before(part).and_then(earlier))
                .or_else(|| code.and_then(used).map(here))
                .or_else(|| self.find_before(used).and_then(earlier));
            if let Some(found) = found {
                return found;
            }
        }
        Line { origin: Origin::Unknown, source: source.map(str::to_owned), column }
    }

    /// The best that is found in an earlier cell, and that cell: the newest one of those
    /// that were run again and again.
    fn find_before<'c>(
        &'c self,
        find: impl Fn(&'c str) -> Option<Found<'c>>,
    ) -> Option<(Found<'c>, &'c str)> {
        let mut best: Option<(Found<'c>, &'c str)> = None;
        for (_, code) in self.earlier.history.newest_first() {
            let more = |found: &Found<'c>| {
                best.is_none_or(|(best, _)| found.alike > best.alike)
            };
            if let Some(found) = find(code).filter(more) {
                best = Some((found, code));
            }
        }
        best
    }
}

/// The line of a cell that reads the same as the line `at` (from 0) of evcxr's file, and has
/// the most lines around it that do.
fn same<'a>(
    code: &'a str,
    made: &[&str],
    at: usize,
    column: usize,
) -> Option<Found<'a>> {
    let code: Vec<&str> = code.lines().collect();
    // A brace alone says nothing.
    made.get(at)?.contains(char::is_alphanumeric).then_some(())?;
    let same = |i: usize, j: usize| match (code.get(i), made.get(j)) {
        (Some(one), Some(other)) => one.trim_end() == other.trim_end(),
        _ => false,
    };
    let alike = |i: usize| {
        let after = (1..).take_while(|&n| same(i + n, at + n)).count();
        let before = (1..=i.min(at)).take_while(|&n| same(i - n, at - n)).count();
        before + after
    };
    let found = (0..code.len()).filter(|&i| same(i, at)).map(|i| (alike(i), i));
    let (alike, i) = found.max_by_key(|&(alike, i)| (alike, std::cmp::Reverse(i)))?;
    Some(Found { line: i + 1, source: code[i], column, alike })
}

/// The first line of a cell that contains this one.
fn part<'a>(code: &'a str, line: &str, column: usize) -> Option<Found<'a>> {
    let line = line.trim_end();
    let mut lines = code.lines().enumerate().filter(|_| line.trim().len() > 2);
    lines.find_map(|(i, source)| {
        let column = source[..source.find(line)?].chars().count() + column;
        Some(Found { line: i + 1, source, column, alike: 0 })
    })
}

/// The line of a cell that brings a name by `use`, of which evcxr makes one for each name.
fn imported<'a>(code: &'a str, name: &str) -> Option<Found<'a>> {
    let mut in_use = false;
    for (i, source) in code.lines().enumerate() {
        let begins = source.trim_start();
        in_use |= begins.starts_with("use ") || begins.starts_with("pub use ");
        let at = source.match_indices(name).map(|(at, _)| at);
        let at = at.map(|at| source[..at].chars().count() + 1);
        let mut whole = at.filter(|&at| word_at(source, at) == Some(name));
        if in_use && let Some(column) = whole.next() {
            return Some(Found { line: i + 1, source, column, alike: 0 });
        }
        in_use &= !source.contains(';');
    }
    None
}

/// The word that begins at this column, from 1.
fn word_at(line: &str, column: usize) -> Option<&str> {
    let (start, _) = line.char_indices().nth(column.checked_sub(1)?)?;
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let begins = !line[..start].ends_with(in_word);
    let rest = &line[start..];
    let word = &rest[..rest.find(|c| !in_word(c)).unwrap_or(rest.len())];
    (begins && !word.is_empty()).then_some(word)
}

/// The most that is said of an item, in characters.
const MOST_SAID: usize = 40;

/// The first words of the item or statement that this line of a cell belongs to: `mod
/// votes`.
fn item_at(code: &str, line: usize) -> Option<String> {
    let begins = |line: &&str| line.starts_with(|c: char| c.is_alphabetic());
    let above: Vec<&str> = code.lines().take(line).collect();
    let first = above.into_iter().rev().find(begins)?;
    // Without generics, up to what it consists of.
    let (mut depth, mut words) = (0_usize, String::new());
    let mut chars = first.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '-' if chars.next_if_eq(&'>').is_some() => {}
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            '(' | '{' | '=' | ';' | '"' => break,
            ':' if chars.peek() == Some(&' ') => break,
            c if c.is_alphanumeric() || "_:!' ".contains(c) => words.push(c),
            _ => {}
        }
    }
    let words: Vec<&str> = words.split_whitespace().collect();
    let words = words.join(" ");
    Some(words.trim_end_matches(':').chars().take(MOST_SAID).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn earlier(cells: &[&str]) -> Earlier {
        let mut earlier = Earlier::default();
        for (number, code) in (1..).zip(cells) {
            earlier.history.note(number, code);
        }
        earlier
    }

    fn place(cells: &Cells<'_>, line: usize) -> Origin {
        cells.line(None, line, 1).origin
    }

    #[test]
    fn the_same_line_twice_is_told_apart_by_its_neighbours() {
        let none = Earlier::default();
        let code = "a();\nf();\nb();\nf();\nc();";
        let made = format!("x\n{code}\ny");
        let cells = Cells::of(code, &made, &none);
        assert_eq!(place(&cells, 3), Origin::Here(2));
        assert_eq!(place(&cells, 5), Origin::Here(4));
        assert_eq!(place(&cells, 1), Origin::Unknown);
        assert_eq!(place(&cells, 0), Origin::Unknown);
        assert_eq!(place(&cells, 99), Origin::Unknown);
        let found = Cells::of("x; a(); b()", "x;\na();\nb()", &none).line(None, 2, 1);
        assert_eq!((found.origin, found.column), (Origin::Here(1), 4));
    }

    #[test]
    fn a_line_of_an_earlier_cell_is_told_with_its_item() {
        let sum = |last: &str| {
            format!(
                "use std::sync::Mutex;\n\n/// Adds.\nfn sum<T>(n: T) {{\n    a();\n    {last}\n}}"
            )
        };
        let old = sum("todo!();");
        let new = old.replace("a();", "a();\n    b();");
        let other = "fn other() {\n    todo!();\n}";
        let before = earlier(&[other, &old, &new]);
        let named = |made: &str, line| {
            let made = format!("use x;\n{made}\ncheck()");
            Cells::of("check()", &made, &before).line(None, line, 1).origin.named()
        };
        assert_eq!(named(&old, 7), "line 6 of the cell with `fn sum`");
        assert_eq!(named(&new, 8), "line 7 of the cell with `fn sum`");
        assert_eq!(named(other, 3), "line 2 of the cell with `fn other`");
        assert_eq!(named(&old, 1), "code of an earlier cell");
        assert_eq!(named("    a_line_of_evcxrs();", 2), "code of an earlier cell");
    }

    #[test]
    fn an_item_on_one_line_is_found_too() {
        let spill = "fn spill(n: u64) -> u64 { panic!(\"tea\") }";
        let two = format!("struct Tea; {spill}");
        let before = earlier(&[spill]);
        let cells = Cells::of("spill(1)", spill, &before);
        assert_eq!(place(&cells, 1), Origin::Earlier(1, "fn spill".to_owned()));
        let before = earlier(&[&two]);
        let found = Cells::of("spill(1)", spill, &before).line(None, 1, 1);
        assert_eq!(found.origin, Origin::Earlier(1, "struct Tea".to_owned()));
        assert_eq!((found.column, found.source), (13, Some(two)));
    }

    #[test]
    fn this_cells_own_line_comes_first() {
        // Each statement stands alone, so that its neighbours are evcxr's.
        let before = earlier(&["v[7]", "fn f() {\n    g();\n    v[7]\n}"]);
        let cells =
            Cells::of("let v = w(); v[7]", "let v = w();\nv[7]\nevcxr();", &before);
        assert_eq!(place(&cells, 2), Origin::Here(1));
        // A function that this cell has, too, is this cell's, whichever was run before.
        let code = "fn f() {\n    g();\n    v[7]\n}\nf()";
        let made = format!("x\n{code}");
        assert_eq!(place(&Cells::of(code, &made, &before), 4), Origin::Here(3));
        // An earlier function's line is not this cell's that reads like it.
        let made = "x\nfn f() {\n    g();\n    v[7]\n}\n    v[7]";
        let cells = Cells::of("if a {\n    v[7]\n}", made, &before);
        assert_eq!(place(&cells, 4), Origin::Earlier(3, "fn f".to_owned()));
    }

    #[test]
    fn a_place_in_an_older_object_is_looked_up_in_the_file_it_was_made_of() {
        let old = "let add: Box<dyn Fn()> = Box::new(|| panic!());";
        let mut before = earlier(&[old]);
        before.objects = Objects::of_files(&[&format!("a\nb\n{old}")]);
        let cells = Cells::of("x();\nadd()", "x();\nadd()\nadd()", &before);
        let named = |object| cells.line(object, 3, 1).origin;
        assert_eq!(named(Some(1)), Origin::Earlier(1, "let add".to_owned()));
        assert_eq!(named(Some(2)), Origin::Here(2));
        assert_eq!(named(Some(0)), Origin::Unknown);
    }

    #[test]
    fn a_name_that_use_brings_is_found_where_it_stands() {
        let code =
            "// All.\nuse std::{\n    fmt,\n    sinc::{Arc, Mutex},\n};\nlet sinc = 1;";
        let none = Earlier::default();
        let cells = Cells::of(code, "use std::sinc::Arc;", &none);
        let found = cells.line(None, 1, 10);
        assert_eq!((found.origin, found.column), (Origin::Here(4), 5));
        let before = earlier(&["use crossbeam::channel::{bounded, select};"]);
        let made = "use crossbeam::channel::select;";
        let found = Cells::of("select!{}", made, &before).line(None, 1, 25);
        assert_eq!(
            found.origin,
            Origin::Earlier(1, "use crossbeam::channel".to_owned())
        );
        assert_eq!(found.column, 35);
    }

    #[test]
    fn an_item_is_called_by_its_first_words() {
        let code =
            "use a::b;\n\nmod votes {\n    x();\n}\npub fn f<T>(n: T) {\n    y();\n}";
        let of = |line| item_at(code, line);
        assert_eq!(of(4).as_deref(), Some("mod votes"));
        assert_eq!(of(7).as_deref(), Some("pub fn f"));
        assert_eq!(of(1).as_deref(), Some("use a::b"));
        assert_eq!(item_at("    x();", 1), None);
        let first = |line| item_at(line, 1).unwrap();
        assert_eq!(first("impl<T: Fn() -> u8> Shape for Sq<T> {"), "impl Shape for Sq");
        assert_eq!(first("macro_rules! twice { () => {} }"), "macro_rules! twice");
        assert_eq!(first("static N: u32 = 0;"), "static N");
        assert_eq!(first("thread::spawn(|| x());"), "thread::spawn");
    }
}
