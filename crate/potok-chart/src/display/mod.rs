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
//!
//! * `picture`: what a picture is. `html`: how a page gets it. `script`: what can be turned.
//! * `live`: a picture that changes while a cell runs.
//! * `frames`, `record`: timelines that grow while threads run.
//! * `print`: text that is seen before its line ends.

mod frames;
mod html;
mod live;
mod picture;
mod print;
mod record;
mod script;

pub use live::{Live, clear};
pub use picture::Picture;
pub use potok_base::progress::ProgressBar;
#[doc(hidden)]
pub use print::{flush, one_line};
pub use record::{Page, record_live};
pub use script::{script_list, script_text, scripted};

use crate::words;
pub(crate) use html::escape;
use potok_base::error::{Error, Result};
use potok_base::output::{harmless, print};
use potok_base::sync::lock;
use potok_base::sys;
use std::fmt::Display;
use std::sync::Mutex;

/// A value that has a picture. Name it last in a cell, or pass it to [`show`].
///
/// A number has none:
/// ```compile_fail,E0277
/// potok::display::show(&5);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no picture",
    label = "nothing to draw",
    note = "what `record`, `measure`, `Speedup::measure`, `explore` and the charts give has a \
            picture; so have lists and pairs of those",
    note = "any other value: name it last in the cell, or `println!(\"{{value:?}}\")`"
)]
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

    /// What a page gets: a piece for each picture, unless the value has a form of its own.
    fn pieces(&self) -> Vec<Piece> {
        self.pictures().iter().map(Piece::of).collect()
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
    show_all(value.pieces());
}

fn show_all(shown: Vec<Piece>) {
    static CELL: Mutex<(u64, Vec<Piece>)> = Mutex::new((0, vec![]));
    let mut cell = lock(&CELL);
    if !in_notebook() {
        return print(plain(&shown).as_bytes());
    }
    let this_cell = sys::newest_cell();
    if cell.0 != this_cell {
        *cell = (this_cell, vec![]);
    }
    cell.1.extend(shown);
    let html = joined(&cell.1);
    let content = format!(
        "EVCXR_BEGIN_CONTENT text/html\n{html}EVCXR_END_CONTENT\n\
         EVCXR_BEGIN_CONTENT text/plain\n{}EVCXR_END_CONTENT\n",
        plain(&cell.1)
    );
    print(content.as_bytes());
}

/// The pictures beside each other, one on a line. No line may be one of the kernel's
/// commands: a title may have lines of its own.
fn joined(shown: &[Piece]) -> String {
    let html: String = shown.iter().map(|shown| format!("{}\n", shown.html)).collect();
    without_commands(&html)
}

/// One thing below a cell, for a page and for a terminal.
#[derive(Clone, Debug)]
pub struct Piece {
    /// A part of a page.
    pub html: String,
    /// The same in words.
    pub text: String,
}

impl Piece {
    /// A picture, or what kept it from being drawn.
    pub(crate) fn of(picture: &Result<Picture>) -> Self {
        match picture {
            Ok(picture) => {
                Piece { html: picture.to_html(), text: picture.text.clone() }
            }
            Err(error) => Piece::error(error),
        }
    }

    fn error(error: &Error) -> Self {
        let nothing = words::nothing_to_draw();
        let text = format!("{nothing}: {error}");
        let html = format!(
            "<p><strong>{nothing}:</strong> {}</p>",
            escape(&error.to_string())
        );
        Piece { html, text }
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

    fn pieces(&self) -> Vec<Piece> {
        match self {
            Ok(value) => value.pieces(),
            Err(_) => self.pictures().iter().map(Piece::of).collect(),
        }
    }
}

impl<T: Show> Show for [T] {
    fn picture(&self) -> Result<Picture> {
        let first = self.first().ok_or_else(|| Error::invalid(words::empty_list()))?;
        first.picture()
    }

    fn pictures(&self) -> Vec<Result<Picture>> {
        if self.is_empty() {
            return vec![self.picture()];
        }
        self.iter().flat_map(Show::pictures).collect()
    }

    fn pieces(&self) -> Vec<Piece> {
        if self.is_empty() {
            return self.pictures().iter().map(Piece::of).collect();
        }
        self.iter().flat_map(Show::pieces).collect()
    }
}

impl<T: Show, const N: usize> Show for [T; N] {
    fn picture(&self) -> Result<Picture> {
        self.as_slice().picture()
    }

    fn pictures(&self) -> Vec<Result<Picture>> {
        self.as_slice().pictures()
    }

    fn pieces(&self) -> Vec<Piece> {
        self.as_slice().pieces()
    }
}

impl<T: Show> Show for Vec<T> {
    fn picture(&self) -> Result<Picture> {
        self.as_slice().picture()
    }

    fn pictures(&self) -> Vec<Result<Picture>> {
        self.as_slice().pictures()
    }

    fn pieces(&self) -> Vec<Piece> {
        self.as_slice().pieces()
    }
}

impl<A: Show, B: Show> Show for (A, B) {
    fn picture(&self) -> Result<Picture> {
        self.0.picture()
    }

    fn pictures(&self) -> Vec<Result<Picture>> {
        [self.0.pictures(), self.1.pictures()].concat()
    }

    fn pieces(&self) -> Vec<Piece> {
        [self.0.pieces(), self.1.pieces()].concat()
    }
}

/// Whether this process runs the cells of a notebook.
pub fn in_notebook() -> bool {
    std::env::var_os("EVCXR_IS_RUNTIME").is_some()
}

/// The text forms below each other. No line may look like one of the kernel's commands.
fn plain(shown: &[Piece]) -> String {
    let texts: Vec<&str> = shown.iter().map(|shown| shown.text.trim_end()).collect();
    let mut plain = texts.join("\n\n");
    plain.push('\n');
    without_commands(&plain)
}

/// The text with no line that is a command, the first one included.
fn without_commands(text: &str) -> String {
    String::from_utf8_lossy(&harmless(text.as_bytes())).into_owned()
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
    fn text_cannot_be_read_as_a_command_of_the_kernel() {
        let commands = ["EVCXR_END_CONTENT", "EVCXR_EXECUTION_COMPLETE"];
        for command in commands {
            for said in [command.to_owned(), format!("a\n{command}\nb")] {
                let shown = [Piece { html: said.clone(), text: said }];
                for text in [plain(&shown), joined(&shown)] {
                    assert!(text.contains(command), "{text:?}");
                    assert!(text.lines().all(|line| line != command), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn an_error_is_shown_in_the_place_of_its_picture() {
        let failed: Result<Picture> = Err(Error::invalid("no <workers>"));
        let pictures = (picture("x"), failed).pictures();
        assert!(pictures[0].is_ok());
        let shown = Piece::error(pictures[1].as_ref().unwrap_err());
        assert_eq!(shown.text, "Nothing to draw: no <workers>");
        assert!(shown.html.contains("no &lt;workers&gt;"));
    }

    #[test]
    fn an_empty_list_says_so() {
        let none: Vec<Picture> = vec![];
        assert!(none.pictures()[0].as_ref().unwrap_err().to_string().contains("empty"));
    }
}
