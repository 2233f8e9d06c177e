//! The pictures speak Russian: stored ones, and no word is left in English.
//!
//! A process speaks one language at a time, so this one runs again, as a child that is told
//! to speak Russian as a user would tell it. `POTOK_BLESS=1` stores these pictures too.

use crate::map_reduce::word_count;
use potok::chart::{self, Picture};
use potok::prelude::Language;
use potok_base::language::{current, within};
use std::collections::BTreeSet;
use std::process::Command;

/// What the tests of pictures draw is theirs: it is in their sources, and in those of the
/// programs that they explore.
const DATA: [&str; 10] = [
    include_str!("data.rs"),
    include_str!("explored.rs"),
    include_str!("stored.rs"),
    r#""ann bob sum Counting bears""#, // of `words.rs`
    include_str!("../../../../potok-explore/src/programs/buffer.rs"),
    include_str!("../../../../potok-explore/src/programs/counter.rs"),
    include_str!("../../../../potok-explore/src/programs/locks.rs"),
    include_str!("../../../../potok-explore/src/programs/rounds.rs"),
    include_str!("../../../../potok-explore/src/programs/stack.rs"),
    include_str!("../../../../potok-mapreduce/src/flow.rs"),
];

/// What is written like this in Russian too: names of functions, programs and phases.
const KNOWN: [&str; 37] = [
    "CPython", "GIL", "Jupyter", "Relaxed", "Rust", "SIGABRT", "Python", "compare",
    "exchange", "false", "fetch", "join", "livelock", "load", "lock", "loom", "map",
    "nice", "notify", "program", "all", "one", "opt", "level", "pid", "reduce",
    "replay", "shuffle", "std", "step", "store", "sub", "true", "unlock", "wait",
    "yield", "now",
];

/// The words in Latin letters, in the order of the text.
fn latin(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphabetic());
    words.filter(|word| word.len() > 1)
}

/// The strings of a source file.
fn strings(source: &str) -> impl Iterator<Item = &str> {
    source.lines().flat_map(|line| line.split('"').skip(1).step_by(2))
}

/// Words that are neither Russian nor known, nor in the caller's data. Of a label that is cut,
/// the beginning is enough.
fn untranslated<'a>(text: &'a str, data: &BTreeSet<String>) -> Vec<&'a str> {
    let begins = |word: &str| data.iter().any(|known| known.starts_with(word));
    let foreign = |word: &&str| {
        let (lower, cut) = (word.to_lowercase(), text.contains(&format!("{word}…")));
        let known = KNOWN.iter().any(|known| known.to_lowercase() == lower);
        !(known || data.contains(&lower) || cut && begins(&lower))
    };
    latin(text).filter(foreign).collect()
}

fn data() -> BTreeSet<String> {
    DATA.iter()
        .flat_map(|source| strings(source))
        .flat_map(latin)
        .map(str::to_lowercase)
        .collect()
}

/// Whether this is the child.
pub(super) fn is_spoken() -> bool {
    current() == Language::Russian
}

/// In Russian: every word of the picture is Russian, or the caller's own.
pub(super) fn is_whole(picture: &Picture) {
    if !is_spoken() {
        return;
    }
    let svg = roxmltree::Document::parse(&picture.svg).unwrap();
    let of_style = |node: &roxmltree::Node<'_, '_>| {
        node.parent().is_some_and(|parent| parent.has_tag_name("style"))
    };
    let texts = svg.descendants().filter(|node| node.is_text() && !of_style(node));
    let texts = texts.filter_map(|node| node.text()).chain([&*picture.text]);
    let data = data();
    for text in texts {
        let left = untranslated(text, &data);
        assert!(left.is_empty(), "{left:?} in {text:?} of {:?}", picture.title);
    }
}

/// The same of what a script says.
pub(super) fn is_said(text: &str) {
    if is_spoken() {
        let left = untranslated(text, &data());
        assert!(left.is_empty(), "{left:?} in {text:?}");
    }
}

#[test]
fn a_word_left_in_english_is_found() {
    let data = ["compute", "a", "question"].map(str::to_owned).into();
    assert_eq!(untranslated("compute: ann ran 5 мс", &data), ["ann", "ran"]);
    assert!(untranslated("compute: поток 1, q…, ques… `map`", &data).is_empty());
    // Fixed words in the data would be overlooked.
    let fixed =
        ["ran", "waited", "lane", "marks", "median", "workers", "ideal", "busy"];
    let data = self::data();
    assert_eq!(fixed.map(|word| data.contains(word)), [false; 8], "{fixed:?}");
}

#[test]
fn pictures_speak_russian() {
    let tests = ["chart::stored", "chart::explored", "chart::words::demonstrations"];
    let child = Command::new(std::env::current_exe().unwrap())
        .args(tests)
        .env("POTOK_LANG", "ru")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(child.status.success(), "{told}");
    let passed =
        told.split("test result: ok. ").nth(1).and_then(|rest| rest.split(' ').next());
    let passed: usize = passed.and_then(|n| n.parse().ok()).unwrap_or(0);
    assert!(passed > 15, "only {passed} of these tests ran in Russian");
}

#[test]
fn the_amounts_of_a_large_run_are_whole_in_either_language() {
    let letters =
        |n: u32| (0..4).map(move |i| (b'a' + (n >> (4 * i) & 15) as u8) as char);
    let text: String = (0..60_000).flat_map(|n| letters(n).chain([' '])).collect();
    let flow =
        word_count().splits(5).over(&*text.replace("aa ", "aa\n")).run().unwrap().flow;
    for language in [Language::English, Language::Russian] {
        let svg = within(language, || chart::flow("x", &flow)).unwrap().svg;
        assert!(!svg.contains("aaaa, 1"), "drawn by amounts");
        let svg = roxmltree::Document::parse(&svg).unwrap();
        let texts = svg.descendants().filter(|node| node.has_tag_name("text"));
        let cut = texts.filter_map(|node| node.text()?.trim().strip_suffix('…'));
        // The names of splits are the caller's.
        let named =
            |text: &str| flow.maps.iter().any(|map| map.split.label.contains(text));
        assert_eq!(cut.filter(|text| !named(text)).collect::<Vec<_>>(), [""; 0]);
    }
}
