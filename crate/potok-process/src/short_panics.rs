//! One line for a panic, where a notebook would show twenty.
//!
//! ```
//! use potok::prelude::*;
//!
//! threads::short_panics();
//! let outcome = std::thread::spawn(|| assert!(false, "no coffee")).join();
//! assert!(outcome.is_err());                    // and stderr has one line about it
//! ```
//!
//! *What to notice*: nothing is hidden. Thread and message are there, and the place where
//! its numbers mean something; the backtrace comes back with `RUST_BACKTRACE=full`.

use super::{Code, Export, Main};
use crate::place;
use potok_base::error::panic_message;
use potok_base::kernel;
use potok_base::output::{json_string, print_aside};
use potok_base::panic_hook::{ask_first, keep};
use potok_base::sys;
use std::panic::{Location, PanicHookInfo};
use std::sync::Once;
use std::thread;

/// Makes every panic from now on say `thread 'bob' panicked at file.rs:3:5: message`, in a
/// line. Inside a cell, whose lines have other numbers than its reader sees, the place is
/// left out, or made the cell's line by potok's own kernel. A panic that becomes an error of potok's, such as that of an item of
/// `Parallel`, is said by the error alone.
///
/// Lasts until the process ends; a second call changes nothing. With
/// `RUST_BACKTRACE=full` in the environment panics are reported in full, as before.
///
/// In potok's own kernel it lasts as long as the notebook, and a panic that ends a cell is
/// the cell's error: its message and line are told to the kernel instead.
pub fn short_panics() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        let pid = std::process::id();
        ask_first(move |info| {
            if std::env::var_os("RUST_BACKTRACE").is_some_and(|v| v == "full") {
                return false;
            }
            // The cell's thread is the first of the process that the kernel started; a
            // forked child has another id.
            let (process, id) = here();
            let listens = kernel::listens() && process == pid;
            let is_cells = listens && id == u64::from(pid);
            let current = thread::current();
            let name = if is_cells { Some("main") } else { current.name() };
            let line = one_line(name, info);
            if keep(&line) {
                return true;
            }
            if is_cells {
                kernel::send(&message("panicked", info, &line));
            } else if listens {
                kernel::send_aside(&message("panicked-aside", info, &line));
            } else {
                print_aside(line.as_bytes());
            }
            true
        });
        #[cfg(target_os = "linux")]
        if let Ok(code) = Code::at(START.place()) {
            let [object, offset] = code.to_args();
            kernel::at_each_start(&object, &offset);
        }
    });
}

/// For the kernel, when it has to start the process that runs the cells again.
#[cfg(target_os = "linux")]
static START: Export<Main> = Export::new(|| {
    short_panics();
    0
});

/// The ids of the running process and thread.
fn here() -> (u32, u64) {
    (std::process::id(), sys::thread_id())
}

/// A panic, for the kernel: in the cell's own thread an error if nobody catches it, and
/// this line if somebody does; in another one this line, and perhaps why the cell ends.
fn message(op: &str, info: &PanicHookInfo<'_>, line: &str) -> String {
    let text = panic_message(info.payload());
    let (file, at, column) = info
        .location()
        .map_or(("", 0, 0), |place| (place.file(), place.line(), place.column()));
    let cell = info.location().is_some_and(is_cell);
    let object = info.location().and_then(place::object);
    let object = object.map_or("null".to_owned(), |number| number.to_string());
    format!(
        r#"{{"op":"{op}","text":{},"message":{},"file":{},"line":{at},"column":{column},"cell":{cell},"object":{object}}}"#,
        json_string(line),
        json_string(&text),
        json_string(file),
    )
}

fn one_line(thread: Option<&str>, info: &PanicHookInfo<'_>) -> String {
    let message = panic_message(info.payload());
    let place = info.location().map_or_else(String::new, |place| {
        if !is_cell(place) {
            let file = place.file().rsplit(['/', '\\']).next().unwrap_or_default();
            format!(" at {file}:{}:{}", place.line(), place.column())
        } else if kernel::listens() {
            format!(" at {}", place::told(place))
        } else {
            // A cell is compiled inside a longer file. A line of that file says nothing
            // to the cell's reader, or misleads.
            String::new()
        }
    });
    format!("thread '{}' panicked{place}: {message}\n", thread.unwrap_or("<unnamed>"))
}

/// evcxr compiles each cell as a crate of its own, in the file that crates begin with.
fn is_cell(place: &Location<'_>) -> bool {
    place::is_cell(place) && std::env::var_os("EVCXR_IS_RUNTIME").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn the_line_has_thread_place_and_message() {
        static LINE: Mutex<String> = Mutex::new(String::new());
        ask_first(|info| {
            let bobs = thread::current().name() == Some("bob");
            if bobs {
                *LINE.lock().unwrap() = one_line(Some("bob"), info);
            }
            bobs
        });
        let bob = thread::Builder::new().name("bob".into());
        assert!(bob.spawn(|| panic!("no {}", "coffee")).unwrap().join().is_err());
        let line = LINE.lock().unwrap().clone();
        assert!(
            line.starts_with("thread 'bob' panicked at short_panics.rs:"),
            "{line}"
        );
        assert!(line.ends_with(": no coffee\n"), "{line}");
    }
}
