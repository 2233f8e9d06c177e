//! House rules that a compiler does not check. That an arrow between crates only points
//! down is cargo's business.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The crates: the kernel's, and the library's with the lecture last.
const CRATES: [&str; 9] = [
    "potok-kernel",
    "potok-words",
    "potok-base",
    "potok-chart",
    "potok-process",
    "potok-explore",
    "potok-mapreduce",
    "potok-homework",
    "potok",
];

/// The sections of the lecture.
const SECTIONS: [&str; 10] = [
    "why",
    "scheduling",
    "threads",
    "gil",
    "python",
    "parallel",
    "memory",
    "sharing",
    "channels",
    "coffee",
];

pub(super) fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All source files of the crates, as (`potok-base/src/trace/stats.rs`, text).
fn sources() -> Vec<(String, String)> {
    let of = |name: &&str| {
        let files = files_below(&format!("{name}/src"));
        // One is a single file.
        let least = if *name == "potok-words" { 1 } else { 4 };
        assert!(files.len() >= least, "the sources of {name} moved");
        files
    };
    CRATES.iter().flat_map(of).collect()
}

/// Those of the library.
pub(super) fn library() -> Vec<(String, String)> {
    let mut sources = sources();
    sources.retain(|(path, _)| !path.starts_with("potok-kernel/"));
    sources
}

/// The Rust files below a directory of `crate/`.
fn files_below(dir: &str) -> Vec<(String, String)> {
    fn visit(dir: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, files);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = vec![];
    visit(&crates().join(dir), &mut files);
    files.sort();
    let name = |path: &Path| path.strip_prefix(crates()).unwrap().display().to_string();
    files.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// The lines of a file, each with whether it is compiled for tests alone: it belongs to an
/// item below `#[cfg(test)]`, wherever in the file that is.
fn lines(text: &str) -> impl Iterator<Item = (bool, &str)> {
    let mut for_tests = false;
    text.lines().map(move |line| {
        for_tests |= line == "#[cfg(test)]";
        let was = for_tests;
        // The item's last line, at the left edge.
        let ends = line == "}" || line.ends_with(';') && !line.starts_with(' ');
        for_tests &= !ends;
        (was, line)
    })
}

/// The code of a file: comments, and what is for tests alone, left out.
pub(super) fn code(text: &str) -> impl Iterator<Item = &str> {
    lines(text)
        .filter(|(for_tests, _)| !for_tests)
        .map(|(_, line)| line)
        .filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn code_goes_on_behind_what_is_for_tests() {
    let text = "#[cfg(test)]\nmod tests;\nfn a() {}\n#[cfg(test)]\nfn b() {\n    c();\n}\n\
                // d\nfn e() {}\n#[cfg(test)]\nmod laws {\n    use f;\n}";
    assert_eq!(code(text).collect::<Vec<_>>(), ["fn a() {}", "fn e() {}"]);
}

/// Whether all of a file is for tests.
fn is_for_tests(path: &str) -> bool {
    ["/tests.rs", "/laws.rs"].iter().any(|end| path.ends_with(end))
        || path.contains("/tests/")
}

fn broken(rule: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let sources = sources();
    sources
        .iter()
        .flat_map(|(path, text)| {
            code(text)
                .filter(|line| rule(path, line))
                .map(move |l| format!("{path}: {l}"))
        })
        .collect()
}

/// The section that a file of the lecture belongs to.
fn section(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("potok/src/")?;
    SECTIONS.into_iter().find(|name| {
        rest.strip_prefix(name).is_some_and(|rest| rest.starts_with(['/', '.']))
    })
}

/// The names that stand directly behind `crate::`, those in braces included:
/// `crate::{a, b::{c, d}}` names `a` and `b`.
fn named_after_crate(code: &str) -> Vec<String> {
    let mut names = vec![];
    for rest in code.split("crate::").skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            names.push(first_word(rest));
            continue;
        };
        let (mut depth, mut item) = (0, String::new());
        for c in list.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => names.push(first_word(&std::mem::take(&mut item))),
                _ => {}
            }
            if depth == 0 && c != ',' {
                item.push(c);
            }
        }
        names.push(first_word(&item));
    }
    names
}

fn first_word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn names_in_braces_are_seen() {
    assert_eq!(named_after_crate("use crate::gil::Gil;"), ["gil"]);
    let code = "use crate::{a, b::{c, d},\n    e as f};";
    assert_eq!(named_after_crate(code), ["a", "b", "e"]);
}

