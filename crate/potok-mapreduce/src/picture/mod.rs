//! The slide's diagram, drawn from a run: input, splitting, mapping, shuffling, reducing,
//! final result.
//!
//! A small run is drawn with every pair. A large one is drawn with amounts: lines as wide
//! as what goes along them, and a bar for what each reducer got.

//!
//! ```
//! use potok::{chart, map_reduce::{MapReduce, SLIDE}};
//! let run = MapReduce::new(
//!     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
//!     |_word, counts| counts.sum::<u64>(),
//! )
//! .over(SLIDE)
//! .run()?;
//! assert!(chart::flow("Word count", &run.flow)?.svg.contains("Deer Bear River"));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! * `content`: what stands in the boxes. `columns`: where they stand. `text`: the text.

mod columns;
mod content;
mod text;

use self::text::size;
use crate::words;
use crate::{Flow, Run, Shuffled};
use potok_base::error::{Error, Result};
use potok_base::language::noun::{KEY, PAIR, RECORD, REDUCER, SPLIT};
use potok_chart::card::{Card, HIGHEST, MARGIN};
use potok_chart::display::{Picture, Show};
use potok_chart::units::{count, number};

/// Draws what went where in a run.
///
/// # Errors
/// A run without any input.
///
/// # Examples
/// ```
/// use potok::{chart, map_reduce::{MapReduce, SLIDE}};
/// let run = MapReduce::new(
///     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
///     |_word, counts| counts.sum::<u64>(),
/// )
/// .over(SLIDE)
/// .run()?;
/// let picture = chart::flow("Word count", &run.flow)?;
/// assert!(picture.svg.contains("Deer Bear River"));
/// assert!(picture.text.contains("1 1 1"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn flow(title: &str, flow: &Flow) -> Result<Picture> {
    if flow.maps.is_empty() {
        return Err(Error::invalid(words::no_input()));
    }
    let small = flow.is_complete()
        && flow.maps.len() <= 8
        && flow.emitted() <= 48
        && flow.keys() <= 12;
    let columns =
        if small { content::every_pair(flow) } else { content::amounts(flow) };
    let Shuffled { pairs, bytes } = flow.shuffled();
    let combiner = if flow.combined { words::combiner() } else { words::no_combiner() };
    let disk = match flow.spilled {
        0 => String::new(),
        bytes => words::through_disk(size(bytes)),
    };
    let facts = words::flow(
        count(flow.maps.iter().map(|map| map.records as usize).sum(), RECORD),
        count(flow.maps.len(), SPLIT),
        count(flow.emitted() as usize, PAIR),
        number(pairs as f64),
        size(bytes),
        count(flow.reduces.len(), REDUCER),
        count(flow.keys() as usize, KEY),
    ) + "; "
        + combiner
        + &disk;
    let card = Card {
        title: title.to_owned(),
        facts,
        legend: vec![],
        description: text::describe(flow),
        text: if small { text::pairs(flow) } else { text::amounts(flow) },
    };
    let top = card.top() + 24.0;
    let columns = columns.within(HIGHEST - MARGIN - top);
    let height = columns.height();
    card.draw(top + height, |canvas| columns.draw(canvas, top, height))
}

/// A run shows its flow.
impl<K, O> Show for Run<K, O> {
    fn picture(&self) -> Result<Picture> {
        flow(words::title(), &self.flow)
    }
}

/// A flow shows itself.
impl Show for Flow {
    fn picture(&self) -> Result<Picture> {
        flow(words::title(), self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MapReduce, SLIDE, Zipf};

    fn word_count() -> MapReduce<str, str, u64, u64> {
        MapReduce::new(
            |line: &str, emit| line.split(' ').for_each(|word| emit(word, 1)),
            |_word, counts| counts.sum::<u64>(),
        )
    }

    fn texts(picture: &Picture) -> Vec<String> {
        let svg = roxmltree::Document::parse(&picture.svg).unwrap();
        let texts = svg.descendants().filter(|node| node.has_tag_name("text"));
        texts.map(|node| node.text().unwrap_or_default().trim().to_owned()).collect()
    }

    #[test]
    fn the_slide_is_drawn_with_each_pair() {
        let run = word_count().over(SLIDE).run().unwrap();
        let texts = texts(&run.picture().unwrap());
        let count = |text: &str| texts.iter().filter(|other| *other == text).count();
        // Mapped and shuffled; reduced and in the result.
        assert_eq!((count("Car, 1"), count("Car, 3")), (6, 2));
        assert_eq!((count("River, 1"), count("River, 2")), (4, 2));
        assert_eq!(count("Deer Bear River"), 2);
        assert!(columns::headings().iter().all(|heading| count(heading) == 1));
    }

    #[test]
    fn a_large_run_is_drawn_with_amounts() {
        let text = Zipf::english(1).text(300_000);
        let run = word_count().splits(40).reducers(30).over(text).run().unwrap();
        let picture = run.picture().unwrap();
        assert!(texts(&picture).contains(&"36 more".to_owned()));
        assert!(picture.svg.len() < 60_000 && picture.text.lines().count() < 60);
    }

    /// The height that a document says it has.
    fn height(picture: &Picture) -> f64 {
        let svg = roxmltree::Document::parse(&picture.svg).unwrap();
        svg.root_element().attribute("height").unwrap().parse().unwrap()
    }

    #[test]
    fn a_cell_and_its_flow_fit_a_screen() {
        let run = |job: MapReduce<str, str, u64, u64>| {
            let text = Zipf::english(1).text(300_000);
            job.over(text).run().unwrap().picture().unwrap()
        };
        for (splits, reducers) in [(1, 1), (5, 4), (6, 6), (40, 30)] {
            let picture = run(word_count().splits(splits).reducers(reducers));
            assert!(height(&picture) <= HIGHEST, "{splits}, {reducers}: {picture:?}");
        }
        let own = "we wait for a lock\na lock waits for us\nwe wait till we run";
        let own = word_count().over(own).run().unwrap().picture().unwrap();
        assert!(height(&own) <= HIGHEST + 30.0, "{}", height(&own));
    }

    #[test]
    fn any_key_is_harmless() {
        let run = word_count().over("<b> \"&\u{202e} \u{0}").run().unwrap();
        let picture = run.picture().unwrap();
        assert!(roxmltree::Document::parse(&picture.svg).is_ok());
        let none = word_count().over("").run().unwrap();
        assert!(none.picture().unwrap_err().to_string().contains("no input"));
    }
}
