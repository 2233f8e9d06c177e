//! How a value reaches the page: the only part of potok that writes to a cell's output.
//!
//! ```
//! use potok::prelude::*;
//!
//! let trace = record(|rec| rec.span("work", || busy(ms(1))));
//! show(&trace);                                 // anywhere in a cell; or name it last
//! assert!(trace.picture().unwrap().text.contains("work"));
//! ```
//!
//! *What to notice*: a picture always has two forms, an SVG and a text that says the
//! same, so it reaches a browser, a terminal and a screen reader.
//!
//! evcxr keeps one output of each kind for a cell, the last one. So pictures of the same
//! cell are collected here and sent again together; a new cell starts a new collection.

use crate::error::{Error, Result};
use crate::sys;
use std::fmt::{Display, Write as _};
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

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

/// A value that has a picture. Name it last in a cell, or pass it to [`show`].
pub trait Show {
    /// Draws the value.
    ///
    /// # Errors
    /// What keeps it from being drawn; [`show`] prints it in the picture's place.
    fn picture(&self) -> Result<Picture>;

    /// All pictures of the value: one, unless it is a collection.
    fn pictures(&self) -> Vec<Result<Picture>> {
        vec![self.picture()]
    }

    /// Called by evcxr for the value that a cell ends with.
    fn evcxr_display(&self)
    where
        Self: Sized,
    {
        show(self);
    }
}

/// Shows a value on the page below the cell, or as text in an ordinary program.
///
/// Several pictures of one cell stand beside each other, or below where there is no room.
pub fn show(value: &impl Show) {
    let shown = value.pictures().into_iter().map(|picture| match picture {
        Ok(picture) => Shown { html: picture.to_html(), text: picture.text },
        Err(error) => Shown::error(&error),
    });
    static CELL: Mutex<(u64, Vec<Shown>)> = Mutex::new((0, vec![]));
    let mut cell = CELL.lock().unwrap_or_else(PoisonError::into_inner);
    if !in_notebook() {
        return print(&plain(&shown.collect::<Vec<_>>()));
    }
    let this_cell = sys::newest_cell();
    if cell.0 != this_cell {
        *cell = (this_cell, vec![]);
    }
    cell.1.extend(shown);
    let html: String = cell.1.iter().map(|shown| format!("{}\n", shown.html)).collect();
    print(&format!(
        "EVCXR_BEGIN_CONTENT text/html\n{html}EVCXR_END_CONTENT\n\
         EVCXR_BEGIN_CONTENT text/plain\n{}EVCXR_END_CONTENT\n",
        plain(&cell.1)
    ));
}

/// One thing below a cell.
struct Shown {
    html: String,
    text: String,
}

impl Shown {
    fn error(error: &Error) -> Self {
        let text = format!("Nothing to draw: {error}");
        let html = format!(
            "<p><strong>Nothing to draw:</strong> {}</p>",
            escape(&error.to_string())
        );
        Shown { html, text }
    }
}

impl Picture {
    /// The picture as an `<img>` with its description, for a page.
    ///
    /// An image of its own rather than inline SVG: pages of other people's notebooks show
    /// it without running anything, and names inside two pictures cannot clash.
    pub fn to_html(&self) -> String {
        let alt = escape(&format!("{}. {}", self.title, self.description));
        let mut source = String::with_capacity(self.svg.len() * 5 / 4);
        for c in self.svg.chars() {
            match c {
                '\n' => source.push(' '),
                '"' | '#' | '%' | '&' | '<' | '>' => {
                    let _ = write!(source, "%{:02X}", u32::from(c));
                }
                c => source.push(c),
            }
        }
        format!(r#"<img alt="{alt}" src="data:image/svg+xml;charset=utf-8,{source}">"#)
    }
}

impl Show for Picture {
    fn picture(&self) -> Result<Picture> {
        Ok(self.clone())
    }
}

impl<T: Show, E: Display> Show for std::result::Result<T, E> {
    fn picture(&self) -> Result<Picture> {
        match self {
            Ok(value) => value.picture(),
            Err(error) => Err(Error::invalid(error.to_string())),
        }
    }

