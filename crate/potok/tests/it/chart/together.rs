//! What is drawn together has one scale: the same value is at the same place.

use super::data::*;
use super::well_formed;
use potok::chart::{self, Bar, Bars, Picture};
use potok::trace::QueueLength;

/// The attribute of all elements of this name, in their order.
fn all(picture: &Picture, element: &str, attribute: &str) -> Vec<String> {
    let svg = roxmltree::Document::parse(&picture.svg).unwrap();
    let elements = svg.descendants().filter(|node| node.has_tag_name(element));
    elements.filter_map(|node| Some(node.attribute(attribute)?.to_owned())).collect()
}

#[test]
fn runs_of_one_time_are_equally_high() {
    let (short, long) = (samples("a", &[500, 1_000]), samples("b", &[8_000, 1_000]));
    let both = chart::together([("a", &short), ("b", &long)]).unwrap();
    both.iter().for_each(well_formed);
    let dots: Vec<_> =
        both.iter().map(|picture| all(picture, "circle", "cy")).collect();
    let last = |i: usize| dots[i].last().unwrap();
    assert_eq!(last(0), last(1));
    // Alone, the slowest run is at the top.
    let alone = all(&chart::runs(&short).unwrap(), "circle", "cy");
    assert_ne!(alone.last(), dots[0].last());
}

#[test]
fn queues_share_their_time_and_their_longest() {
    let short = vec![queue("till", &[(0, 1), (1_000, 2), (2_000, 0)], 3_000)];
    let long = vec![queue("a till with a long name", &[(0, 1), (1_000, 9)], 9_000)];
    let both: Vec<Picture> =
        chart::together([("short", &short), ("long", &long)]).unwrap();
    both.iter().for_each(well_formed);
    let texts = |picture: &Picture| {
        let svg = roxmltree::Document::parse(&picture.svg).unwrap();
        let texts = svg.descendants().filter(|node| node.has_tag_name("text"));
        let number = |text: &str| text.trim().parse::<f64>().is_ok();
        texts
            .filter(|node| node.text().is_some_and(number))
            .map(|node| {
                (
                    node.attribute("x").unwrap().to_owned(),
                    node.text().unwrap().to_owned(),
                )
            })
            .collect::<Vec<_>>()
    };
    // The ticks of both axes: the same labels at the same places.
    assert_eq!(texts(&both[0]), texts(&both[1]));
    assert!(!texts(&both[0]).is_empty());
}

#[test]
fn bars_of_one_value_are_equally_long_and_one_label_has_one_colour() {
    let bar = |label: &str, value: f64| Bar::new(label, value).group("all");
    let before = Bars::new("n", [bar("threads", 9.0), bar("async", 24.0)]);
    let after = Bars::new("n", [bar("async", 90.0), bar("a much longer name", 24.0)]);
    let both = chart::together([("before", &before), ("after", &after)]).unwrap();
    both.iter().for_each(well_formed);
    // Behind the card itself, a rectangle for each bar.
    let rects = |attribute| {
        both.iter().map(move |one| all(one, "rect", attribute)[1..].to_vec())
    };
    let widths: Vec<_> = rects("width").collect();
    assert_eq!(widths[0][1], widths[1][1]);
    assert_ne!(widths[0][1], widths[1][0]);
    let colours: Vec<_> = rects("fill").collect();
    assert_eq!(colours[0][1], colours[1][0]);
    assert_ne!(colours[0][0], colours[1][1]);
}

#[test]
fn nothing_cannot_be_drawn_together() {
    let none: [(&str, &Vec<QueueLength>); 0] = [];
    let error = chart::together(none).unwrap_err();
    assert!(error.to_string().contains("nothing to draw together"), "{error}");
    let bad = vec![queue("till", &[(5, 1), (3, 0)], 9)];
    let error = chart::together([("bad", &bad)]).unwrap_err();
    assert!(error.to_string().contains("`till`"), "{error}");
}

#[test]
fn timelines_share_their_time_and_their_colours() {
    let short =
        trace(&[("a", 1)], &[(0, "late", 1_000, 2_000, 0), (0, "early", 0, 900, 0)]);
    let long = trace(
        &[("a long name", 1)],
        &[(0, "early", 0, 4_000, 0), (0, "late", 4_100, 8_000, 0)],
    );
    let both = chart::together([("short", &short), ("long", &long)]).unwrap();
    both.iter().for_each(well_formed);
    // Where the bar of this colour begins, and how wide it is.
    let bars = |picture: &Picture, fill: &str| {
        let svg = roxmltree::Document::parse(&picture.svg).unwrap();
        let bars = svg.descendants().filter(|node| {
            node.has_tag_name("rect") && node.attribute("fill") == Some(fill)
        });
        let number = |node: &roxmltree::Node<'_, '_>, name| -> f64 {
            node.attribute(name).unwrap().parse().unwrap()
        };
        // The first is the sign in the legend.
        bars.map(|bar| (number(&bar, "x"), number(&bar, "width"))).next_back().unwrap()
    };
    // Blue is `late`, orange `early`, in both.
    let (blue, orange) = ("#0072B2", "#E69F00");
    let near = |a: f64, b: f64| assert!((a - b).abs() < 40.0, "{a} is not {b}");
    near(bars(&both[0], orange).0, bars(&both[1], orange).0);
    near(bars(&both[0], orange).1 * 4_000.0 / 900.0, bars(&both[1], orange).1);
    near(bars(&both[0], blue).1 * 3.9, bars(&both[1], blue).1);
}
