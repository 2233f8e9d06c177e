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
//! *What to notice*: nothing is hidden. Thread, place and message are all there; only the
//! backtrace is left out, and `RUST_BACKTRACE=full` brings it back.

use std::io::Write;
use std::panic::{self, PanicHookInfo};
use std::sync::Once;
use std::thread;

/// Makes every panic from now on say `thread 'bob' panicked at 3:5: message`, in a line.
///
/// Lasts until the process ends; a second call changes nothing. With
/// `RUST_BACKTRACE=full` in the environment panics are reported in full, as before.
pub fn short_panics() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        let full = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if std::env::var_os("RUST_BACKTRACE").is_some_and(|v| v == "full") {
                return full(info);
            }
            let line = one_line(thread::current().name(), info);
            // A closed stderr is no reason to panic inside a panic.
            let _ = std::io::stderr().lock().write_all(line.as_bytes());
        }));
    });
}

fn one_line(thread: Option<&str>, info: &PanicHookInfo<'_>) -> String {
    let message = info.payload_as_str().unwrap_or("(the panic carried no text)");
    // A cell is compiled in a directory whose name says nothing to its reader.
    let file =
        |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let place = info.location().map_or_else(String::new, |place| {
        format!(" at {}:{}:{}", file(place.file()), place.line(), place.column())
    });
    format!("thread '{}' panicked{place}: {message}\n", thread.unwrap_or("<unnamed>"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn the_line_has_thread_place_and_message() {
        static LINE: Mutex<String> = Mutex::new(String::new());
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| match thread::current().name() {
            Some("bob") => *LINE.lock().unwrap() = one_line(Some("bob"), info),
            _ => before(info),
        }));
        let bob = thread::Builder::new().name("bob".into());
        assert!(bob.spawn(|| panic!("no {}", "coffee")).unwrap().join().is_err());
        let line = LINE.lock().unwrap().clone();
        assert!(line.starts_with("thread 'bob' panicked at panics.rs:"), "{line}");
        assert!(line.ends_with(": no coffee\n"), "{line}");
    }
}
