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
    text
}

fn headline(grade: &Grade) -> String {
    let passed = grade.checks().iter().filter(|check| check.verdict.passed()).count();
    words::points(grade.score(), grade.points(), passed, grade.checks().len())
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
    format!(
        "<div><p><strong>{}</strong></p><table>{rows}</table></div>",
        line(&headline(grade))
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
        line(&check.name),
        line(told(check)),
    );
    if !check.hidden {
        for (n, hint) in check.hints.iter().enumerate() {
            let _ = write!(row, "{}", folded(&words::hint(n + 1), &line(hint)));
        }
        if !check.printed.is_empty() {
            let text = format!("<pre>{}</pre>", block(&check.printed));
            row.push_str(&folded(words::it_printed(), &text));
        }
        if let Some(picture) = &check.picture {
            let _ = write!(row, "<br>{}", picture.to_html());
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
    fn long_output_is_cut() {
        let long = "x".repeat(10_000);
        assert!(block(&long).len() < 3_000 && block(&long).ends_with('…'));
    }
}
