//! The card of a cell's checks. Its text form is the number of points and nothing else,
//! which is what nbgrader reads.

use super::check::{Check, CheckResult};
use super::grade::Grade;
use super::points;
use crate::words;
use potok_base::output::{harmless, print};
use potok_chart::display::in_notebook;
use potok_chart::label;
use std::fmt::Write as _;

/// Of what a check printed, so many characters are shown.
const MOST_PRINTED: usize = 2_000;

pub(crate) fn show(grade: &Grade) {
    if !in_notebook() {
        return print(text(grade).as_bytes());
    }
    points::tell(grade);
    let html = html(grade);
    let html = String::from_utf8_lossy(&harmless(html.as_bytes())).into_owned();
    // The number stands alone: nbgrader reads it.
    let content = format!(
        "EVCXR_BEGIN_CONTENT text/html\n{html}\nEVCXR_END_CONTENT\n\
         EVCXR_BEGIN_CONTENT text/plain\n{}\nEVCXR_END_CONTENT\n",
        grade.score()
    );
    print(content.as_bytes());
}

/// A line for each check.
pub(crate) fn text(grade: &Grade) -> String {
    let mut text = format!("{}\n", headline(grade));
    for check in grade.checks() {
        let (sign, _) = sign(check);
        let told = told(check);
        let dash = if told.is_empty() { "" } else { ": " };
        let _ = writeln!(text, "{sign} {}{dash}{told}", check.name);
    }
    if let Some(not_run) = not_run(grade) {
        let _ = writeln!(text, "+ {not_run}");
    }
    text
}

fn headline(grade: &Grade) -> String {
    let passed = grade.checks().iter().filter(|check| check.verdict.passed()).count();
    words::points(grade.score(), grade.points(), passed, grade.checks().len())
}

/// What a student's copy leaves out.
fn not_run(grade: &Grade) -> Option<String> {
    let names = grade.not_run_here();
    (!names.is_empty()).then(|| words::not_run(&names))
}

fn sign(check: &Check) -> (&'static str, &'static str) {
    match check.verdict {
        CheckResult::Passed(_) => ("✓", words::passed()),
        CheckResult::Failed(_) => ("✗", words::not_yet()),
    }
}

/// What may be told of a check.
fn told(check: &Check) -> &str {
    if check.hidden { "" } else { check.verdict.text() }
}

/// The card as HTML on one line. It has no colours of its own but two, which can be read on
/// a light page and on a dark one.
pub(crate) fn html(grade: &Grade) -> String {
    let rows: String = grade.checks().iter().map(row).collect();
    let not_run = not_run(grade).map(|it| format!("<br>+ {}", line(&it)));
    format!(
        "<div><p><strong>{}</strong>{}</p><table>{rows}</table></div>",
        line(&headline(grade)),
        not_run.unwrap_or_default()
    )
}

fn row(check: &Check) -> String {
    let (sign, word) = sign(check);
    let colour = if check.verdict.passed() { "#1e8e5a" } else { "#d64a3a" };
    let mut row = format!(
        "<tr><td style=\"text-align:left;white-space:nowrap;color:{colour};\
         vertical-align:top\"><strong>{sign} {word}</strong></td>\
         <td style=\"text-align:left;vertical-align:top\">{}</td>\
         <td style=\"text-align:left;vertical-align:top\">{}",
        prose(&check.name),
        prose(told(check)),
    );
    if !check.hidden {
        for (n, hint) in check.advice().into_iter().enumerate() {
            let _ = write!(row, "{}", folded(&words::hint(n + 1), &prose(hint)));
        }
        if !check.printed.is_empty() {
            let text = format!("<pre>{}</pre>", block(&check.printed));
            row.push_str(&folded(words::it_printed(), &text));
        }
        if let Some(picture) = &check.picture {
            let _ = write!(row, "<br>{}", picture.to_html());
        }
        if let Some(again) = &check.again {
            let call = format!("`{}`", again.call);
            let told = match again.whole {
                true => words::again(call),
                false => words::again_with(call, "`…`"),
            };
            let _ = write!(row, "<p>{}</p>", prose(&told));
        }
    }
    row.push_str("</td></tr>");
    row
}

fn folded(title: &str, text: &str) -> String {
    format!("<details><summary>{title}</summary>{text}</details>")
}

/// A line of somebody's text.
fn line(text: &str) -> String {
    label::escape(&label::clean(text))
}

/// A line of text in which what stands between backticks is code.
fn prose(text: &str) -> String {
    let text = line(text);
    let parts: Vec<&str> = text.split('`').collect();
    // One without its other half is a letter like others.
    if parts.len().is_multiple_of(2) {
        return text;
    }
    let tag = |(n, part): (usize, &&str)| match n % 2 {
        0 => (*part).to_owned(),
        _ => format!("<code>{part}</code>"),
    };
    parts.iter().enumerate().map(tag).collect()
}

