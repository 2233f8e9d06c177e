//! Patterns of file names: `?` is one character, `*` any characters within a name, `**` any
//! directories.
//!
//! Not by a crate: `glob` follows links to directories, so that two links upwards keep it
//! busy for ever, and `globset` takes as long to compile as serde with its derive macro.

use super::blocks::cannot_read;
use potok_base::error::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// The part of a pattern that is a plain path, and the names below it that are patterns.
pub(super) fn split_pattern(pattern: &str) -> (PathBuf, Vec<String>) {
    if Path::new(pattern).exists() {
        return (PathBuf::from(pattern), vec![]);
    }
    let wild = |part: &str| part.contains(['*', '?']);
    let parts: Vec<&str> = pattern.split('/').collect();
    let plain = parts.iter().position(|part| wild(part)).unwrap_or(parts.len());
    let root = match parts[..plain].join("/") {
        root if root.is_empty() && plain == 0 => ".".into(),
        root if root.is_empty() => "/".into(),
        root => root,
    };
    (root.into(), parts[plain..].iter().copied().map(str::to_owned).collect())
}

/// Adds the regular files below `dir` that match. Links to directories are not followed,
/// so that a loop of links ends.
pub(super) fn find(
    dir: &Path,
    parts: &[String],
    found: &mut Vec<PathBuf>,
) -> Result<()> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    if part == "**" {
        find(dir, rest, found)?;
    }
    for entry in fs::read_dir(dir).map_err(|e| cannot_read(dir, &e))? {
        let entry = entry.map_err(|e| cannot_read(dir, &e))?;
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let path = entry.path();
        if part == "**" {
            if is_dir {
                find(&path, parts, found)?;
            }
        } else if matches(part, &entry.file_name().to_string_lossy()) {
            if is_dir {
                find(&path, rest, found)?;
            } else if rest.is_empty() && path.is_file() {
                found.push(path);
            }
        }
    }
    Ok(())
}

/// Whether a name matches a pattern of `*` and `?`.
fn matches(pattern: &str, name: &str) -> bool {
    let mut letters = pattern.chars();
    match letters.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = letters.as_str();
            let mut ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            ends.any(|at| matches(rest, &name[at..]))
        }
        Some(letter) => {
            let mut others = name.chars();
            others.next().is_some_and(|other| letter == '?' || letter == other)
                && matches(letters.as_str(), others.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_letters_and_a_question_mark_is_one() {
        for (pattern, name) in
            [("*", ""), ("*.rs", "a.rs"), ("п?т*к", "поток"), ("**a", "ba")]
        {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("?", ""), ("*.rs", "a.rsx"), ("a", "ab"), ("", "a")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_pattern_is_a_plain_path_and_names() {
        let split = |pattern| {
            let (root, parts) = split_pattern(pattern);
            (root.display().to_string(), parts.join("/"))
        };
        assert_eq!(split("/no/such/**/*.rs"), ("/no/such".into(), "**/*.rs".into()));
        assert_eq!(split("*.none"), (".".into(), "*.none".into()));
        assert_eq!(split("/*.none"), ("/".into(), "*.none".into()));
        assert_eq!(split("src"), ("src".into(), String::new()));
    }
}
