//! What the cells of a session define, and what of it is not what its cell says now.
//!
//! *What to notice*: a cell that fails leaves what it was to define as it was before. A
//! homework's check would judge that older answer, and praise it; so it is not run.

use super::words;
use ra_ap_syntax::{Edition, NodeOrToken, SourceFile, SyntaxKind, SyntaxToken, T};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// What a homework's checks begin with.
const CHECKS: &str = "grade";

/// Longer cells, in bytes, are no answers and no checks.
const LONGEST: usize = 100_000;

/// Of what a compiler said, so many characters are repeated.
const MOST_SAID: usize = 200;

/// By name, what was defined, and what failed. An `impl` has no name: its functions have, by
/// their type (`Queue::put`), and one without functions is known by its head.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    /// The words of the cell that a name is of.
    words: HashMap<String, Rc<Vec<String>>>,
    failed: Vec<Failed>,
}

/// A cell that failed when it was run last.
#[derive(Debug)]
struct Failed {
    names: Vec<String>,
    why: String,
}

impl Definitions {
    /// A cell was run. `failure` is what was said, if it was of no effect.
    pub(crate) fn note(&mut self, code: &str, failure: Option<&str>) {
        let Read { names, words, .. } = read(code);
        if names.is_empty() {
            return;
        }
        // A cell is known by what it defines; one name less of it is the same cell.
        self.failed.retain(|it| !it.names.iter().any(|name| names.contains(name)));
        if let Some(said) = failure {
            let why = said.lines().next().unwrap_or_default();
            let why = why.chars().take(MOST_SAID).collect();
            return self.failed.push(Failed { names, why });
        }
        let words = Rc::new(words);
        for name in names {
            self.words.insert(name, Rc::clone(&words));
        }
    }

    /// Why a check is not run, as the content of an `error`: it would judge something that
    /// is not what its cell says.
    pub(crate) fn refused(&self, code: &str) -> Option<Value> {
        if self.failed.is_empty() {
            return None;
        }
        let check = read(code);
        let (name, why) = check.checks.then(|| self.stale(&check))??;
        let text = words::not_checked(name, why);
        Some(json!({
            "ename": "NotChecked",
            "evalue": text,
            "traceback": [format!("NotChecked: {text}")],
        }))
    }

    /// The first name that a cell uses, itself or through what it calls, whose cell failed.
    fn stale<'a>(&'a self, cell: &'a Read) -> Option<(&'a str, &'a str)> {
        let mut seen: HashSet<&str> = cell.names.iter().map(String::as_str).collect();
        let mut waiting: Vec<&str> = cell.words.iter().map(String::as_str).collect();
        waiting.reverse();
        while let Some(word) = waiting.pop() {
            if !seen.insert(word) {
                continue;
            }
            let of = |it: &&Failed| it.names.iter().any(|name| is_of(name, word));
            if let Some(failed) = self.failed.iter().find(of) {
                return Some((word, &failed.why));
            }
            let more = self.words.iter().filter(|(name, _)| is_of(name, word));
            waiting.extend(
                more.flat_map(|(_, words)| words.iter().rev().map(String::as_str)),
            );
        }
        None
    }
}

/// Whether this is the name of what a cell calls `word`, or of a part of that type.
fn is_of(name: &str, word: &str) -> bool {
    name.split_once("::").map_or(name, |(of, _)| of) == word
}

/// What is to be known of a cell.
#[derive(Debug, Default)]
struct Read {
    /// What it defines: items and variables.
    names: Vec<String>,
    /// The names that stand in it, but for methods and fields.
    words: Vec<String>,
    /// Whether it checks homework.
    checks: bool,
}