    fn pictures(&self) -> Vec<Result<Picture>> {
        match self {
            Ok(value) => value.pictures(),
            Err(_) => vec![self.picture()],
        }
    }
}

impl<T: Show> Show for [T] {
    fn picture(&self) -> Result<Picture> {
        let first =
            self.first().ok_or_else(|| Error::invalid("an empty list of pictures"))?;
        first.picture()
    }

    fn pictures(&self) -> Vec<Result<Picture>> {
        if self.is_empty() {
            return vec![self.picture()];
        }
        self.iter().flat_map(Show::pictures).collect()
    }
}

impl<T: Show, const N: usize> Show for [T; N] {
    fn picture(&self) -> Result<Picture> {
        self.as_slice().picture()
    }

    fn pictures(&self) -> Vec<Result<Picture>> {
        self.as_slice().pictures()
    }
}

impl<T: Show> Show for Vec<T> {
    fn picture(&self) -> Result<Picture> {
        self.as_slice().picture()
    }

    fn pictures(&self) -> Vec<Result<Picture>> {
        self.as_slice().pictures()
    }
}

impl<A: Show, B: Show> Show for (A, B) {
    fn picture(&self) -> Result<Picture> {
        self.0.picture()
    }

    fn pictures(&self) -> Vec<Result<Picture>> {
        [self.0.pictures(), self.1.pictures()].concat()
    }
}

/// Whether this process runs the cells of a notebook.
pub(crate) fn in_notebook() -> bool {
    std::env::var_os("EVCXR_IS_RUNTIME").is_some()
}

/// The text forms below each other. No line may look like one of the kernel's commands.
fn plain(shown: &[Shown]) -> String {
    let texts: Vec<&str> = shown.iter().map(|shown| shown.text.trim_end()).collect();
    let mut plain = texts.join("\n\n");
    plain.push('\n');
    plain.replace("\nEVCXR_", "\n EVCXR_")
}

/// Text made safe for HTML and for an attribute; a line break becomes a space.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// One locked write, so that no other thread's line lands in between. A closed output
/// is no reason to end a program.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(text: &str) -> Picture {
        Picture {
            title: "a <b> \"c\"".into(),
            description: "two\nlines".into(),
            svg: "<svg xmlns=\"http://www.w3.org/2000/svg\"><text>50 % #1 поток</text></svg>".into(),
            text: text.into(),
        }
    }

    #[test]
    fn a_page_gets_one_line_that_nothing_can_break_out_of() {
        let html = picture("x").to_html();
        assert!(!html.contains('\n'));
        assert_eq!(html.matches('<').count(), 1);
        assert_eq!(html.matches('"').count(), 4);
        assert!(html.contains("a &lt;b&gt; &quot;c&quot;. two lines"));
        assert!(html.contains("50 %25 %231 поток"));
    }

    #[test]
    fn text_cannot_be_read_as_a_command_of_the_kernel() {
        let shown = [Shown {
            html: String::new(),
            text: "a\nEVCXR_EXECUTION_COMPLETE\n".into(),
        }];
        let text = plain(&shown);
        assert!(text.lines().all(|line| !line.starts_with("EVCXR_")), "{text:?}");
    }

    #[test]
    fn an_error_is_shown_in_the_place_of_its_picture() {
        let failed: Result<Picture> = Err(Error::invalid("no <workers>"));
        let pictures = (picture("x"), failed).pictures();
        assert!(pictures[0].is_ok());
        let shown = Shown::error(pictures[1].as_ref().unwrap_err());
        assert_eq!(shown.text, "Nothing to draw: no <workers>");
        assert!(shown.html.contains("no &lt;workers&gt;"));
    }

    #[test]
    fn an_empty_list_says_so() {
        let none: Vec<Picture> = vec![];
        assert!(none.pictures()[0].as_ref().unwrap_err().to_string().contains("empty"));
    }
}
