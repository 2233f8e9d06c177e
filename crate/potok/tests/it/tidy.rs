//! House rules that a compiler does not check. That an arrow between crates only points
//! down is cargo's business.

use std::fs;
use std::path::{Path, PathBuf};

/// The crates of the library, the lecture last.
const CRATES: [&str; 7] = [
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

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All source files of the library, as (`potok-base/src/trace/stats.rs`, text).
fn sources() -> Vec<(String, String)> {
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
    for name in CRATES {
        let before = files.len();
        visit(&crates().join(name).join("src"), &mut files);
        assert!(files.len() > before + 5, "the sources of {name} moved");
    }
    let name = |path: &Path| path.strip_prefix(crates()).unwrap().display().to_string();
    files.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// The code of a file: comments, and the unit tests at its end, left out.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .filter(|line| !line.trim_start().starts_with("//"))
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

#[test]
fn unsafe_stays_in_files_named_for_it() {
    let elsewhere = broken(|path, line| {
        !path.ends_with("sys.rs")
            && !path.contains("/sys/")
            && (line.contains("allow(unsafe_code")
                || line.contains("expect(unsafe_code"))
    });
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
}

/// Why a lock that is poisoned is used all the same, is said in one place.
#[test]
fn poison_is_ignored_in_one_place() {
    let done = ["potok-base/", "potok-process/", "potok-explore/"];
    let elsewhere = broken(|path, line| {
        done.iter().any(|name| path.starts_with(name))
            && path != "potok-base/src/sync.rs"
            && line.contains("PoisonError::into_inner")
    });
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
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
