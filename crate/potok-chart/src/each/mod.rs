//! A picture for each of several values, behind a slider.
//!
//! ```
//! use potok::prelude::*;
//!
//! let naps = chart::each("milliseconds", [1, 2, 4], |n| {
//!     record(|rec| rec.span("nap", || wait(ms(n))))
//! })?;
//! assert_eq!(naps.pictures().len(), 3);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: a picture of one run answers one question, and a class asks "and with
//! three?". All pictures are made ahead, so a slider turns them without a kernel too.
//!
//! * `setting`: what a slider can stand at.
//! * `page`: the slider, and what is there where scripts do not run.

mod page;
mod setting;

pub use setting::Setting;

use crate::display::{Picture, Piece, Show};
use crate::label;
use crate::together::{Together, together};
use crate::words;
use potok_base::error::{Error, Result};
use potok_base::units::fixed;
use std::fmt::Display;

/// A slider has this many places at most, and its pictures take this many bytes.
const MOST: usize = 40;
const MOST_BYTES: usize = 4_000_000;

/// Pictures for several values of one thing, shown one at a time.
#[derive(Clone, Debug)]
pub struct Each {
    label: String,
    frames: Vec<Frame>,
}

/// What is shown at one value.
#[derive(Clone, Debug)]
struct Frame {
    value: String,
    pictures: Vec<Result<Picture>>,
}

/// Makes the picture for each of these values, one after the other. They are shown behind
/// a slider, with `label` before it and the value behind it; where scripts do not run, the
/// first, a middle and the last are shown. The text has all of them.
///
/// Each picture has a scale of its own; [`each_together`] gives them one.
///
/// # Errors
/// No value, too many, or more than 4 MB of pictures. What keeps one of them from being
/// drawn is shown in its place.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let shop = Shop::queues(2).customers(4).brew(ms(1));
/// let days = chart::each("machines", [1, 2], |n| shop.machines(n).run().map(|day| day.trace()))?;
/// assert!(days.pieces()[0].text.contains("machines: 2"));
/// # Ok::<(), potok::Error>(())
/// ```
pub fn each<V: Setting, P: Show>(
    label: &str,
    values: impl IntoIterator<Item = V>,
    mut picture: impl FnMut(V) -> P,
) -> Result<Each> {
    let label = &*label::clean(label);
    let frames = values.into_iter().take(MOST + 1).map(|value| {
        let name = value.named();
        Frame { value: name, pictures: picture(value).pictures() }
    });
    checked(label, frames.collect())
}

/// Like [`each`], of data that can be drawn on one scale: a pixel means the same at each
/// value, as with [`together`](crate::together).
///
/// # Errors
/// As [`each`]; and the first that `data` fails with, or that cannot be drawn.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// let shop = Shop::queues(2).customers(4).brew(ms(1));
/// let days = chart::each_together("machines", [1, 2], |n| {
///     shop.machines(n).run().map(|day| day.queue_lengths())
/// })?;
/// assert_eq!(days.pictures()[1].as_ref().unwrap().title, "machines: 2");
/// # Ok::<(), potok::Error>(())
/// ```
pub fn each_together<V: Setting, T: Together, E: Display>(
    label: &str,
    values: impl IntoIterator<Item = V>,
    mut data: impl FnMut(V) -> std::result::Result<T, E>,
) -> Result<Each> {
    let label = &*label::clean(label);
    let mut all = vec![];
    for value in values.into_iter().take(MOST + 1) {
        let name = value.named();
        let title = caption(label, &name);
        let data = data(value).map_err(|why| Error::invalid(format!("{title}: {why}")));
        all.push((name, title, data?));
    }
    if all.is_empty() {
        return checked(label, vec![]);
    }
    let pictures = together(all.iter().map(|(_, title, data)| (title, data)))?;
    let frames = all.iter().zip(pictures).map(|((value, ..), picture)| Frame {
        value: value.clone(),
        pictures: vec![Ok(picture)],
    });
    checked(label, frames.collect())
}

/// `machines: 2`
fn caption(label: &str, value: &str) -> String {
    format!("{label}: {value}")
}

/// The pictures, if a page can bear them.
fn checked(label: &str, frames: Vec<Frame>) -> Result<Each> {
    let pictures = frames.iter().flat_map(|frame| &frame.pictures).flatten();
    let bytes: usize = pictures.map(|one| one.svg.len() + one.text.len()).sum();
    let why = match frames.len() {
        0 => words::no_values(label),
        n if n > MOST => words::too_many_values(label, MOST),
        _ if bytes > MOST_BYTES => {
            let [found, most] = [bytes, MOST_BYTES].map(|n| fixed(n as f64 / 1e6, 1));
            words::too_many_bytes(label, found, most)
        }
        _ => return Ok(Each { label: label.to_owned(), frames }),
    };
    Err(Error::invalid(why))
}

impl Show for Each {
    /// That of the first value.
    fn picture(&self) -> Result<Picture> {
        match self.pictures().into_iter().next() {
            Some(first) => first,
            None => Err(Error::invalid(words::no_values(&self.label))),
        }
    }

    /// Those of all values, in their order.
    fn pictures(&self) -> Vec<Result<Picture>> {
        self.frames.iter().flat_map(|frame| frame.pictures.clone()).collect()
    }

    fn pieces(&self) -> Vec<Piece> {
        vec![page::of(self)]
    }
}

#[cfg(test)]
mod tests;
