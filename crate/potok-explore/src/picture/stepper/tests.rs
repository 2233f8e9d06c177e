//! What a page gets, and where it gets nothing.

use super::*;
use crate::{explore, programs};
use potok_base::language::{Language, within};
use potok_chart::Show;
use std::time::Duration;

/// The same each time.
fn report() -> Report {
    let mut report = explore(programs::lost_update);
    report.time = Duration::from_millis(1);
    report
}

fn last(report: &Report) -> Piece {
    report.pieces().pop().unwrap()
}

#[test]
fn without_its_script_the_page_is_the_pictures() {
    let (report, pictures) = (report(), report().pictures());
    let piece = last(&report);
    let (before, script) = piece.html.split_once("<script>").unwrap();
    let picture = pictures[1].as_ref().unwrap();
    let (shown, place) = before.split_at(picture.to_html().len());
    assert_eq!(shown, picture.to_html());
    assert!(
        place.starts_with("<div class=\"potok-steps-") && place.ends_with("\"></div>")
    );
    assert_eq!(piece.text, picture.text);
    assert!(script.ends_with(");</script>") && !piece.html.contains('\n'));
}

#[test]
fn the_script_is_told_verdicts_and_words_of_the_class() {
    let script = last(&report().expect([2])).html;
    assert!(
        script.contains(r##"["Returned 1","forbidden","#D55E00",true]"##),
        "{script}"
    );
    assert!(
        script.contains(r##"["Returned 2","expected","#009E73",false]"##),
        "{script}"
    );
    let russian = within(Language::Russian, || last(&report()).html);
    let (_, called) = russian.rsplit_once("})(").unwrap();
    for words in ["Пройти по шагам", "Шаг назад", "Результат 1", "сюрприз", "ждёт"]
    {
        assert!(called.contains(words), "{words}");
    }
    for words in ["Step by", "back", "Returned", "surprising", "Copy", "tried"] {
        assert!(!called.contains(&format!("\"{words}")), "{words}");
    }
}

#[test]
fn no_value_ends_the_script() {
    let bad = "</script>\"\\\nEVCXR_EXECUTION_COMPLETE";
    let report = explore(move || {
        let name = crate::sync::Mutex::new(0).named(bad);
        *name.lock().unwrap() += 1;
        bad
    });
    let html = last(&report).html;
    let (_, script) = html.split_once("<script>").unwrap();
    assert_eq!(script.matches('<').count(), script.matches(" < ").count() + 1);
    assert!(!script.contains("EVCXR_") && !script.contains('\n'), "{script}");
}

#[test]
fn too_many_states_are_said_and_step_is_offered() {
    let mut report = report();
    report.graph = None;
    let piece = last(&report);
    assert!(!piece.html.contains("<script"));
    for form in [piece.html, piece.text] {
        assert!(form.contains("more states than a page can carry"), "{form}");
        assert!(form.contains("step(program, \"12\")"), "{form}");
    }
}

#[test]
fn a_page_that_would_be_too_large_is_one_of_too_many_states() {
    let mut report = report();
    let mut graph = report.graph.as_deref().unwrap().clone();
    graph.texts.extend(vec!["x".repeat(1_000); MOST_BYTES / 200]);
    report.graph = Some(graph.into());
    let piece = last(&report);
    assert!(piece.text.contains("more states than a page can carry"));
    assert!(!piece.html.contains("<script") && piece.html.len() < 20_000);
}

#[test]
fn what_was_not_explored_is_not_stepped_through() {
    let piece = last(&explore(|| 1 + 1));
    assert!(!piece.html.contains("<script") && !piece.text.contains("page can carry"));
}

/// The page on which `notebooks/tests/test_browser.py` finds the lost update.
#[test]
fn the_page_is_as_it_was_looked_at() {
    let pieces: String =
        report().pieces().into_iter().map(|piece| piece.html + "\n").collect();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = path.join("src/picture/stepper/lost_update.html");
    if std::env::var_os("POTOK_BLESS").is_some() {
        std::fs::write(&path, &pieces).unwrap();
    }
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(old == pieces, "{} differs; POTOK_BLESS=1 stores it", path.display());
}