/// Lines of somebody's text, cut where they are many.
fn block(text: &str) -> String {
    let lines: Vec<String> = text
        .chars()
        .take(MOST_PRINTED)
        .collect::<String>()
        .lines()
        .map(plain)
        .collect();
    let cut = text.chars().nth(MOST_PRINTED).map_or("", |_| "&#10;…");
    format!("{}{cut}", lines.join("&#10;"))
}

fn plain(line: &str) -> String {
    let visible: String = line
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect();
    label::escape(&visible)
}

#[cfg(test)]
mod tests {
    use super::super::grade;
    use super::*;
    use std::io::Write;

    fn failing() -> Grade {
        grade(3.0)
            .gives("<b> & co", || "</td>EVCXR_EXECUTION_COMPLETE", "x")
            .hint("look <closer>")
            .gives(
                "prints",
                || {
                    // Not `println!`, which the test harness catches.
                    let lines = "a\n  <i>\nEVCXR_END_CONTENT\n";
                    let _ = std::io::stdout().write_all(lines.as_bytes());
                    1
                },
                1,
            )
            .hidden()
            .gives("a secret", || 5, 6)
    }

    #[test]
    fn a_card_is_one_line_of_well_formed_html() {
        let html = html(&failing()).replace("<br>", "<br/>");
        assert!(!html.contains('\n'));
        let document = roxmltree::Document::parse(&html).unwrap();
        let text: String = document
            .descendants()
            .filter_map(|node| node.text().filter(|_| node.is_text()))
            .collect();
        assert!(text.contains("1 of 3 points, 1 of 3 checks passed"), "{text}");
        assert!(text.contains("<b> & co") && text.contains("look <closer>"), "{text}");
        assert!(text.contains("a\n  <i>\n EVCXR_END_CONTENT"), "{text}");
    }

    #[test]
    fn of_a_hidden_check_only_the_name_is_told() {
        let grade = failing();
        for told in [html(&grade), text(&grade)] {
            assert!(told.contains("a secret"), "{told}");
            assert!(!told.contains("got 5"), "{told}");
        }
    }

    #[test]
    fn code_in_a_hint_is_shown_as_code() {
        assert_eq!(prose("`a < b` or `c`"), "<code>a &lt; b</code> or <code>c</code>");
        assert_eq!(prose("a ` b"), "a ` b");
    }

    #[test]
    fn a_card_says_what_is_run_when_it_is_graded_and_not_here() {
        let here = grade(1.0).gives("a", || 1, 1).when_graded(&["b", "c"]);
        for told in [html(&here), text(&here)] {
            assert!(told.contains("2 checks only when it is graded: b, c"), "{told}");
        }
        let graded = here.hidden().gives("b", || 1, 1).gives("c", || 1, 1);
        assert!(!text(&graded).contains("only when"), "{graded}");
    }

    fn race() -> u32 {
        potok_explore::programs::lost_update()
    }

    #[test]
    fn an_order_is_shown_again_by_a_call_that_can_be_copied() {
        let failed = html(&grade(1.0).explores("two", race, [2]));
        let call = "<code>replay(page::tests::race, \"1221\")</code>";
        assert!(failed.contains(call), "{failed}");
        let closure = html(&grade(1.0).explores("two", || u64::from(race()), [2]));
        assert!(closure.contains("<code>replay(…, \"1221\")</code>"), "{closure}");
        assert!(
            !closure.contains("replay(program"),
            "nothing is called `program`: {closure}"
        );
    }

    #[test]
    fn what_is_not_written_yet_is_told_so_whatever_else_comes_of_it() {
        let behind_a_lock = || {
            use potok_explore::{sync::Mutex, thread};
            let state = Mutex::new(0);
            thread::scope(|s| {
                let unwritten = || {
                    let held = state.lock().unwrap();
                    assert!(*held > 0, "not yet implemented");
                };
                s.spawn(unwritten);
                unwritten();
            });
        };
        let failed = grade(1.0).explores("two", behind_a_lock, [()]);
        let check = &failed.checks()[0];
        assert_eq!(check.verdict.text(), words::not_written());
        assert!(check.picture.is_none() && check.again.is_none());
    }

    #[test]
    fn too_many_at_once_are_not_told_what_helps_too_few() {
        let on_threads = |threads: usize| {
            let grade = grade(1.0).meets("two at once", 2, move |m| {
                std::thread::scope(|s| {
                    for _ in 0..threads {
                        s.spawn(|| (0..2).for_each(|_| m.attend()));
                    }
                });
            });
            html(&grade.hint("is a lock held?"))
        };
        let advice = [words::hint_one_by_one(), words::hint_too_many()].map(prose);
        let has = |threads| {
            let html = on_threads(threads);
            [html.contains("is a lock held?")]
                .into_iter()
                .chain(advice.iter().map(|words| html.contains(words.as_str())))
                .collect::<Vec<_>>()
        };
        assert_eq!(has(1), [true, true, false]);
        assert_eq!(has(2), [true, false, false]);
        assert_eq!(has(3), [false, false, true]);
    }

    #[test]
    fn long_output_is_cut() {
        let long = "x".repeat(10_000);
        assert!(block(&long).len() < 3_000 && block(&long).ends_with('…'));
    }
}
