//! Pictures from fixed data equal the stored ones, whatever the labels they are harmless,
//! and bad data is an error value.
//!
//! `POTOK_BLESS=1 cargo test --test it` stores the pictures anew: look at them then.

mod data;
mod explored;
mod hostile;
mod odd;
mod russian;
mod stored;
mod together;
mod words;

use potok::chart::Picture;
use std::path::Path;

fn well_formed(picture: &Picture) {
    let svg = roxmltree::Document::parse(&picture.svg).unwrap();
    let root = svg.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let text_of = |tag: &str| {
        let mut nodes = root.children().filter(|node| node.has_tag_name(tag));
        nodes.next().and_then(|node| node.text()).unwrap_or_default().to_owned()
    };
    assert_eq!(text_of("title"), picture.title);
    assert_eq!(text_of("desc"), picture.description);
    assert!(!picture.svg.contains("<script"));
    // What a projector shows to the last row.
    let letters = smallest_letters(&svg);
    assert!(letters > 13.9, "letters {letters} high in {:?}", picture.title);
    // What sets off names in messages is for text that is set.
    assert!(!picture.svg.contains('`'), "{}", picture.svg);
    assert!(picture.svg.len() < 300_000, "{} bytes", picture.svg.len());
    assert!(picture.text.lines().count() < 120);
    let tags = [
        "svg", "style", "title", "desc", "rect", "line", "polyline", "polygon",
        "circle", "text",
    ];
    assert!(
        svg.descendants()
            .all(|n| !n.is_element() || tags.contains(&n.tag_name().name()))
    );
}

/// The height of the smallest letters, in pixels of the page.
fn smallest_letters(svg: &roxmltree::Document<'_>) -> f64 {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok());
    // A document in a document has units of its own.
    let scale = |node: roxmltree::Node<'_, '_>| {
        let wide = node.attribute("viewBox")?.split(' ').nth(2);
        Some(number(node.attribute("width"))? / number(wide)?)
    };
    let size = |node: roxmltree::Node<'_, '_>| {
        let scales = node.ancestors().filter_map(scale).product::<f64>();
        number(node.attribute("font-size")).map(|size| size * scales)
    };
    let texts = svg.descendants().filter(|node| node.has_tag_name("text"));
    texts.filter_map(size).fold(f64::INFINITY, f64::min)
}

#[test]
fn letters_that_are_too_small_are_found() {
    let smallest = |size: u32, inner: u32| {
        let svg = format!(
            "<svg width=\"760\" viewBox=\"0 0 7600 10\"><text font-size=\"{size}\"/>\
             <svg width=\"7600\" viewBox=\"0 0 760 1\"><text font-size=\"{inner}\"/>\
             </svg></svg>"
        );
        smallest_letters(&roxmltree::Document::parse(&svg).unwrap()).round() as u32
    };
    assert_eq!([smallest(140, 15), smallest(110, 14), smallest(150, 9)], [14, 11, 9]);
}

/// Compares a picture with the stored one and checks what holds for all pictures.
fn golden(name: &str, picture: potok::Result<Picture>) {
    let picture = picture.unwrap();
    well_formed(&picture);
    words::has_one_form_of_units(&picture);
    russian::is_whole(&picture);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let dir = if russian::is_spoken() { golden.join("ru") } else { golden };
    for (ending, new) in [("svg", &picture.svg), ("txt", &picture.text)] {
        let path = dir.join(format!("{name}.{ending}"));
        if std::env::var_os("POTOK_BLESS").is_some() {
            std::fs::write(&path, new).unwrap();
        }
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            old == *new,
            "{} differs from the picture; if the new one is right, store it with \
             POTOK_BLESS=1",
            path.display()
        );
    }
}
