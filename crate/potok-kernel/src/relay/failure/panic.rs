//! A panic that nobody caught, with the line of the cell where it happened.

use super::Failure;
use super::text::is_wide;
use crate::relay::places::{Cells, Line};
use crate::relay::words;
use potok_words::{Language, current, within};
use serde_json::Value;

impl Failure {
    /// A panic that nobody caught, as the library's panic hook described it, and the last one
    /// of another thread: that may be what was passed on.
    pub(crate) fn panic(
        said: Option<&Value>,
        aside: Option<&Value>,
        cells: &Cells<'_>,
    ) -> Self {
        // rayon's threads have it go on in the cell's own, which says nothing then.
        let Some(said) = said.or(aside) else {
            let evalue = words::panicked().to_owned();
            return Failure::plain("panic", evalue);
        };
        // `unwrap` says the error of a child, which names a place.
        let message = said["message"].as_str().unwrap_or_default();
        let mut failure = Failure::plain("panic", placed(message, cells));
        failure.traceback.extend(place(said, cells));
        if let Some(first) = aside.filter(|_| passed_on(message)) {
            let words = first["message"].as_str().unwrap_or_default();
            let words = words.lines().next().unwrap_or_default();
            let words = words::thread_panicked(placed(words, cells));
            failure.traceback.push(format!("  {words}"));
            failure.traceback.extend(place(first, cells));
        }
        failure
    }
}

/// What `std::thread::scope` panics with.
const SCOPED: &str = "a scoped thread panicked";

/// Whether the words of a panic only say that there was another one.
fn passed_on(message: &str) -> bool {
    message == SCOPED
        || message.contains("on an `Err` value: Any { .. }")
        || message.contains("on an `Err` value: PoisonError")
}

/// Where a panic happened: in the cells, with the line; or in somebody's file.
fn place(said: &Value, cells: &Cells<'_>) -> Vec<String> {
    let number = |name: &str| {
        let number = said[name].as_u64();
        number.and_then(|n| usize::try_from(n).ok()).unwrap_or_default()
    };
    let (line, column) = (number("line"), number("column"));
    if said["cell"] == true {
        let object = said["object"].as_u64().and_then(|n| u32::try_from(n).ok());
        return marked(&cells.line(object, line, column));
    }
    let file = said["file"].as_str().unwrap_or_default();
    // The compiler's own name for the sources of `std` says nothing to anybody.
    let std = file.split_once("/library/").filter(|(at, _)| at.starts_with("/rustc/"));
    let place = match std {
        Some((_, std)) => words::in_std(std, line),
        None => words::in_file(known(file), line),
    };
    vec![format!("  {place}")]
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

/// How the library names the object that evcxr made of a cell, behind a place in it.
const OBJECT: &str = " (libcode_";

/// A text in which places of the file that evcxr made of a cell, as a child or a pool's
/// worker names them, are lines of cells.
pub(super) fn placed(text: &str, cells: &Cells<'_>) -> String {
    let mut parts = text.split(FILE);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((line, column, object, rest)) = numbers(part) else {
            out.push_str(FILE);
            out.push_str(part);
            continue;
        };
        // In the language of whoever said it: a child may have another one.
        let language = if out.ends_with(" в ") {
            Language::Russian
        } else if out.ends_with(" at ") {
            Language::English
        } else {
            current()
        };
        let origin = cells.line(object, line, column).origin;
        out.push_str(&within(language, || origin.behind_at()));
        out.push_str(rest);
    }
    out
}

/// Line and column behind the file's name, the object if it is named, and what follows.
fn numbers(text: &str) -> Option<(usize, usize, Option<u32>, &str)> {
    let number = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        Some((digits.parse::<usize>().ok()?, rest.len()))
    };
    let behind = |left: usize| &text[text.len() - left..];
    let (line, left) = number(text)?;
    let mut rest = behind(left);
    let mut column = 1;
    if let Some((n, left)) = rest.strip_prefix(':').and_then(number) {
        (column, rest) = (n, behind(left));
    }
    let named = rest.strip_prefix(OBJECT).and_then(|of| {
        let (n, left) = number(of)?;
        Some((u32::try_from(n).ok()?, behind(left).strip_prefix(')')?))
    });
    if let Some((_, behind)) = named {
        rest = behind;
    }
    Some((line, column, named.map(|(n, _)| n), rest))
}

/// A place with its line, if that is known, and a mark below its column.
pub(super) fn marked(line: &Line) -> Vec<String> {
    let named = line.origin.named();
    match &line.source {
        Some(source) => {
            marked_line(&named, &line.origin.number(), source, line.column).into()
        }
        None => vec![format!("  --> {named}")],
    }
}

