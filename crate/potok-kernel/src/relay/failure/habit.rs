//! What comes from a Python habit, and what to write here instead.
//!
//! Asked only about cells that did not compile, so no cell that works is ever refused.

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
        let says = ipython(line, before_code).or_else(|| python(line, &said));
        if let Some(says) = says {
            return Some(Habit { line: i + 1, says });
        }
        let is_command = whole.starts_with(['!', ':']);
        before_code &= is_command || line.is_empty() || line.starts_with("//");
    }
    None
}

/// What no Rust line begins with.
fn ipython(line: &str, before_code: bool) -> Option<String> {
    let magic = line.strip_prefix("%%").or_else(|| line.strip_prefix('%'));
    if let Some(magic) =
        magic.filter(|rest| rest.starts_with(|c: char| c.is_alphabetic()))
    {
        let name = magic.split_whitespace().next().unwrap_or_default();
        return Some(match name {
            "time" | "timeit" => format!(
                "`%{name}` is IPython's: here a cell with `:timing` makes each cell say how \
                 long it took"
            ),
            "pip" | "conda" => {
                "`%pip` is IPython's: here `:dep name = \"version\"` brings a crate"
                    .to_owned()
            }
            _ => format!(
                "`%{name}` is IPython's: here commands begin with a colon, and `:help` lists \
                 them"
            ),
        });
    }
    if let Some(name) = line.strip_prefix('?').map(|rest| rest.trim_matches('?')) {
        return Some(format!(
            "`?{name}` is IPython's: here write `{name}` and press Shift-Tab, or `:doc {name}`"
        ));
    }
    for prompt in [">>>", "...:"] {
        if line.starts_with(prompt) {
            return Some(format!("`{prompt}` is a prompt, not code: leave it out"));
        }
    }
    let prompt = line.strip_prefix("In [").or_else(|| line.strip_prefix("Out["));
    if prompt.is_some_and(|rest| rest.contains("]:")) {
        let end = line.find("]:").map_or(line.len(), |at| at + 2);
        return Some(format!("`{}` is a prompt, not code: leave it out", &line[..end]));
    }
    let shell = line.strip_prefix('!').filter(|_| !before_code)?;
    let command = shell.starts_with(|c: char| c.is_ascii_lowercase())
        && !line.ends_with([';', '}', ')']);
    command.then(|| {
        format!("`!{shell}` is for the shell: here such lines stand at the top of a cell, before its code")
    })
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
        return says(
            "`print` is a macro here: `println!(\"hi\")`, and `println!(\"{x:?}\")` shows a value",
        );
    }
    let formats = line.starts_with("f\"")
        || [" f\"", "(f\"", "=f\"", ",f\""].iter().any(|quote| line.contains(quote));
    if formats && (unknown("f") || said("prefix `f` is unknown")) {
        return says(
            "`f\"…\"` is Python's: here `format!(\"{x}\")`, and `println!(\"{x}\")` prints it",
        );
    }
    if line.starts_with("import ")
        || (line.starts_with("from ") && line.contains(" import "))
    {
        return says(
            "`import` is Python's: here `use std::thread;` brings a name, and `:dep name = \"version\"` a crate",
        );
    }
    if line.starts_with("def ") && line.ends_with(':') {
        return says("`def` is Python's: here `fn name(x: u32) -> u32 { x + 1 }`");
    }
    let block = ["for ", "while ", "if ", "elif ", "else:", "try:", "with ", "class "];
    if line.ends_with(':') && block.iter().any(|word| line.starts_with(word)) {
        return says(
            "a block stands in braces here, without a colon: `for i in 0..10 { … }`",
        );
    }
    if calls("range") && unknown("range") {
        return says("`range(10)` is Python's: here `0..10`");
    }
    if calls("len") && unknown("len") {
        return says("`len(x)` is Python's: here `x.len()`");
    }
    if (calls("help") && unknown("help")) || (calls("dir") && unknown("dir")) {
        return says(
            "`help` is Python's: here write the name and press Shift-Tab, or `:doc name`",
        );
    }
    for (theirs, ours) in [("True", "true"), ("False", "false")] {
        if line.contains(theirs) && said(&format!("cannot find value `{theirs}`")) {
            return Some(format!("`{theirs}` is Python's: here `{ours}`"));
        }
    }
    if line.starts_with("# ") && said("expected one of `!` or `[`") {
        return says("a comment begins with `//` here, not with `#`");
    }
    if line.starts_with("pip install ") {
        return says(
            "`pip` is Python's: here `:dep name = \"version\"` brings a crate",
        );
    }
    let (name, _) = line.split_once('=')?;
    let name = name.trim();
    let is_name =
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_name && said(&format!("cannot find value `{name}`")) {
        return Some(format!("a new variable needs `let` here: `let {name} = …;`"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(code: &str, complaint: &str, words: &str) {
        let habit = find(code, &[complaint]).expect(code);
        assert!(habit.says.contains(words), "{habit:?}");
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