/// Reads a cell, whether it can be parsed or not.
fn read(code: &str) -> Read {
    let mut found = Read::default();
    if code.len() > LONGEST {
        return found;
    }
    let parsed = SourceFile::parse(code, Edition::Edition2024);
    let tokens: Vec<SyntaxToken> = parsed
        .syntax_node()
        .descendants_with_tokens()
        .filter_map(NodeOrToken::into_token)
        .filter(|token| !token.kind().is_trivia())
        .collect();
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text());
    // What `let` names here is no item of another cell, unless it is a path's beginning.
    let mut words = vec![];
    let mut bound = HashSet::new();
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        // `-> impl Fn()` defines nothing.
        let begins = matches!(
            at.checked_sub(1).map_or("", text),
            "" | "}" | ";" | "]" | "{" | "unsafe"
        );
        if token.kind() == T![impl]
            && begins
            && (depth == 0 || begins_a_line(&tokens, at))
        {
            found.names.extend(of_impl(&tokens[at + 1..]));
        }
        match token.text() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if token.kind() != SyntaxKind::IDENT {
            continue;
        }
        let before = at.checked_sub(1).map_or("", text);
        let before = match (before, at.checked_sub(2)) {
            // `let mut x`, `static mut X`.
            ("mut", Some(at)) => text(at),
            _ => before,
        };
        let name = token.text().trim_start_matches("r#");
        // A brace too few shall not hide what begins a line.
        if DEFINES.contains(&before) && (depth == 0 || begins_a_line(&tokens, at)) {
            found.names.push(name.to_owned());
        }
        found.checks |= name == CHECKS && text(at + 1) == "(" && before != ".";
        if before == "let" {
            bound.insert(name.to_owned());
        }
        if before != "." {
            // A macro's brackets hold two colons, a path one sign.
            let leads = text(at + 1).starts_with(':') && text(at + 1) != ":"
                || (text(at + 1), text(at + 2)) == (":", ":");
            words.push((name.to_owned(), leads));
        }
    }
    words.retain(|(word, leads)| *leads || !bound.contains(word));
    found.words = words.into_iter().map(|(word, _)| word).collect();
    found
}

