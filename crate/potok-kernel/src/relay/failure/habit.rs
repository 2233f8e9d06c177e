//! What comes from a habit, of Python or of a program of one's own, and what to write here
//! instead.
//!
//! Asked only about cells that did not compile, so no cell that works is ever refused.

use crate::relay::words;

/// A sentence about a line of a cell: which line (from 1), and what to write.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Habit {
    pub(super) line: usize,
    pub(super) says: String,
}

/// The first line that reads as Python or as IPython, if the compiler complained of what
/// that leads to.
pub(super) fn find(code: &str, complaints: &[&str]) -> Option<Habit> {
    let said = |words: &str| complaints.iter().any(|text| text.contains(words));
    let mut before_code = true;
    for (i, whole) in code.lines().enumerate() {
        let line = whole.trim();
        let says = ipython(line, before_code)
            .or_else(|| python(line, &said))
            .or_else(|| of_the_library(line, &said));
        if let Some(says) = says {
            return Some(Habit { line: i + 1, says });
        }
        let is_command = whole.starts_with(['!', ':']);
        before_code &= is_command || line.is_empty() || line.starts_with("//");
    }
    None
}

/// Crates that a program names in its manifest, and that come with the library here.
fn of_the_library(line: &str, said: &dyn Fn(&str) -> bool) -> Option<String> {
    let unknown = |name: &str| {
        said(&format!("cannot find module or crate `{name}`"))
            || said(&format!("unresolved import `{name}"))
    };
    let named = |name: &str| line.contains(&format!("{name}::"));
    let mut names = ["rayon", "crossbeam", "plotters"].into_iter();
    names.find(|name| named(name) && unknown(name)).map(words::comes_with_potok)
}

/// What no Rust line begins with.
fn ipython(line: &str, before_code: bool) -> Option<String> {
    let magic = line.strip_prefix("%%").or_else(|| line.strip_prefix('%'));
    if let Some(magic) =
        magic.filter(|rest| rest.starts_with(|c: char| c.is_alphabetic()))
    {
        let name = magic.split_whitespace().next().unwrap_or_default();
        return Some(match name {
            "time" | "timeit" => words::timing(name),
            "pip" | "conda" => words::magic_pip().to_owned(),
            _ => words::magic(name),
        });
    }
    if let Some(name) = line.strip_prefix('?').map(|rest| rest.trim_matches('?')) {
        return Some(words::question(name));
    }
    for prompt in [">>>", "...:"] {
        if line.starts_with(prompt) {
            return Some(words::prompt(prompt));
        }
    }
    let prompt = line.strip_prefix("In [").or_else(|| line.strip_prefix("Out["));
    if prompt.is_some_and(|rest| rest.contains("]:")) {
        let end = line.find("]:").map_or(line.len(), |at| at + 2);
        return Some(words::prompt(&line[..end]));
    }
    let shell = line.strip_prefix('!').filter(|_| !before_code)?;
    let command = shell.starts_with(|c: char| c.is_ascii_lowercase())
        && !line.ends_with([';', '}', ')']);
    command.then(|| words::shell(shell))
}

