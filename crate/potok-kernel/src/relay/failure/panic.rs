//! A panic that nobody caught, with the line of the cell where it happened.

use super::Failure;
use super::text::is_wide;
use crate::relay::words;
use potok_words::{Language, current, within};
use serde_json::Value;

impl Failure {
    /// A panic that nobody caught, as the library's panic hook described it. `generated`
    /// is the file that evcxr made of the cell's `code`, in which the panic's line counts.
    pub(crate) fn panic(said: Option<&Value>, generated: &str, code: &str) -> Self {
        let Some(said) = said else {
            let evalue = words::panicked().to_owned();
            return Failure::plain("panic", evalue);
        };
        // `unwrap` says the error of a child, which names a place.
        let message = said["message"].as_str().unwrap_or_default();
        let mut failure = Failure::plain("panic", placed(message, generated, code));
        let number = |name: &str| {
            said[name]
                .as_u64()
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or_default()
        };
        let (line, column) = (number("line"), number("column"));
        if said["cell"] != true {
            let file = said["file"].as_str().unwrap_or_default();
            // The compiler's own name for the sources of `std` says nothing to anybody.
            let place = match file
                .split_once("/library/")
                .filter(|(at, _)| at.starts_with("/rustc/"))
            {
                Some((_, std)) => words::in_std(std, line),
                None => words::in_file(known(file), line),
            };
            failure.traceback.push(format!("  {place}"));
        } else if let Some(source) =
            line.checked_sub(1).and_then(|i| generated.lines().nth(i))
        {
            let lines = match line_in(code, generated, line) {
                Some((n, from)) => {
                    // evcxr sets each statement on a line of its own.
                    let source = code.lines().nth(n - 1).unwrap_or(source);
                    marked_line(&words::line(n), &n.to_string(), source, from + column)
                }
                None => marked_line(words::earlier(), "", source, column),
            };
            failure.traceback.extend(lines);
        }
        failure
    }
}

/// A file's name without the way to where cargo keeps crates, or this kernel the library.
fn known(file: &str) -> &str {
    match file.split_once("/registry/src/") {
        Some((_, rest)) => rest.split_once('/').map_or(rest, |(_, file)| file),
        None => file.strip_prefix("potok/").unwrap_or(file),
    }
}

/// The file in which evcxr compiles each cell, before a line of it.
pub(in crate::relay) const FILE: &str = "src/lib.rs:";

/// A text in which places of the file that evcxr made of a cell, as a child or a pool's
/// worker names them, are lines of the cell.
pub(super) fn placed(text: &str, generated: &str, code: &str) -> String {
    let mut parts = text.split(FILE);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits =
            |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (line, mut rest) = part.split_at(digits(part));
        let Ok(line) = line.parse() else {
            out.push_str(FILE);
            out.push_str(part);
            continue;
        };
        // The column counts in that file too.
        if let Some(column) = rest.strip_prefix(':').filter(|rest| digits(rest) > 0) {
            rest = &column[digits(column)..];
        }
        // In the language of whoever said it: a child may have another one.
        let language = if out.ends_with(" в ") {
            Language::Russian
        } else if out.ends_with(" at ") {
            Language::English
        } else {
            current()
        };
        out.push_str(&within(language, || match line_in(code, generated, line) {
            Some((n, _)) => words::at_line(n),
            None => words::at_earlier().to_owned(),
        }));
        out.push_str(rest);
    }
    out
}

/// A line of code with its place and a mark below the column.
pub(super) fn marked_line(
    named: &str,
    gutter: &str,
    source: &str,
    column: usize,
) -> [String; 3] {
    let pad = " ".repeat(gutter.len());
    // What stands before the column is kept where it is white, so that tabs stay tabs;
    // a wide character takes two places.
    let before: String = source
        .chars()
        .take(column.saturating_sub(1))
        .map(|c| match c {
            '\t' => "\t",
            c if is_wide(c) => "  ",
            _ => " ",
        })
        .collect();
    [
        format!("  {pad}--> {named}"),
        format!("  {gutter} | {source}"),
        format!("  {pad} | {before}^"),
    ]
}

