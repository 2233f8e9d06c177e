//! A timeline that is told in words too.

use crate::{Picture, timeline};
use potok_base::error::Result;
use potok_base::trace::Trace;
use std::fmt::Display;

/// A timeline whose text ends with the words of the result that it belongs to.
///
/// # Errors
/// Those of [`timeline`].
pub fn timeline_with_words(
    title: &str,
    trace: &Trace,
    words: &impl Display,
) -> Result<Picture> {
    let mut picture = timeline(title, trace)?;
    picture.text = format!("{}\n\n{words}", picture.text.trim_end());
    Ok(picture)
}
