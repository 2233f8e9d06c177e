//! A public function is there for somebody: another crate, a notebook, the homework, a bench,
//! or the reader of an example in the docs. Names are compared as words, so a name that means
//! something else elsewhere hides one that is not used; what is found is not used.

use super::tidy::{code, crates, sources};
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

/// The public functions that a line declares.
fn declared(line: &str) -> Option<String> {
    let mut rest = line.trim_start().strip_prefix("pub ")?;
    for word in ["const ", "unsafe "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let name = rest.strip_prefix("fn ")?;
    Some(name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
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
fn every_public_function_is_there_for_somebody() {
    let root = crates().parent().unwrap().to_owned();
    let mut readers = Words::new();
    words_below(&root.join("notebooks"), &["ipynb", "rs", "py", "md"], &mut readers);
    words_below(&crates().join("potok/benches"), &["rs"], &mut readers);
    words_below(&crates().join("potok-kernel/src"), &["rs"], &mut readers);
    let mut crate_words: BTreeMap<String, Words> = BTreeMap::new();
    let crate_of = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    for (path, text) in sources() {
        readers.extend(examples(&text).into_iter().flat_map(words));
        if !path.ends_with("tests.rs") {
            let own = crate_words.entry(crate_of(&path)).or_default();
            own.extend(code(&text).flat_map(words));
        }
    }
    let (mut seen, mut unused) = (0, vec![]);
    for (path, text) in sources() {
        if STAND_INS.iter().any(|place| path.starts_with(place)) {
            continue;
        }
        let own = crate_of(&path);
        for name in code(&text).filter_map(declared) {
            seen += 1;
            let mut others = crate_words.iter().filter(|(other, _)| **other != own);
            if !readers.contains(&name)
                && !others.any(|(_, words)| words.contains(&name))
            {
                unused.push(format!("{path}: {name}"));
            }
        }
    }
    assert!(seen > 300, "only {seen} public functions were found");
    assert!(unused.is_empty(), "give it an example or make it private: {unused:#?}");
}

#[test]
fn words_of_notebooks_and_examples_are_seen() {
    let found: Vec<_> = words("one(\\ntwo.three_4").collect();
    assert_eq!(found, ["one", "three_4", "two"]);
    let text = "/// Says.\n/// ```\n/// shown();\n/// ```\n/// hidden();\nfn f() {}";
    assert_eq!(examples(text), ["shown();"]);
    assert_eq!(declared("    pub const fn ms(n: u64)").as_deref(), Some("ms"));
    assert_eq!(declared("pub(super) fn ours()"), None);
}