/// Which line of the cell's `code` is this line of the file that evcxr made of it, and at
/// which character it begins there: the one that reads the same and has the most lines
/// around it that do, or else the first that contains it.
pub(super) fn line_in(
    code: &str,
    generated: &str,
    line: usize,
) -> Option<(usize, usize)> {
    let (code, made): (Vec<&str>, Vec<&str>) =
        (code.lines().collect(), generated.lines().collect());
    let at = line.checked_sub(1)?;
    let same = |i: usize, j: usize| match (code.get(i), made.get(j)) {
        (Some(one), Some(other)) => one.trim_end() == other.trim_end(),
        _ => false,
    };
    let alike = |i: usize| {
        let after = (1..).take_while(|&n| same(i + n, at + n)).count();
        let before = (1..=i.min(at)).take_while(|&n| same(i - n, at - n)).count();
        before + after
    };
    let candidates = (0..code.len()).filter(|&i| same(i, at));
    let best = candidates.max_by_key(|&i| (alike(i), std::cmp::Reverse(i)));
    if let Some(best) = best {
        return Some((best + 1, 0));
    }
    let part = made.get(at)?.trim_end();
    let mut found = code.iter().enumerate().filter(|_| part.trim().len() > 2);
    found.find_map(|(i, line)| {
        let from = line.find(part)?;
        Some((i + 1, line[..from].chars().count()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_panic_names_the_cells_line() {
        let code = "let v = vec![1];\nlet i = 7;\nv[i]";
        let generated = format!("mod x {{\n}}\nfn run() {{\n{code}\n}}\n");
        let said = json!({"message": "index out of bounds", "line": 6, "column": 1,
            "file": "src/lib.rs", "cell": true});
        let failure = Failure::panic(Some(&said), &generated, code);
        assert_eq!(failure.ename, "panic");
        assert_eq!(
            failure.shown(),
            "panic: index out of bounds\n   --> line 3 of this cell\n  3 | v[i]\n    | ^"
        );
    }

    #[test]
    fn a_panic_in_the_standard_library_says_so() {
        let of = |file: &str| {
            let said =
                json!({"message": "no", "line": 28, "file": file, "cell": false});
            Failure::panic(Some(&said), "", "").shown()
        };
        let expected =
            "panic: no\n  in the standard library: alloc/src/raw_vec.rs, line 28";
        assert_eq!(of("/rustc/598076/library/alloc/src/raw_vec.rs"), expected);
        assert_eq!(
            of("crate/library/lib.rs"),
            "panic: no\n  in crate/library/lib.rs, line 28"
        );
        let from =
            |place: &str| of(&format!("/proc/self/fd/200/registry/src/index/{place}"));
        assert_eq!(
            from("rayon-1.12.0/src/a.rs"),
            "panic: no\n  in rayon-1.12.0/src/a.rs, line 28"
        );
        let ours = "potok/crate/potok/src/coffee/mod.rs";
        assert_eq!(of(ours), "panic: no\n  in crate/potok/src/coffee/mod.rs, line 28");
    }

    #[test]
    fn the_same_line_twice_is_told_apart_by_its_neighbours() {
        let code = "a();\nf();\nb();\nf();\nc();";
        let generated = format!("x\n{code}\ny");
        assert_eq!(line_in(code, &generated, 3), Some((2, 0)));
        assert_eq!(line_in(code, &generated, 5), Some((4, 0)));
        assert_eq!(line_in("x; a(); b()", "x;\na();\nb()", 2), Some((1, 3)));
        assert_eq!(line_in(code, &generated, 1), None);
        assert_eq!(line_in(code, &generated, 0), None);
    }

    #[test]
    fn a_childs_place_is_a_line_of_the_cell() {
        let code = "fn f() {\n    panic!(\"tea\")\n}\nspawn(f)";
        let generated = format!("use x;\n{code}\nmore();");
        let said = "process 7 panicked at src/lib.rs:3:5: tea";
        let expected = "process 7 panicked at line 2 of this cell: tea";
        assert_eq!(placed(said, &generated, code), expected);
        let older = placed("at src/lib.rs:1:1: x", &generated, code);
        assert_eq!(older, "at code of an earlier cell: x");
        for other in ["in src/lib.rs: no", "at src/main.rs:1:1", ""] {
            assert_eq!(placed(other, &generated, code), other);
        }
    }

    #[test]
    fn the_mark_stands_below_its_column() {
        let [_, line, mark] = marked_line("here", "1", "let 茶 = v[7];", 9);
        assert_eq!(line, "  1 | let 茶 = v[7];");
        assert_eq!(mark, "    |          ^");
    }
}
