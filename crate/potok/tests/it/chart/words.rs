//! Pictures of the lecture's own demonstrations say things in one way.

use super::{russian, well_formed};
use potok::chart::Picture;
use potok::coffee;
use potok::gil::Gil;
use potok::prelude::*;
use potok::why::multitasking;

/// A number and a unit of time with no space between them.
fn glued(text: &str) -> Option<&str> {
    let units = ["ns", "µs", "ms", "s", "нс", "мкс", "мс", "с"];
    let ends_word = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric());
    text.char_indices().filter(|(_, c)| c.is_ascii_digit()).find_map(|(at, _)| {
        let rest = &text[at + 1..];
        let unit = units.iter().find_map(|unit| rest.strip_prefix(unit));
        unit.filter(|rest| ends_word(rest)).map(|_| &text[at..])
    })
}

/// Every text of the picture writes 12.3 ms, not 12.3ms.
pub(super) fn has_one_form_of_units(picture: &Picture) {
    let svg = roxmltree::Document::parse(&picture.svg).unwrap();
    let texts = svg.descendants().filter_map(|node| node.text());
    for text in texts.chain([&*picture.text]) {
        assert_eq!(glued(text), None, "in {:?}", picture.title);
    }
}

#[test]
fn units_that_are_glued_to_their_number_are_found() {
    assert_eq!(glued("waited 68.3 ms, 3 spans, 64 s"), None);
    assert_eq!(glued("waited 64ms"), Some("4ms"));
    assert_eq!(glued("in 2s."), Some("2s."));
}

fn counted(text: impl Into<String>) -> map_reduce::Run<String, u64> {
    crate::map_reduce::word_count().over(text.into()).run().unwrap()
}

#[test]
fn demonstrations_have_titles_of_their_own_and_one_form_of_units() {
    let gil = Gil::new().threads(["ann", "bob"], |py| py.busy(ms(12))).unwrap();
    let mut pictures = vec![
        threads::record(["ann", "bob"], |rec| rec.span("sum", || busy(ms(2))))
            .unwrap()
            .picture(),
        Philosophers::new(3).left_fork_first().unwrap().trace.picture(),
        Philosophers::new(3).with_waiter().unwrap().trace.picture(),
        coffee::Shop::queues(2)
            .customers(4)
            .brew(ms(1))
            .run()
            .unwrap()
            .trace()
            .picture(),
        multitasking::frozen(|| busy(ms(20))).unwrap().picture(),
        threads::orders(20, ["ann", "bob"], || ()).unwrap().picture(),
        gil::count_references(2, 1_000).unwrap().picture(),
        counted(SLIDE).picture(),
        chart::flow("Counting bears", &counted("deer bear\n".repeat(40)).flow),
        gil.picture(),
    ];
    if russian::is_spoken() {
        let load = || Load::new(3).wait(ms(2));
        pictures.push(server::event_loop(load()).unwrap().picture());
        pictures.push(server::thread_per_request(load()).unwrap().picture());
    }
    // Not every system lets a thread be pinned or have a priority.
    pictures.extend(scheduling::inversion([0, 5, 19]).map(|run| run.picture()));
    pictures.extend(
        scheduling::take_turns(2, ms(20), Cores::One).map(|turns| turns.picture()),
    );
    let pictures: Vec<Picture> =
        pictures.into_iter().map(|each| each.unwrap()).collect();
    for picture in &pictures {
        well_formed(picture);
        has_one_form_of_units(picture);
        russian::is_whole(picture);
        assert!(picture.title.len() > 8, "{}", picture.title);
    }
    let mut titles: Vec<&str> =
        pictures.iter().map(|picture| &*picture.title).collect();
    titles.sort_unstable();
    titles.dedup();
    assert_eq!(titles.len(), pictures.len(), "{titles:?}");
}
