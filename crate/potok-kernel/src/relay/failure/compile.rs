//! The order and the number of compile errors: errors first, no warnings, and one error
//! for one cause.

use super::text::without_colour;
use crate::relay::words;
use serde_json::Value;

/// What evcxr says of a reference in a variable.
const REFERENCE: &str = "contains a reference with a non-static lifetime";

/// What the compiler says of a panic at compile time, with the panic's words behind it.
const PANICKED: &str = "evaluation panicked: ";

/// Lints that are errors unless somebody allows them: those that concurrent code meets.
const DENIED: [&str; 8] = [
    "arithmetic_overflow",
    "unconditional_panic",
    "overflowing_literals",
    "let_underscore_lock",
    "static_mut_refs",
    "never_type_fallback_flowing_into_unsafe",
    "invalid_from_utf8_unchecked",
    "invalid_reference_casting",
];

/// The errors that are to be shown, the most telling first. Warnings are none, unless there
/// is nothing else.
pub(super) fn in_order(errors: &[Value]) -> Vec<&Value> {
    let is_error = |error: &&Value| !is_warning(error);
    let mut chosen: Vec<&Value> = errors.iter().filter(is_error).collect();
    if chosen.is_empty() {
        chosen = errors.iter().collect();
    }
    // evcxr says the same once for each try.
    let mut said: Vec<String> = vec![];
    chosen.retain(|error| {
        let text = format!("{}{}", error["evalue"], error["traceback"]);
        let new = !said.contains(&text);
        said.push(text);
        new
    });
    // A panic at compile time comes with the places that were compiled because of it.
    if chosen.iter().any(|error| constant_panic(error).is_some()) {
        chosen.retain(|error| {
            let text = evalue(error);
            let follows = text.starts_with("erroneous constant")
                || text.starts_with("the above error was encountered");
            constant_panic(error).is_some() || !follows
        });
    }
    // What follows from a reference in a variable says less than that.
    if chosen.iter().any(|error| reference(error).is_some()) {
        chosen.retain(|error| reference(error).is_some() || !is_borrow(error));
    }
    chosen
}

/// Whether it is a warning, by the lint that it names instead of an error's number.
fn is_warning(error: &Value) -> bool {
    let head = error["traceback"][0].as_str().map(without_colour).unwrap_or_default();
    let Some((code, _)) = head.strip_prefix('[').and_then(|head| head.split_once(']'))
    else {
        return false;
    };
    code.starts_with(|c: char| c.is_ascii_lowercase()) && !DENIED.contains(&code)
}

fn is_borrow(error: &Value) -> bool {
    let head = error["traceback"][0].as_str().map(without_colour).unwrap_or_default();
    ["[E0505]", "[E0597]", "[E0716]"].iter().any(|code| head.starts_with(code))
}

fn evalue(error: &Value) -> &str {
    error["evalue"].as_str().unwrap_or_default()
}

/// The words of a panic at compile time.
pub(super) fn constant_panic(error: &Value) -> Option<&str> {
    evalue(error).split_once(PANICKED).map(|(_, words)| words)
}

/// What a closure captures that keeps it from going to another process, where a type that
/// cannot be copied is what the compiler complains of.
pub(super) fn captured<'a>(error: &'a Value, code: &str) -> Option<&'a str> {
    let to_others = ["spawn", "pool", "Pool", "processes"];
    let (name, rest) = evalue(error)
        .strip_prefix("the trait bound `")?
        .split_once(": Copy` is not")?;
    let is_closures = rest.contains(CLOSURE);
    (is_closures && to_others.iter().any(|word| code.contains(word))).then_some(name)
}

/// The variable that cannot stay because it is a closure.
pub(super) fn closure_in_variable(error: &Value) -> Option<&str> {
    let (before, _) =
        evalue(error).split_once("` is a closure, which cannot be persisted")?;
    before.rsplit('`').next()
}

/// How the compiler names a closure of a cell: with a place in evcxr's file.
const CLOSURE: &str = "{closure@src/lib.rs:";

/// Line and column, in evcxr's file, of the closure that the errors are about.
pub(super) fn closure(errors: &[Value]) -> Option<(usize, usize)> {
    let texts = errors.iter().map(evalue);
    let (_, place) = texts.filter_map(|text| text.split_once(CLOSURE)).next()?;
    let mut numbers = place.split([':', ' ', '}']).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// A line in which closures have no places, which count in evcxr's file.
pub(super) fn without_places(line: &str) -> String {
    let mut parts = line.split(CLOSURE);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.split_once('}').map_or(part, |(_, rest)| rest);
        out.push_str("{closure}");
        out.push_str(rest);
    }
    out
}

/// The variable that cannot stay because it borrows.
pub(super) fn reference(error: &Value) -> Option<&str> {
    let text = evalue(error);
    text.contains(REFERENCE).then(|| text.split('`').nth(1)).flatten()
}

/// What to tell of such a variable: the sentence, and cells to copy instead.
pub(super) fn cure(variables: &[&str], code: &str) -> (String, Vec<String>) {
    let names: Vec<String> = variables.iter().map(|name| format!("`{name}`")).collect();
    let sentence = match &*names {
        [name] => words::borrows(name),
        names => words::borrow(names.join(", ")),
    };
    let mut lines = vec![words::in_braces().to_owned(), String::new()];
    lines.push("    {".to_owned());
    for line in code.trim_end().lines() {
        lines.push(format!("        {line}").trim_end().to_owned());
    }
    lines.push("    }".to_owned());
    if let [name] = variables
        && let Some(owned) = owned(name, code)
    {
        lines.extend(["", words::own_copy(), ""].map(str::to_owned));
        lines.push(format!("    {owned}"));
    }
    (sentence, lines)
}

