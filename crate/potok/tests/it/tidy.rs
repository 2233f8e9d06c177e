//! House rules that a compiler does not check.

use std::fs;
use std::path::{Path, PathBuf};

const GROUND: [&str; 9] = [
    "error", "workload", "trace", "measure", "output", "sys", "kernel", "progress",
    "foreign",
];
const FACE: [&str; 4] = ["chart", "display", "homework", "prelude"];

/// All source files, as (path below `src`, text).
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    visit(&root, &mut files);
    assert!(files.len() > 10, "the source folder moved");
    let name = |path: &Path| path.strip_prefix(&root).unwrap().display().to_string();
    files.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// The top module of a file: `trace` for `trace/stats.rs` and for `trace.rs`.
fn module(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap()
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

fn storey(module: &str) -> u8 {
    match module {
        _ if GROUND.contains(&module) => 0,
        _ if FACE.contains(&module) => 2,
        _ => 1,
    }
}

#[test]
fn a_storey_never_reaches_up() {
    let reaching_up = broken(|path, line| {
        let from = module(path);
        from != "lib"
            && line.split("crate::").skip(1).any(|rest| {
                let to = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next();
                to.is_some_and(|to| {
                    to.chars().next().is_some_and(char::is_lowercase)
                        && storey(to) > storey(from)
                })
            })
    });
    assert!(reaching_up.is_empty(), "{reaching_up:#?}");
}

#[test]
fn unsafe_stays_in_files_named_for_it() {
    let elsewhere = broken(|path, line| {
        !path.ends_with("sys.rs")
            && (line.contains("allow(unsafe_code")
                || line.contains("expect(unsafe_code"))
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
    let manifest = include_str!("../../Cargo.toml");
    let mut in_dependencies = false;
    let mut above = "";
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = line.ends_with("dependencies]");
        } else if in_dependencies && line.contains(" = ") && !line.starts_with(' ') {
            assert!(above.starts_with('#'), "`{line}` does not say what it is for");
        }
        above = line;
    }
}
