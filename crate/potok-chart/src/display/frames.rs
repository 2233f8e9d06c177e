//! Frames drawn while something else runs.

use potok_base::sync::{lock, unpoisoned};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// How often a frame is drawn.
const FRAME: Duration = Duration::from_millis(150);

/// Runs `program`, and meanwhile `draw`, again and again, in a thread of its own. That
/// thread ends before this returns; where there is none for it, there are no frames.
pub(super) fn drawn<R>(draw: impl Fn() + Sync, program: impl FnOnce() -> R) -> R {
    let stop = Stop::default();
    thread::scope(|s| {
        let frames = thread::Builder::new().name("frames".into());
        let frames = frames.spawn_scoped(s, || {
            while !stop.wait() {
                draw();
            }
        });
        // A panic in the program stops the frames too, and goes on from here.
        let _stop = StopAtEnd(&stop);
        drop(frames);
        program()
    })
}

/// Tells the thread that draws that there is nothing more to come.
#[derive(Debug, Default)]
struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    /// Waits for the time of a frame; whether it is the end.
    fn wait(&self) -> bool {
        let stopped = lock(&self.stopped);
        let waited =
            self.changed.wait_timeout_while(stopped, FRAME, |stopped| !*stopped);
        *unpoisoned(waited).0
    }
}

struct StopAtEnd<'a>(&'a Stop);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        *lock(&self.0.stopped) = true;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn frames_are_drawn_until_the_program_ends() {
        let (drawn_one, frames) = channel();
        let draw = move || {
            let _ = drawn_one.send(());
        };
        let limit = Duration::from_secs(60);
        let ended = drawn(draw, || (0..3).all(|_| frames.recv_timeout(limit).is_ok()));
        assert!(ended);
        // The thread is gone, and its end of the channel with it.
        assert!(frames.iter().count() <= 1);
    }
}
