//! The slider on a page, in a text, and what is refused.

use super::*;
use potok_base::language::{Language, within};
use potok_base::trace::QueueLength;
use potok_base::workload::ms;

fn picture(title: &str) -> Picture {
    Picture {
        title: title.into(),
        description: "what is seen".into(),
        svg: format!("<svg width=\"760\" height=\"90\"><text>{title}</text></svg>"),
        text: format!("{title}\n\nin numbers\n"),
    }
}

fn five() -> Piece {
    let each = each("n", 1..=5, |n| picture(&format!("run {n}"))).unwrap();
    each.pieces().pop().unwrap()
}

/// What is left where scripts are dropped, and the script.
fn parts(piece: &Piece) -> (String, String) {
    let (before, script) = piece.html.split_once("<script>").unwrap();
    let (script, after) = script.split_once("</script>").unwrap();
    assert_eq!(after, "");
    (before.to_owned(), script.to_owned())
}

#[test]
fn without_scripts_first_middle_and_last_are_seen_and_the_others_said() {
    let (page, _) = parts(&five());
    assert_eq!(page.matches("<img ").count(), 3);
    for (n, shown) in [(1, true), (2, false), (3, true), (4, false), (5, true)] {
        assert_eq!(page.contains(&format!("alt=\"run {n}. ")), shown, "{n}");
        assert_eq!(page.contains(&format!("<strong>n: {n}</strong>")), shown, "{n}");
    }
    assert!(page.contains("<summary>n: 2; 4</summary><pre>n: 2&#10;&#10;run 2"));
    // No slider that moves nothing.
    assert!(!page.contains("<input"));
}

#[test]
fn the_script_brings_the_others_and_all_values_in_one_line() {
    let (page, script) = parts(&five());
    assert!(!five().html.contains('\n'));
    assert_eq!(script.matches("\\u003cimg ").count(), 2);
    assert!(script.contains(r#", "n", ["1", "2", "3", "4", "5"], ["", "\u003c"#));
    let key = page.split_once("class=\"").unwrap().1.split_once('"').unwrap().0;
    assert!(script.contains(&format!("(\"{key}\", ")), "the script finds its place");
}

#[test]
fn the_text_has_all_with_their_values() {
    let text = five().text;
    let said: Vec<&str> = text.lines().filter(|line| line.starts_with("n: ")).collect();
    assert_eq!(said, ["n: 1", "n: 2", "n: 3", "n: 4", "n: 5"]);
    assert_eq!(text.matches("in numbers").count(), 5);
}

#[test]
fn no_label_ends_the_script_or_an_attribute() {
    let bad = "</script><b onclick=\"x\">`'\\\nEVCXR_EXECUTION_COMPLETE";
    let each = each(bad, [bad, "b", "c", "d"], picture).unwrap();
    let (page, script) = parts(&each.pieces()[0]);
    assert!(!page.contains("<b ") && !page.contains('\n'));
    let called = script.rsplit_once("})(").unwrap().1;
    assert!(!called.contains('<') && !called.contains("EVCXR_"), "{called}");
}

#[test]
fn one_value_needs_no_slider() {
    let html =
        each("n", [7], |_| picture("alone")).unwrap().pieces().pop().unwrap().html;
    assert!(html.contains("<strong>n: 7</strong>") && !html.contains("<script"));
}

#[test]
fn what_cannot_be_drawn_is_said_in_its_place() {
    let failing = |n: u32| if n == 2 { Err("no beans") } else { Ok(picture("a day")) };
    let each = each("n", [1, 2, 3], failing).unwrap();
    let piece = each.pieces().pop().unwrap();
    assert!(piece.text.contains("n: 2\n\nNothing to draw: no beans"), "{}", piece.text);
    assert!(parts(&piece).0.contains("no beans"));
    let pictures = each.pictures();
    assert!(pictures[0].is_ok() && pictures[1].is_err());
}

#[test]
fn a_slider_within_a_result_or_a_list_stays_one() {
    let two = || each("n", [1, 2], |_| picture("x"));
    let ok: Result<Each> = two();
    let list = vec![two().unwrap(), two().unwrap()];
    assert_eq!(ok.pieces().len(), 1);
    assert_eq!((list.pieces().len(), (ok, list).pieces().len()), (2, 3));
}

#[test]
fn there_is_an_end_to_values_and_bytes() {
    let error = each("machines", [0; 0], |_| picture("x")).unwrap_err();
    assert!(error.to_string().contains("`machines` has no values"), "{error}");
    let mut made = 0;
    let error = each("machines", 1_u64.., |_| {
        made += 1;
        picture("x")
    });
    let error = error.unwrap_err().to_string();
    assert!(error.contains("at most 40") && made == MOST + 1, "{error}, {made}");
    let large = || Picture { svg: "x".repeat(MOST_BYTES / 3), ..picture("x") };
    assert!(each("n", [1, 2], |_| large()).is_ok());
    let error = each("n", [1, 2, 3, 4], |_| large()).unwrap_err().to_string();
    assert!(error.contains("5.3 MB") && error.contains("4.0 MB"), "{error}");
}

#[test]
fn together_they_have_one_scale_and_the_value_as_a_title() {
    let queue =
        |long: u64| vec![QueueLength::new("till", [ms(0), ms(0)], [ms(2)], ms(long))];
    let each = each_together("ms", [4, 40], |n| Ok::<_, Error>(queue(n))).unwrap();
    let short = each.picture().unwrap();
    assert_eq!(short.title, "ms: 4");
    let alone = crate::lengths("ms: 4", &queue(4)).unwrap();
    assert_ne!(short.svg, alone.svg, "its time is that of the longer one");
    let text = each.pieces().pop().unwrap().text;
    assert_eq!(text.matches("ms: 4\n").count(), 1, "a title that says it is enough");
    let failed = each_together("ms", [4], |_| Err::<Vec<QueueLength>, _>("no till"));
    assert!(failed.unwrap_err().to_string().contains("ms: 4: no till"));
}

#[test]
fn values_are_written_as_the_language_does() {
    let named = || (0.5.named(), ms(5).named(), 12_000_u32.named(), "a".named());
    let english = ("0.5".into(), "5 ms".into(), "12\u{202f}000".into(), "a".into());
    assert_eq!(named(), english);
    let russian = within(Language::Russian, named);
    assert_eq!((&*russian.0, &*russian.1), ("0,5", "5\u{a0}мс"));
    let error = within(Language::Russian, || each("n", [0; 0], |_| picture("x")));
    assert!(error.unwrap_err().to_string().contains("нет значений"));
}

/// The page that is turned in Chromium, by `notebooks/tests/test_browser.py`.
#[test]
fn a_slider_is_as_it_was_looked_at() {
    let queue =
        |n: u64| vec![QueueLength::new("till", [ms(0), ms(n)], [ms(2 * n)], ms(3 * n))];
    let each = each_together("machines", 1..=4, |n| Ok::<_, Error>(queue(n))).unwrap();
    let html = each.pieces().pop().unwrap().html + "\n";
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = path.join("src/each/slider.html");
    if std::env::var_os("POTOK_BLESS").is_some() {
        std::fs::write(&path, &html).unwrap();
    }
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(old == html, "{} differs; POTOK_BLESS=1 stores it", path.display());
}
