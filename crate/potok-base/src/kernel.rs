//! The protocol between potok and its own notebook kernel.
//!
//! The kernel's relay takes a line that begins with a secret mark as a message to itself:
//! "show this picture", "the cell's thread panicked". The mark is in the environment. In a
//! stock evcxr kernel there is none, and no such lines are sent.

use crate::output::{self, json_string};
use crate::sys;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The environment variable that holds the mark.
const MARK: &str = "POTOK_LIVE";

/// Names a file for the address of what the process that runs the cells does first. The
/// kernel starts that process again when a crash or an interrupt has ended it.
const START: &str = "POTOK_START";

/// The mark of this kernel, if it has one and this process runs its cells.
fn mark() -> Option<&'static str> {
    static KNOWN: OnceLock<Option<String>> = OnceLock::new();
    let read = || {
        std::env::var_os("EVCXR_IS_RUNTIME")?;
        std::env::var(MARK).ok().filter(|mark| !mark.is_empty())
    };
    KNOWN.get_or_init(read).as_deref()
}

/// Whether the kernel understands marked lines.
pub fn listens() -> bool {
    mark().is_some()
}

/// Whether what this process says goes to such a kernel at last: a worker of a pool hands it
/// to whoever started it.
pub fn reads() -> bool {
    std::env::var_os(MARK).is_some_and(|mark| !mark.is_empty())
}

/// Sends one message, a JSON object. Without a relay nothing is sent.
pub fn send(object: &str) {
    if let Some(mark) = mark() {
        output::print(format!("{mark} {object}\n").as_bytes());
    }
}

/// The same on standard error, for threads that must not wait for whoever prints.
pub fn send_aside(object: &str) {
    if let Some(mark) = mark() {
        output::print_aside(format!("{mark} {object}\n").as_bytes());
    }
}

/// Has the code that is recorded at `offset` in `object`, a `main`, run first whenever the
/// process that runs the cells is started again.
pub fn at_each_start(object: &str, offset: &str) {
    if let Some(file) = std::env::var_os(START).filter(|_| listens()) {
        // Without it only the messages of panics after a restart are longer.
        let _ = std::fs::write(file, format!("{object}\n{offset}\n"));
    }
}

/// Something shown on the page, which can be replaced.
#[derive(Debug)]
pub struct Shown {
    id: String,
    begun: bool,
}

impl Default for Shown {
    fn default() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        // Other processes of this notebook show things too, before and after this one.
        let id = format!("potok-{}-{:x}-{n}", std::process::id(), sys::monotonic_ns());
        Shown { id, begun: false }
    }
}

impl Shown {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether anything was shown.
    pub fn begun(&self) -> bool {
        self.begun
    }

    /// Replaces what was shown before; returns the length of the message in bytes.
    pub fn show(&mut self, html: &str, text: &str) -> usize {
        let op = if self.begun { "update" } else { "display" };
        self.begun = true;
        let message = format!(
            r#"{{"op":"{op}","id":"{}","data":{{"text/html":{},"text/plain":{}}}}}"#,
            self.id,
            json_string(html),
            json_string(text),
        );
        send(&message);
        message.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_program_has_no_listening_kernel() {
        assert!(!listens() && !reads());
        send("{}");
        send_aside("{}");
    }
}