/// The line that binds a part of a slice or a string, with an owned copy in its place.
fn owned(name: &str, code: &str) -> Option<String> {
    let binds = |line: &&str| {
        let line = line.trim_start();
        line.strip_prefix("let ").is_some_and(|rest| {
            let rest = rest.trim_start_matches("mut ").trim_start();
            rest.strip_prefix(name)
                .is_some_and(|rest| rest.trim_start().starts_with('='))
        })
    };
    let line = code.lines().find(binds)?;
    let (binding, value) = line.trim().split_once('=')?;
    let value = value.trim().strip_suffix(';')?;
    // A guard, an iterator and the like have no copy that owns its data.
    let place =
        value.strip_prefix('&').filter(|place| !place.starts_with(['*', '&']))?;
    let is_part = place.contains("..") && place.ends_with(']');
    Some(if is_part {
        format!("{binding}= {place}.to_owned();")
    } else {
        format!("{binding}= {place}.clone();")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn error(code: &str, text: &str) -> Value {
        let head = format!("\u{1b}[31m{code}Error:\u{1b}[0m {text}");
        json!({"evalue": text, "traceback": [head]})
    }

    fn shown(errors: &[Value]) -> Vec<&str> {
        in_order(errors).into_iter().map(evalue).collect()
    }

    #[test]
    fn a_warning_is_never_told_as_the_error() {
        let macros = error("[unused_macros] ", "unused macro definition: `twice`");
        let real = error("[E0425] ", "cannot find function `help` in this scope");
        let unnumbered = error("", "expected expression, found `%`");
        let variable = error("[unused_variables] ", "unused variable: `x`");
        let errors =
            [macros.clone(), real.clone(), variable.clone(), unnumbered.clone()];
        assert_eq!(shown(&errors), [evalue(&real), evalue(&unnumbered)]);
        let lint =
            error("[unconditional_panic] ", "this operation will panic at runtime");
        assert_eq!(shown(&[macros.clone(), lint.clone()]), [evalue(&lint)]);
        let only = std::slice::from_ref(&macros);
        assert_eq!(shown(only), [evalue(&macros)], "better than nothing");
    }

    #[test]
    fn the_same_error_is_told_once() {
        let one = error(
            "",
            "The variable `it` contains a reference with a non-static lifetime so",
        );
        let follows = error("[E0597] ", "`all` does not live long enough");
        let unrelated = error("[E0308] ", "mismatched types");
        let errors = [one.clone(), one.clone(), follows, unrelated.clone()];
        assert_eq!(shown(&errors), [evalue(&one), evalue(&unrelated)]);
    }

    #[test]
    fn a_panic_at_compile_time_is_one_error() {
        let panic =
            error("[E0080] ", "evaluation panicked: this closure captures variables");
        let internal = error("", "erroneous constant encountered");
        let place =
            "`fn Code::of_entry::<{closure@src/lib.rs:108:18: 108:27}, (), u64>`";
        let place =
            format!("the above error was encountered while instantiating {place}");
        let place = error("", &place);
        let errors = [panic.clone(), internal, place];
        assert_eq!(shown(&errors), [evalue(&panic)]);
        assert_eq!(closure(&errors), Some((108, 18)));
        assert_eq!(constant_panic(&panic), Some("this closure captures variables"));
    }

    #[test]
    fn what_a_closure_captures_is_named_and_places_in_evcxrs_file_are_not() {
        let text = "the trait bound `String: Copy` is not satisfied in \
                    `{closure@src/lib.rs:9:18: 9:27}`";
        let error = error("[E0277] ", text);
        assert_eq!(
            captured(&error, "processes::spawn(move |()| s.len(), ())"),
            Some("String")
        );
        assert_eq!(captured(&error, "copies(move || s)"), None);
        assert_eq!(
            without_places("  within `{closure@src/lib.rs:9:18: 9:27}`, the"),
            "  within `{closure}`, the"
        );
    }

    #[test]
    fn a_part_of_a_vector_can_be_kept_as_a_copy() {
        let (sentence, lines) = cure(&["part"], "let part = &all[1..];");
        assert!(
            sentence.starts_with("`part` borrows from another variable"),
            "{sentence}"
        );
        let expected = [
            "Use it up within one cell, in braces:",
            "",
            "    {",
            "        let part = &all[1..];",
            "    }",
            "",
            "or keep a copy of its own:",
            "",
            "    let part = all[1..].to_owned();",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_has_no_copy_gets_braces_alone() {
        for code in [
            "let guard = m.lock()?;",
            "let (lock, cvar) = &*pair;",
            "let it = v.iter();",
        ] {
            let name = if code.contains("guard") { "guard" } else { "it" };
            let (_, lines) = cure(&[name], code);
            assert_eq!(lines.last().map(String::as_str), Some("    }"), "{code}");
        }
        let (_, lines) = cure(&["a"], "let a = &b;");
        assert_eq!(lines.last().map(String::as_str), Some("    let a = b.clone();"));
    }
}