/// What is Python only if the compiler did not know it either.
fn python(line: &str, said: &dyn Fn(&str) -> bool) -> Option<String> {
    let says = |text: &str| Some(text.to_owned());
    let unknown = |name: &str| said(&format!("cannot find function `{name}`"));
    let calls = |name: &str| {
        line.match_indices(name).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let is_whole =
                !before.is_some_and(|c| c.is_alphanumeric() || "_.:".contains(c));
            is_whole && line[at + name.len()..].trim_start().starts_with('(')
        })
    };
    if calls("print") && (said("found macro `print`") || unknown("print")) {
        return says(words::print());
    }
    let formats = line.starts_with("f\"")
        || [" f\"", "(f\"", "=f\"", ",f\""].iter().any(|quote| line.contains(quote));
    if formats && (unknown("f") || said("prefix `f` is unknown")) {
        return says(words::f_string());
    }
    if line.starts_with("import ")
        || (line.starts_with("from ") && line.contains(" import "))
    {
        return says(words::import());
    }
    if line.starts_with("def ") && line.ends_with(':') {
        return says(words::def());
    }
    let block = ["for ", "while ", "if ", "elif ", "else:", "try:", "with ", "class "];
    if line.ends_with(':') && block.iter().any(|word| line.starts_with(word)) {
        return says(words::block());
    }
    if calls("range") && unknown("range") {
        return says(words::range());
    }
    if calls("len") && unknown("len") {
        return says(words::len());
    }
    if (calls("help") && unknown("help")) || (calls("dir") && unknown("dir")) {
        return says(words::help());
    }
    for (theirs, ours) in [("True", "true"), ("False", "false")] {
        if line.contains(theirs) && said(&format!("cannot find value `{theirs}`")) {
            return Some(words::boolean(theirs, ours));
        }
    }
    if line.starts_with("# ") && said("expected one of `!` or `[`") {
        return says(words::comment());
    }
    if line.starts_with("pip install ") {
        return says(words::pip());
    }
    let (name, _) = line.split_once('=')?;
    let name = name.trim();
    let is_name =
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_name && said(&format!("cannot find value `{name}`")) {
        return Some(words::binding(name));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use potok_words::{Language, within};

    #[track_caller]
    fn says(code: &str, complaint: &str, words: &str) {
        let habit = find(code, &[complaint]).expect(code);
        assert!(habit.says.contains(words), "{habit:?}");
        let russian = within(Language::Russian, || find(code, &[complaint]).unwrap());
        let prose: String = russian.says.split('`').step_by(2).collect();
        assert!(
            prose.chars().any(|c| c.is_alphabetic() && !c.is_ascii()),
            "{russian:?}"
        );
        assert_eq!(russian.line, habit.line);
        assert!(
            !habit.says.contains('\n') && !habit.says.contains(". "),
            "one sentence"
        );
    }

    #[test]
    fn what_ipython_knows_is_told_in_our_words() {
        let found = "expected expression, found `%`";
        says("%%time\n1 + 1", found, "`:timing`");
        says("%timeit f()", found, ":timing");
        says("%matplotlib inline", found, ":help");
        says("?all", "expected expression, found `?`", "Shift-Tab");
        says(">>> 1 + 1", "expected expression, found `>`", "a prompt");
        says("In [1]: 1 + 1", "cannot find value `In`", "`In [1]:` is a prompt");
        says("let q = 1;\n!ls", "cannot find value `ls`", "at the top of a cell");
    }

    #[test]
    fn what_is_python_is_told_where_the_compiler_did_not_know_it() {
        says("print(\"hi\")", "expected function, found macro `print`", "println!");
        says("import numpy as np", "cannot find value `numpy`", "`use std::thread;`");
        says("def f(x):\n    return x", "expected `;`, found `f`", "`fn name");
        says("for i in range(10):", "expected `{`, found `:`", "in braces");
        says("len(all)", "cannot find function `len` in this scope", "x.len()");
        says("x = 5", "cannot find value `x` in this scope", "let x = …;");
        says("let b = True;", "cannot find value `True` in this scope", "`true`");
        says("# a comment", "expected one of `!` or `[`, found `a`", "`//`");
        says("help(all)", "cannot find function `help`", "Shift-Tab");
        says("pip install numpy", "expected `;`", ":dep");
        says("f\"{x}\"", "cannot find function `f` in this scope", "format!");
        says("let s = f\"{x}\";", "prefix `f` is unknown", "format!");
    }

    #[test]
    fn a_crate_that_comes_with_the_library_is_told_where_it_is() {
        let unknown = "cannot find module or crate `rayon` in this scope";
        says("use rayon::prelude::*;", unknown, "`potok::rayon::…`");
        says(
            "crossbeam::scope(f)",
            "unresolved import `crossbeam`",
            "`use potok::crossbeam;`",
        );
        assert_eq!(find("use rayon::prelude::*;", &["mismatched types"]), None);
        assert_eq!(find("use ndarray::Array;", &[unknown]), None);
    }

    #[test]
    fn what_is_rust_is_left_to_the_compiler() {
        for code in [
            "let n: u8 = \"no\";",
            "!flag;",
            "let x = !flag\n    && other;",
            "fn print(x: u8) {} print(\"hi\")",
            "x.len()",
            "match x { _ => y }",
            "if a % b == 0 { c }",
            "x == 5",
            "println!(\"(f\\\"\")",
            "'outer: for i in 0..3 { break 'outer; }",
        ] {
            assert_eq!(find(code, &["mismatched types"]), None, "{code}");
        }
    }

    #[test]
    fn the_line_is_told() {
        assert_eq!(find("let a = 1;\n>>> a", &[]).unwrap().line, 2);
    }
}
