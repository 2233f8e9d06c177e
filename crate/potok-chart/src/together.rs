//! Pictures that are made to be compared: one scale, and one colour for one label.
//!
//! ```
//! use potok::prelude::*;
//!
//! let short = measure("1 ms of work", 5, || busy(ms(1)))?;
//! let long = measure("4 ms of work", 5, || busy(ms(4)))?;
//! let both = chart::together([("one", &short), ("four times as much", &long)])?;
//! assert_eq!(both.len(), 2);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: each picture by itself would fill its width, and 80 ms would look like
//! 160 ms. Here a pixel means the same in all of them.

use crate::display::Picture;
use crate::words;
use potok_base::error::{Error, Result};

/// Data that can be drawn on a scale that it shares with others of its kind.
///
/// A picture by itself is drawn on the scale of nobody else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot share its scale with others",
    note = "traces, samples, lists of queue lengths and `chart::Bars` can: \
            `chart::together([(\"before\", &a), (\"after\", &b)])`"
)]
pub trait Together {
    /// What the pictures have in common: the ends of their axes, the room for names, the
    /// colour of each label.
    type Scale;

    /// The scale on which all of these have room. Called before anything is checked: it
    /// takes whatever data there is.
    fn scale(all: &[&Self]) -> Self::Scale;

    /// Draws this one on it.
    ///
    /// # Errors
    /// What keeps it from being drawn.
    fn draw_on(&self, title: &str, scale: &Self::Scale) -> Result<Picture>;
}

/// Draws several traces, samples, lists of queue lengths or bars so that they can be
/// compared: on one scale, the same label in the same colour.
///
/// # Errors
/// Nothing to draw; what keeps one of them from being drawn.
///
/// # Examples
/// ```
/// use potok::prelude::*;
/// use potok::trace::QueueLength;
/// let one = vec![QueueLength::new("till", [ms(0), ms(1), ms(2)], [ms(3), ms(6)], ms(9))];
/// let two = vec![QueueLength::new("till", [ms(0), ms(1), ms(2)], [ms(2), ms(3)], ms(4))];
/// let both = chart::together([("one till", &one), ("two tills", &two)])?;
/// assert_eq!(both[1].title, "two tills");
/// # Ok::<(), potok::Error>(())
/// ```
pub fn together<'a, S: AsRef<str>, T: Together + ?Sized + 'a>(
    charts: impl IntoIterator<Item = (S, &'a T)>,
) -> Result<Vec<Picture>> {
    let (titles, data): (Vec<S>, Vec<&T>) = charts.into_iter().unzip();
    if data.is_empty() {
        return Err(Error::invalid(words::nothing_together()));
    }
    let scale = T::scale(&data);
    titles
        .iter()
        .zip(data)
        .map(|(title, one)| one.draw_on(title.as_ref(), &scale))
        .collect()
}

/// Draws one alone, on its own scale.
pub(crate) fn alone<T: Together + ?Sized>(title: &str, one: &T) -> Result<Picture> {
    one.draw_on(title, &T::scale(&[one]))
}