/// A line of code with its place and a mark below the column.
fn marked_line(named: &str, gutter: &str, source: &str, column: usize) -> [String; 3] {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::objects::Objects;
    use crate::relay::places::Earlier;
    use serde_json::json;

    fn said(message: &str, file: &str, line: usize) -> Value {
        json!({"message": message, "line": line, "column": 1, "file": file,
            "cell": file == "src/lib.rs", "object": null})
    }

    #[test]
    fn a_panic_names_the_cells_line() {
        let none = Earlier::default();
        let code = "let v = vec![1];\nlet i = 7;\nv[i]";
        let made = format!("mod x {{\n}}\nfn run() {{\n{code}\n}}\n");
        let cells = Cells::of(code, &made, &none);
        let said = said("index out of bounds", "src/lib.rs", 6);
        let failure = Failure::panic(Some(&said), None, &cells);
        assert_eq!(failure.ename, "panic");
        assert_eq!(
            failure.shown(),
            "panic: index out of bounds\n   --> line 3 of this cell\n  3 | v[i]\n    | ^"
        );
    }

    #[test]
    fn a_panic_in_a_line_of_an_earlier_cell_shows_that_line() {
        let mut earlier = Earlier::default();
        earlier.history.note(1, "fn f() {\n    panic!()\n}");
        let cells = Cells::of("f()", "fn f() {\n    panic!()\n}\nf()", &earlier);
        let shown =
            Failure::panic(Some(&said("no", "src/lib.rs", 2)), None, &cells).shown();
        let place = "line 2 of the cell with `fn f`\n  2 |     panic!()\n    | ^";
        assert_eq!(shown, format!("panic: no\n   --> {place}"));
    }

    #[test]
    fn what_another_thread_said_is_told_where_it_was_passed_on() {
        let none = Earlier::default();
        let cells = Cells::of("a\nbb();\nccc();", "a\nbb();\nccc();", &none);
        let thread = said("tea", "src/lib.rs", 2);
        let shown =
            |own: Option<&Value>| Failure::panic(own, Some(&thread), &cells).shown();
        let place = "   --> line 2 of this cell\n  2 | bb();\n    | ^";
        // As rayon passes it on.
        assert_eq!(shown(None), format!("panic: tea\n{place}"));
        let scope = shown(Some(&said("a scoped thread panicked", "src/lib.rs", 3)));
        let behind = format!("  before that, a thread had panicked: tea\n{place}");
        assert!(scope.ends_with(&behind), "{scope}");
        let own = shown(Some(&said("milk", "src/lib.rs", 3)));
        assert!(!own.contains("tea"), "{own}");
    }

    #[test]
    fn a_panic_in_the_standard_library_says_so() {
        let none = Earlier::default();
        let of = |file: &str| {
            let cells = Cells::of("", "", &none);
            Failure::panic(Some(&said("no", file, 28)), None, &cells).shown()
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
    fn a_childs_place_is_a_line_of_the_cell() {
        let objects = Objects::of_files(&["fn old() {\n    gone();\n}"]);
        let mut earlier = Earlier { objects, ..Earlier::default() };
        earlier.history.note(1, "fn old() {\n    gone();\n}");
        let code = "fn f() {\n    panic!(\"tea\")\n}\nspawn(f)";
        let made = format!("use x;\n{code}\nmore();");
        let cells = Cells::of(code, &made, &earlier);
        let placed = |text: &str| placed(text, &cells);
        let expected = "process 7 panicked at line 2 of this cell: tea";
        assert_eq!(placed("process 7 panicked at src/lib.rs:3:5: tea"), expected);
        // The next object is this cell's, the first one was an earlier cell's.
        let of_this = "process 7 panicked at src/lib.rs:3:5 (libcode_2): tea";
        assert_eq!(placed(of_this), expected);
        assert_eq!(
            placed("process 7 panicked at src/lib.rs:2:5 (libcode_1): tea"),
            "process 7 panicked at line 2 of the cell with `fn old`: tea"
        );
        assert_eq!(
            placed("процесс 7: паника в src/lib.rs:2:5 (libcode_1): чай"),
            "процесс 7: паника в строке 2 ячейки с `fn old`: чай"
        );
        assert_eq!(placed("at src/lib.rs:1:1: x"), "at code of an earlier cell: x");
        for other in ["in src/lib.rs: no", "at src/main.rs:1:1", ""] {
            assert_eq!(placed(other), other);
        }
    }

    #[test]
    fn the_mark_stands_below_its_column() {
        let [_, line, mark] = marked_line("here", "1", "let 茶 = v[7];", 9);
        assert_eq!(line, "  1 | let 茶 = v[7];");
        assert_eq!(mark, "    |          ^");
    }
}