#[test]
fn no_section_names_another() {
    let mut naming = vec![];
    for (path, text) in sources() {
        let Some(own) = section(&path) else { continue };
        let code: String = code(&text).flat_map(|line| [line, "\n"]).collect();
        for name in named_after_crate(&code) {
            if name != own && SECTIONS.contains(&&*name) {
                naming.push(format!("{path}: {name}"));
            }
        }
    }
    assert!(naming.is_empty(), "{naming:#?}");
}

#[test]
fn every_section_is_checked() {
    let lecture = fs::read_to_string(crates().join("potok/src/lib.rs")).unwrap();
    let modules = lecture
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let mut modules: Vec<_> = modules.filter(|name| *name != "prelude").collect();
    modules.sort_unstable();
    let mut sections = SECTIONS.to_vec();
    sections.sort_unstable();
    assert_eq!(modules, sections);
}

/// The words of a line of code, without strings and a comment at its end.
fn words(line: &str) -> impl Iterator<Item = &str> {
    // Every other part between quotation marks is text.
    let code = line.split("//").next().unwrap_or_default().split('"').step_by(2);
    code.flat_map(|part| part.split(|c: char| !(c.is_alphanumeric() || c == '_')))
}

fn may_be_unsafe(path: &str) -> bool {
    path.ends_with("/sys.rs") || path.contains("/sys/")
}

#[test]
fn unsafe_stays_in_files_named_for_it() {
    let unsafe_words = ["unsafe", "unsafe_code"];
    let elsewhere = broken(|path, line| {
        !may_be_unsafe(path) && words(line).any(|word| unsafe_words.contains(&word))
    });
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
    let mut seen = words("let x = unsafe { f(\"unsafe\") }; // unsafe");
    assert_eq!(seen.by_ref().filter(|word| *word == "unsafe").count(), 1);
}

