//! A picture: an SVG for a page, a text for everybody else.

use super::html;

/// A finished picture: an SVG document and a text that says the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it shows, in a few words.
    pub title: String,
    /// What there is to see in it, in a sentence or two.
    pub description: String,
    /// A complete SVG document.
    pub svg: String,
    /// The same for a terminal: mostly a table.
    pub text: String,
}

impl Picture {
    /// The picture as an `<img>` with its description, for a page; its text is below, to be
    /// opened, and a tall one scrolls.
    ///
    /// An image of its own rather than inline SVG: pages of other people's notebooks show
    /// it without running anything, and names inside two pictures cannot clash.
    pub fn to_html(&self) -> String {
        html::of(self)
    }
}
