//! A public item is there for somebody: another crate, a notebook, the homework, a bench, or
//! the reader of an example in the docs. A type is also there for whoever calls a public
//! function that takes it or returns it. Names are compared as words, so a name that means
//! something else elsewhere hides one that is not used; what is found is not used.

use super::tidy::{code, crates, library};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Functions that stand for those of `std` or of the checker's peers: a program that is
/// explored may call them, whether or not ours do.
const STAND_INS: [&str; 2] = ["potok-explore/src/sync/", "potok-explore/src/std/"];

type Words = BTreeSet<String>;

fn words(text: &str) -> impl Iterator<Item = String> {
    // In a notebook a line ends in the two characters `\n`.
    let text = text.replace("\\n", " ");
    let words: Words = text
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.into_iter()
}

/// The code of the examples in a file's docs.
fn examples(text: &str) -> Vec<&str> {
    let (mut inside, mut lines) = (false, vec![]);
    for line in text.lines() {
        let line = line.trim_start();
        let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        match doc.map(str::trim_start) {
            Some(doc) if doc.starts_with("```") => inside = !inside,
            Some(doc) if inside => lines.push(doc),
            Some(_) => {}
            None => inside = false,
        }
    }
    lines
}

/// What a line declares for all to see: `fn`, `struct` and the like, and the name.
fn declared(line: &str) -> Option<(&str, &str)> {
    let mut words = line.trim_start().strip_prefix("pub ")?.split(' ');
    let kinds = ["fn", "struct", "enum", "trait", "type", "union", "const", "static"];
    let mut word = words.next()?;
    let mut rest = words.next()?;
    while word == "unsafe" || word == "const" && rest.chars().all(char::is_lowercase) {
        (word, rest) = (rest, words.next()?);
    }
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let name = rest.split(|c| !is_name(c)).next()?;
    (kinds.contains(&word) && !name.is_empty()).then_some((word, name))
}

/// What stands in the signatures of a file's public functions, in the types of its public
/// fields, aliases and constants, and in its bounds and associated types.
fn signatures(text: &str) -> String {
    let (mut inside, mut found) = (false, String::new());
    for line in code(text) {
        let start = line.trim_start();
        let field = start.starts_with("pub ") && line.ends_with(',');
        let kinds = ["fn", "type", "const", "static"];
        inside |= field || start == "where" || start.starts_with("type ");
        inside |= declared(line).is_some_and(|(kind, _)| kinds.contains(&kind));
        if inside {
            // The name that is declared is no use of it.
            let name = declared(line).map_or("", |(_, name)| name);
            found.push_str(&line.replacen(name, "", 1));
            found.push('\n');
        }
        inside &= !field && !line.ends_with(['{', ';', '}']);
    }
    found
}

/// All words of the files below a directory that end so.
fn words_below(dir: &Path, endings: &[&str], found: &mut Words) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            words_below(&path, endings, found);
        } else if path.extension().is_some_and(|e| endings.iter().any(|end| e == *end))
        {
            found.extend(words(&fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn every_public_item_is_there_for_somebody() {
    let root = crates().parent().unwrap().to_owned();
    let mut readers = Words::new();
    words_below(&root.join("notebooks"), &["ipynb", "rs", "py", "md"], &mut readers);
    words_below(&crates().join("potok/benches"), &["rs"], &mut readers);
    words_below(&crates().join("potok-kernel/src"), &["rs"], &mut readers);
    let mut crate_words: BTreeMap<String, Words> = BTreeMap::new();
    let mut types = Words::new();
    let crate_of = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    for (path, text) in library() {
        readers.extend(examples(&text).into_iter().flat_map(words));
        types.extend(words(&signatures(&text)));
        if !path.ends_with("tests.rs") {
            let own = crate_words.entry(crate_of(&path)).or_default();
            own.extend(code(&text).flat_map(words));
        }
    }
    let (mut seen, mut unused) = (0, vec![]);
    for (path, text) in library() {
        if STAND_INS.iter().any(|place| path.starts_with(place)) {
            continue;
        }
        let own = crate_of(&path);
        for (kind, name) in code(&text).filter_map(declared) {
            seen += 1;
            let mut others = crate_words.iter().filter(|(other, _)| **other != own);
            let in_a_signature = ["struct", "enum", "trait", "type"].contains(&kind)
                && types.contains(name);
            if !readers.contains(name)
                && !in_a_signature
                && !others.any(|(_, words)| words.contains(name))
            {
                unused.push(format!("{path}: {kind} {name}"));
            }
        }
    }
    assert!(seen > 500, "only {seen} public items were found");
    assert!(unused.is_empty(), "give it an example or make it private: {unused:#?}");
}

#[test]
fn words_of_notebooks_and_examples_are_seen() {
    let found: Vec<_> = words("one(\\ntwo.three_4").collect();
    assert_eq!(found, ["one", "three_4", "two"]);
    let text = "/// Says.\n/// ```\n/// shown();\n/// ```\n/// hidden();\nfn f() {}";
    assert_eq!(examples(text), ["shown();"]);
    assert_eq!(declared("    pub const fn ms(n: u64)"), Some(("fn", "ms")));
    assert_eq!(declared("pub const unsafe fn at()"), Some(("fn", "at")));
    assert_eq!(declared("pub const ALL: [u8; 2] = ["), Some(("const", "ALL")));
    assert_eq!(declared("pub struct Pool<T> {"), Some(("struct", "Pool")));
    assert_eq!(declared("pub(super) fn ours()"), None);
    let text = "pub struct Own {\n    pub field: Field,\n}\n\
                pub fn run(\n    from: From,\n) -> To {\n    Inside\n}";
    let found: Vec<_> = words(&signatures(text)).collect();
    assert_eq!(found, ["Field", "From", "To", "field", "fn", "from", "pub"]);
}