/// What is unsafe is claimed, and the claim was checked by something: the head says what, and
/// by which tool or test.
#[test]
fn a_file_with_unsafe_says_what_it_claims_and_what_checked_it() {
    let sources = sources();
    let holds_unsafe = |text| code(text).any(|line| words(line).any(|w| w == "unsafe"));
    let files = sources.iter().filter(|(_, text)| holds_unsafe(text));
    let says = |text: &str, what: &str| {
        let start = format!("//! *{what}*: ");
        text.lines().any(|line| line.starts_with(&start))
    };
    let (told, silent): (Vec<_>, Vec<_>) =
        files.partition(|(_, text)| says(text, "Claimed") && says(text, "Checked"));
    assert!(told.len() > 10, "the files with `unsafe` are not found any more");
    let silent: Vec<_> = silent.iter().map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

/// The functions of a text whose bodies transmute, each with its first line.
fn transmuting(text: &str) -> Vec<&str> {
    let mut function = "";
    let mut found = vec![];
    for line in code(text) {
        if words(line).any(|word| word == "fn") {
            function = line.trim();
        }
        let transmutes = |word: &str| word.starts_with("transmute");
        if words(line).any(transmutes) && !line.trim_start().starts_with("use ") {
            found.push(function);
        }
    }
    found
}

/// A transmutation is right or wrong by what the caller knows, so the caller has to say
/// `unsafe`; except where the function itself compares the types before.
#[test]
fn no_safe_function_transmutes() {
    let compares_types_first = [
        "pub(super) fn as_str<Q: ?Sized + 'static>(key: &Q) -> Option<&str> {",
        "pub(super) fn as_key<Q: ?Sized + 'static>(text: &str) -> Option<&Q> {",
        "fn bytes(kind: TypeId) -> [u8; size_of::<TypeId>()] {",
    ];
    let sources = sources();
    let safe: Vec<_> = sources
        .iter()
        .flat_map(|(path, text)| transmuting(text).into_iter().map(move |f| (path, f)))
        .filter(|(_, f)| !f.contains("unsafe fn") && !compares_types_first.contains(f))
        .collect();
    assert!(safe.is_empty(), "{safe:#?}");
    let planted = "fn f() -> u8 {\n    unsafe { transmute(1_i8) }\n}";
    assert_eq!(transmuting(planted), ["fn f() -> u8 {"]);
}

/// A test polls for what it waits for, with a deadline; what shall hang is parked.
#[test]
fn tests_do_not_sleep() {
    let mut sleeping = vec![];
    let calls = [["thread::", "sleep"], ["time::", "sleep"]].map(|call| call.concat());
    for (path, text) in files_below("potok/tests").into_iter().chain(sources()) {
        for (for_tests, line) in lines(&text) {
            if (for_tests || is_for_tests(&path))
                && calls.iter().any(|c| line.contains(c))
            {
                sleeping.push(format!("{path}: {line}"));
            }
        }
    }
    assert!(sleeping.is_empty(), "{sleeping:#?}");
}

/// A largest number that stands for "none" is not handed out. Where one is used inside, its
/// file says why it stays there.
#[test]
fn no_largest_number_is_a_result() {
    let inside = [
        "potok/src/coffee/log.rs", // cut off at the present before it leaves
        "potok/src/parallel/threads.rs", // an atomic has no `None`: no item has failed yet
        "potok-process/src/frame.rs",    // a length that every reader refuses
    ];
    let largest = ["usize::MAX", "u64::MAX", "u32::MAX", "Duration::MAX"];
    let sources = sources();
    let used = broken(|path, line| {
        !inside.contains(&path)
            && !is_for_tests(path)
            && largest.iter().any(|max| line.contains(max))
    });
    assert!(used.is_empty(), "{used:#?}");
    let uses = |path: &&str| {
        let (_, text) = sources.iter().find(|(found, _)| found == path).unwrap();
        code(text).any(|line| largest.iter().any(|max| line.contains(max)))
    };
    let none: Vec<_> = inside.iter().filter(|path| !uses(path)).collect();
    assert!(none.is_empty(), "no longer an exception: {none:?}");
}

/// The public type that a line declares.
fn declared(line: &str) -> Option<String> {
    let rest = line.trim_start().strip_prefix("pub ")?;
    let kinds = ["struct ", "enum ", "trait ", "type ", "union "];
    let name = first_word(kinds.iter().find_map(|kind| rest.strip_prefix(kind))?);
    Some(name).filter(|name| !name.is_empty())
}

#[test]
fn no_two_public_types_have_one_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in sources() {
        // The explorer's types have the names of those that they stand for.
        if path.contains("potok-explore/src/sync") || path.contains("explore/src/std") {
            continue;
        }
        for name in code(&text).filter_map(declared) {
            places.entry(name).or_default().push(path.clone());
        }
    }
    assert!(places.len() > 100, "the declarations are not found any more");
    places.retain(|_, files| files.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
    assert_eq!(declared("    pub struct Pool<T> {").as_deref(), Some("Pool"));
    assert_eq!(declared("pub(super) struct Pool {"), None);
}

#[test]
fn no_section_is_longer_than_an_evening() {
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    let sources = sources();
    for (path, text) in &sources {
        if let Some(section) = section(path) {
            *lines.entry(section).or_default() += text.lines().count();
        }
    }
    assert_eq!(lines.len(), SECTIONS.len());
    lines.retain(|_, lines| *lines > 1_250);
    assert!(lines.is_empty(), "lines by section, 1250 at most: {lines:#?}");
}

/// The functions of a text that take a `bool`, each with its first line.
fn flagged(text: &str) -> Vec<&str> {
    let (mut function, mut found) = (None, vec![]);
    for line in code(text) {
        if words(line).any(|word| word == "fn") {
            function = Some(line.trim());
        }
        if line.contains(": bool") {
            found.extend(function);
        }
        if line.ends_with(['{', ';', '}']) {
            function = None;
        }
    }
    found
}

/// What is broken and what is cured are two functions that read as sentences, and so is
/// everything else that would differ in a `bool`.
#[test]
fn no_function_of_the_lecture_takes_a_bool() {
    let sources = sources();
    let lecture = sources.iter().filter(|(path, _)| path.starts_with("potok/"));
    let flagged_in = |text| flagged(text).into_iter();
    let found: Vec<_> = lecture
        .flat_map(|(path, text)| flagged_in(text).map(move |f| format!("{path}: {f}")))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    let planted =
        "fn dine(\n    self,\n    cured: bool,\n) -> bool {\n    let b: bool;\n}";
    assert_eq!(flagged(planted), ["fn dine("]);
    assert_eq!(flagged("pub fn is_full(&self) -> bool {").len(), 0);
}

/// Why a lock that is poisoned is used all the same, is said in one place; and in the kernel,
/// which depends on no crate of the library but that of words.
#[test]
fn poison_is_ignored_in_one_place() {
    let places = ["potok-base/src/sync.rs", "potok-kernel/src/sync.rs"];
    let elsewhere = broken(|path, line| {
        !places.contains(&path) && line.contains("PoisonError::into_inner")
    });
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
}

/// A process has one panic hook: who sets it, and what becomes of the one before, is
/// decided in one place. The same for the bytes before a value that say how long it is.
#[test]
fn hook_and_frame_are_made_in_one_place() {
    let places = [
        ("set_hook(", "potok-base/src/panic_hook.rs"),
        ("u32::from_le_bytes(*length)", "potok-process/src/frame.rs"),
    ];
    for (made, place) in places {
        let made = broken(|_, line| line.contains(made));
        let elsewhere: Vec<_> =
            made.iter().filter(|line| !line.starts_with(place)).collect();
        assert!(elsewhere.is_empty(), "{elsewhere:#?}");
        assert!(!made.is_empty(), "`{place}` does it in other words now");
    }
}

#[test]
fn every_file_opens_with_what_it_is() {
    let silent: Vec<_> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//! ")).collect();
    assert!(
        silent.is_empty(),
        "{:#?}",
        silent.iter().map(|s| &s.0).collect::<Vec<_>>()
    );
}

/// The names that a line of a file's list explains: `` `map`, `task`: how … ``. Not those
/// that are links: rustdoc looks after them.
fn explained(line: &str) -> Vec<&str> {
    let parts: Vec<_> = line.split('`').collect();
    let (mut names, mut found) = (vec![], vec![]);
    // Every other part stands between backticks; the one behind it decides.
    for part in parts.windows(3).step_by(2) {
        let [before, name, behind] = part else { continue };
        if !before.ends_with('[') {
            names.push(*name);
        }
        match behind.trim_start_matches(']') {
            behind if behind.starts_with(':') => found.append(&mut names),
            ", " | ", [" => {}
            _ => names.clear(),
        }
    }
    let is_file = |name: &&str| name.chars().all(|c| c.is_lowercase() || c == '_');
    found.into_iter().filter(is_file).collect()
}

/// A list of files in the head of a module names files that are there.
#[test]
fn files_that_a_head_lists_are_there() {
    let sources = sources();
    let of = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    let file = |path: &str| {
        let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
        path.rsplit('/').next().unwrap_or_default().to_owned()
    };
    let there: BTreeSet<_> = sources.iter().map(|(p, _)| (of(p), file(p))).collect();
    let (mut seen, mut gone) = (0, vec![]);
    for (path, text) in &sources {
        let head = text.lines().map_while(|line| line.strip_prefix("//!"));
        let mut in_list = false;
        for line in head {
            in_list = line.starts_with(" * ") || in_list && line.starts_with("   ");
            for name in explained(line).into_iter().filter(|_| in_list) {
                seen += 1;
                if !there.contains(&(of(path), name.to_owned())) {
                    gone.push(format!("{path}: {name}"));
                }
            }
        }
    }
    assert!(seen > 60, "only {seen} names were found in the lists");
    assert!(gone.is_empty(), "{gone:#?}");
    let line = " * `a`, `b`: `C` and `d` of it. `e`: more, as [`f`]: that";
    assert_eq!(explained(line), ["a", "b", "e"]);
}

#[test]
fn every_crate_says_what_it_is_for_and_what_it_costs() {
    for name in CRATES {
        let root = if name == "potok-kernel" { "src/main.rs" } else { "src/lib.rs" };
        let head = fs::read_to_string(crates().join(name).join(root)).unwrap();
        let head: Vec<_> = head.lines().take_while(|l| l.starts_with("//!")).collect();
        let says = |start: &str| head.iter().any(|line| line.starts_with(start));
        // Of the homework, what it does not stop is what matters.
        assert!(says("//! # What it does not"), "{name}: what does it not do?");
        assert!(says("//! # What it costs to build"), "{name}: what does it cost?");
    }
}

#[test]
fn dependencies_carry_their_reason() {
    for name in CRATES {
        let manifest =
            fs::read_to_string(crates().join(name).join("Cargo.toml")).unwrap();
        let mut in_dependencies = false;
        let mut above = "";
        for line in manifest.lines() {
            if line.starts_with('[') {
                in_dependencies = line.ends_with("dependencies]");
            } else if in_dependencies && line.contains(" = ") && !line.starts_with(' ')
            {
                assert!(
                    above.starts_with('#'),
                    "{name}: `{line}` does not say what it is for"
                );
            }
            above = line;
        }
    }
}

/// A crate that a cell loads takes part in what the compiler infers there: see
/// `potok_base::output::json_string`.
#[test]
fn cells_infer_as_without_potok() {
    let tree = std::process::Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "-p",
            "potok",
        ])
        .current_dir(crates())
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.contains("potok-base v"), "{tree}");
    assert!(!tree.contains("serde_json v"), "{tree}");
}
