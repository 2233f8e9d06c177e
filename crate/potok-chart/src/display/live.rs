//! A picture that changes while its cell runs.
//!
//! ```
//! use potok::display::Live;
//! use potok::prelude::*;
//!
//! let live = Live::new();
//! for n in 1..=3 {
//!     let trace = record(|rec| (0..n).for_each(|_| rec.span("work", || busy(ms(1)))));
//!     live.update(&trace);
//! }
//! live.finish();                                       // the last frame stays
//! ```
//!
//! *What to notice*: frames are seen in potok's own kernel, ten in a second at most. A
//! stock kernel and an ordinary program show the last one alone.

use super::{Piece, Show, joined, plain, show_all};
use potok_base::kernel;
use potok_base::sync::{lock, unpoisoned};
use potok_base::sys;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The least time between two frames; and the most, however long drawing takes.
const BETWEEN: (Duration, Duration) =
    (Duration::from_millis(100), Duration::from_millis(200));

/// A larger frame is shown only if it is the last.
const LARGEST_FRAME: usize = 512 * 1024;

/// When a cell has sent this much, only last frames are shown.
const LARGEST_CELL: usize = 16 * 1024 * 1024;

/// One place on the page whose picture changes. Threads may share it.
#[derive(Debug)]
pub struct Live {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    page: kernel::Shown,
    /// The last value, and whether it is on the page.
    last: Vec<Piece>,
    sent: bool,
    next: Instant,
}

impl Live {
    /// A place with nothing in it yet.
    pub fn new() -> Self {
        let page = kernel::Shown::new();
        let state = State { page, last: vec![], sent: true, next: Instant::now() };
        Live { state: Mutex::new(state) }
    }

    /// Puts this in the place of the picture that was there.
    pub fn update(&self, value: &impl Show) {
        let begin = Instant::now();
        let last = value.pieces();
        let mut state = self.lock();
        (state.last, state.sent) = (last, false);
        if !kernel::listens() || state.next > begin {
            return;
        }
        let size: usize =
            state.last.iter().map(|piece| piece.html.len() + piece.text.len()).sum();
        if size <= LARGEST_FRAME && spend(size) {
            state.send();
        }
        // Drawing shall not take the time of what is drawn.
        let pause = (begin.elapsed() * 4).clamp(BETWEEN.0, BETWEEN.1);
        state.next = begin + pause;
    }

    /// The last update stays on the page. Dropping it does the same.
    pub fn finish(self) {}

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    fn send(&mut self) {
        self.page.show(&joined(&self.last), &plain(&self.last));
        self.sent = true;
    }
}

impl Default for Live {
    fn default() -> Self {
        Live::new()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let state = unpoisoned(self.state.get_mut());
        if state.sent {
            return;
        }
        if kernel::listens() {
            state.send();
        } else {
            show_all(std::mem::take(&mut state.last));
        }
    }
}

/// Takes what was shown live below the cell off the page. In a stock kernel nothing is
/// live, and nothing happens.
///
/// # Examples
/// ```
/// potok::display::clear();
/// ```
pub fn clear() {
    kernel::send(r#"{"op":"clear"}"#);
}

/// Counts the bytes of the present cell; whether these still fit.
fn spend(bytes: usize) -> bool {
    static CELL: Mutex<(u64, usize)> = Mutex::new((0, 0));
    let mut cell = lock(&CELL);
    let this_cell = sys::newest_cell();
    if cell.0 != this_cell {
        *cell = (this_cell, 0);
    }
    cell.1 += bytes;
    cell.1 <= LARGEST_CELL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::Picture;

    #[test]
    fn only_the_last_frame_is_kept_where_nobody_listens() {
        let live = Live::new();
        for text in ["one", "two"] {
            live.update(&Picture {
                title: String::new(),
                description: String::new(),
                svg: String::new(),
                text: text.into(),
            });
        }
        let state = live.lock();
        assert_eq!(state.last.len(), 1);
        assert_eq!(state.last[0].text, "two");
        assert!(!state.sent);
    }

    #[test]
    fn the_bytes_of_a_cell_have_an_end() {
        assert!(spend(1));
        assert!(!spend(LARGEST_CELL));
    }
}