/// What an `impl` defines, whose keyword these follow.
fn of_impl(tokens: &[SyntaxToken]) -> Vec<String> {
    let head = tokens.iter().take_while(|it| !matches!(it.text(), "{" | ";" | "where"));
    let head: Vec<&SyntaxToken> = head.collect();
    let mut angles = 0_i32;
    // The last name of the path outside of `<…>`, that behind `for` if there is one.
    let (mut of, mut open) = (None, true);
    for token in &head {
        match token.text() {
            "<" => angles += 1,
            ">" => angles -= 1,
            "for" if angles == 0 => (of, open) = (None, true),
            _ if angles != 0 => {}
            "::" => open = true,
            text if token.kind() == SyntaxKind::IDENT && open => {
                (of, open) = (Some(text.trim_start_matches("r#")), false);
            }
            _ => {}
        }
    }
    let Some(of) = of else { return vec![] };
    let body = tokens[head.len()..].iter().skip_while(|it| it.text() != "{");
    let (mut depth, mut names, mut before) = (0_usize, vec![], "");
    for token in body {
        match token.text() {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            name if depth == 1 && before == "fn" => names.push(format!("{of}::{name}")),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        before = token.text();
    }
    if names.is_empty() {
        let head: String = head.iter().map(|token| token.text()).collect();
        names.push(format!("{of}::{head}"));
    }
    names
}

/// Behind these a name is defined.
const DEFINES: [&str; 10] =
    ["fn", "mod", "struct", "enum", "union", "trait", "type", "const", "static", "let"];

/// Whether the definition of this name begins at the beginning of a line: the keywords in
/// front of it follow a line's end.
fn begins_a_line(tokens: &[SyntaxToken], name: usize) -> bool {
    let mut first = name;
    while first > 0 && tokens[first - 1].kind().is_keyword(Edition::Edition2024) {
        first -= 1;
    }
    tokens[first].prev_token().is_none_or(|token| token.text().ends_with('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "/// Two.\nfn both() -> u64 { let left = 1; left }";
    const CHECK: &str =
        "use potok::homework::grade;\ngrade(2.0)\n    .gives(\"x\", || both(), 1)";

    fn said(definitions: &Definitions, check: &str) -> Option<String> {
        let error = definitions.refused(check)?;
        Some(error["evalue"].as_str().unwrap().to_owned())
    }

    #[test]
    fn a_check_is_not_run_after_its_answer_failed_and_is_once_that_is_mended() {
        let mut definitions = Definitions::default();
        definitions.note(ANSWER, None);
        assert_eq!(said(&definitions, CHECK), None);
        definitions.note(
            "fn both() -> u64 { rayon::join() }",
            Some("E0433: no `rayon`\n3 | …"),
        );
        let told = said(&definitions, CHECK).unwrap();
        assert!(
            told.contains("`both`") && told.contains("(E0433: no `rayon`)"),
            "{told}"
        );
        // It is a check that judges; who calls it to see what it does may do so.
        assert_eq!(said(&definitions, "both()"), None);
        assert_eq!(
            said(&definitions, "grade(1.0).gives(\"both\", || other.both(), 1)"),
            None
        );
        definitions.note(ANSWER, None);
        assert_eq!(said(&definitions, CHECK), None);
    }

    #[test]
    fn an_answer_is_found_through_the_programs_that_a_check_runs() {
        let mut definitions = Definitions::default();
        definitions.note(
            "mod at_the_bank { pub fn twice() { super::bank::transfer() } }",
            None,
        );
        definitions.note("mod bank { pub fn transfer() {", Some("a brace is missing"));
        let check = "grade(1.0).explores(\"twice\", at_the_bank::twice, [1])";
        assert!(said(&definitions, check).unwrap().contains("`bank`"));
        assert_eq!(
            said(&definitions, "grade(1.0).gives(\"bank\", || votes(), 1)"),
            None
        );
    }

    #[test]
    fn what_a_check_defines_itself_and_what_a_cell_lost_are_in_nobodys_way() {
        let mut definitions = Definitions::default();
        let check = "fn faults() -> u64 { 3 }\ngrade(1.0).gives(\"x\", || faults(), 3)";
        definitions.note(check, Some("cannot find `both`"));
        assert_eq!(said(&definitions, check), None);
        definitions.note("fn helper() { x }\nfn both() { helper() }", Some("no `x`"));
        definitions.note("fn both() { let helper = 1; }", None);
        assert_eq!(said(&definitions, CHECK), None);
    }

    #[test]
    fn an_impl_that_failed_is_of_its_type_and_mended_by_its_own_cell() {
        let mut definitions = Definitions::default();
        let check = "grade(1.0).gives(\"x\", || Queue::default().take(), 1)";
        definitions.note("struct Queue<T> { items: Vec<T> }", None);
        definitions.note("impl<T: Ord> Queue<T> { fn put(&self) {} }", None);
        assert_eq!(said(&definitions, check), None);
        let take = |body: &str| {
            format!("impl<T> Queue<T>\nwhere T: Ord {{ fn take(&self) {body} }}")
        };
        definitions.note(&take("{ x }"), Some("no `x`"));
        assert!(said(&definitions, check).unwrap().contains("`Queue`"));
        // Neither its type nor another `impl` of it is the cell that failed.
        definitions.note("struct Queue<T> { items: Vec<T> }", None);
        definitions.note("impl<T> Queue<T> { fn put(&self) {} }", None);
        assert!(said(&definitions, check).is_some());
        definitions.note(&take("{ helper() }"), None);
        assert_eq!(said(&definitions, check), None);
        // What it calls is looked through as well.
        definitions.note("fn helper() { y }", Some("no `y`"));
        assert!(said(&definitions, check).unwrap().contains("`helper`"));
    }

    #[test]
    fn an_impl_is_named_by_its_type_and_its_functions() {
        let names = |code| read(code).names;
        assert_eq!(
            names("impl a::Cup { fn a() { fn b() {} } pub fn c() {} }"),
            ["Cup::a", "Cup::c"]
        );
        assert_eq!(
            names("impl<'a> Iterator for Line<'a> { fn next() {"),
            ["Line::next"]
        );
        assert_eq!(names("impl Copy for Cup {}"), ["Cup::CopyforCup"]);
        assert_eq!(names("fn f() -> impl Fn() { || {} }"), ["f"]);
        assert_eq!(names("impl<T: Fn(u8) -> u8> From<T> for r#Box<T> {}").len(), 1);
        assert_eq!(names("impl"), [""; 0]);
    }

    #[test]
    fn a_variable_of_the_same_name_is_another_thing() {
        let mut definitions = Definitions::default();
        definitions.note("mod program {", Some("a brace is missing"));
        let check = |program: &str| {
            let check = format!(
                "grade(1.0).holds(\"x\", || {{ let program = {program}; program.run() }}, f)"
            );
            said(&definitions, &check).is_some()
        };
        assert!(!check("Program::default()") && check("program::Program::default()"));
    }

    #[test]
    fn names_are_found_in_a_cell_that_cannot_be_parsed() {
        let names = |code| read(code).names;
        assert_eq!(
            names(
                "pub const fn a() {}\nlet mut b = {let c = 1; c};\nmod d { fn e() {} }"
            ),
            ["a", "b", "d"]
        );
        assert_eq!(names("fn a() { if {\npub fn b() {}"), ["a", "b"]);
        assert_eq!(names("// fn a() {}\n\"fn b()\""), [""; 0]);
    }
}
