//! A user interface that must draw every 16 ms beside a heavy job: frozen or smooth.
//!
//! ```
//! use potok::prelude::*;
//!
//! let frozen = multitasking::frozen(|| busy(ms(50)))?;
//! let smooth = multitasking::smooth(|| busy(ms(50)))?;
//! assert!(frozen.longest_freeze >= ms(50));
//! assert!(smooth.frames.len() > frozen.frames.len());
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: the second thread does not make the job faster. It keeps the first
//! one free for the next frame.

use crate::error::{Error, Result};
use crate::trace::{Activity, Recorder, Trace, record};
use crate::words;
use crate::workload::{busy, ms, wait};
use potok_base::panic_hook::caught;
use potok_chart::units::duration;
use std::fmt;
use std::thread;
use std::time::Duration;

/// The time from one frame to the next: about 60 frames a second.
pub const FRAME: Duration = ms(16);
/// Frames before the job and after it, to see the interface undisturbed.
const FRAMES_AROUND: usize = 4;

/// What a user saw while a heavy job ran.
#[derive(Clone, PartialEq)]
pub struct Interface {
    /// The thread of the interface with its frames, and that of the job.
    pub trace: Trace,
    /// When each frame began.
    pub frames: Vec<Duration>,
    /// The longest time from one frame to the next. In a smooth interface, about 16 ms.
    pub longest_freeze: Duration,
    /// How many frames were due and not drawn.
    pub missed: usize,
}

/// Runs `job` on the thread of the interface, between two frames.
///
/// # Errors
/// A panic in `job`.
pub fn frozen<R>(job: impl FnOnce() -> R) -> Result<Interface> {
    interface(|rec, screen| {
        let outcome = caught(|| rec.span(words::heavy_job(), job));
        screen.frame(rec);
        outcome
            .map(|_| ())
            .map_err(|payload| Error::panicked(words::the_job(), &*payload))
    })
}

/// Runs `job` on a thread of its own, while the interface keeps drawing.
///
/// # Errors
/// A panic in `job`; a system that refuses a thread.
pub fn smooth<R: Send>(job: impl FnOnce() -> R + Send) -> Result<Interface> {
    interface(|rec, screen| {
        thread::scope(|s| {
            let job = || {
                rec.span(words::heavy_job(), job);
            };
            let job =
                thread::Builder::new().name(words::job().into()).spawn_scoped(s, job);
            let job = job.map_err(|e| Error::io(words::starting_job(), &e))?;
            while !job.is_finished() {
                screen.frame(rec);
            }
            job.join().map_err(|payload| Error::panicked(words::the_job(), &*payload))
        })
    })
}

/// Draws some frames, runs `middle`, draws some more: all on a thread named `interface`.
fn interface(
    middle: impl FnOnce(&Recorder, &mut Screen) -> Result<()>,
) -> Result<Interface> {
    let mut outcome = Ok(());
    let mut trace = record(|rec| {
        // The caller's thread is the interface, so that a job may borrow from it.
        let mut screen = Screen { next: rec.elapsed() };
        (0..FRAMES_AROUND).for_each(|_| screen.frame(rec));
        outcome = middle(rec, &mut screen);
        (0..FRAMES_AROUND).for_each(|_| screen.frame(rec));
    });
    outcome?;
    let here = thread::current().name().unwrap_or_default().to_owned();
    trace.order_lanes(&[here]);
    if let Some(lane) = trace.lanes.first_mut() {
        lane.name = words::interface().into();
    }
    Ok(seen(trace))
}

/// When the next frame is due.
struct Screen {
    next: Duration,
}

impl Screen {
    /// Waits until the next frame is due and draws it.
    fn frame(&mut self, rec: &Recorder) {
        let early = self.next.saturating_sub(rec.elapsed());
        if !early.is_zero() {
            rec.wait(words::next_frame(), || wait(early));
        }
        let now = rec.elapsed();
        rec.mark(words::frame());
        rec.span(words::draw(), || busy(ms(1)));
        // Frames that were missed are not drawn later.
        let due = if now < self.next + FRAME { self.next } else { now };
        self.next = due + FRAME;
    }
}

fn seen(trace: Trace) -> Interface {
    let frames: Vec<Duration> = trace.marks.iter().map(|mark| mark.at).collect();
    let pauses = frames.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    let longest_freeze = pauses.clone().max().unwrap_or_default();
    // Half a frame late is not a missed one.
    let late =
        |pause: Duration| pause.saturating_sub(FRAME / 2).as_nanos() / FRAME.as_nanos();
    let missed = pauses.map(|pause| late(pause) as usize).sum();
    Interface { trace, frames, longest_freeze, missed }
}

impl Interface {
    /// How long the job took.
    fn job_time(&self) -> Duration {
        let jobs = self.trace.spans.iter().filter(|span| {
            span.activity == Activity::Running && words::is_heavy_job(&span.label)
        });
        jobs.filter_map(crate::trace::Span::duration).sum()
    }
}

/// As `12 frames, 9 missed; longest freeze 160 ms; job 158 ms`.
impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (frames, missed) = (self.frames.len(), self.missed);
        let (freeze, job) = (duration(self.longest_freeze), duration(self.job_time()));
        f.write_str(&words::frames(frames, missed, freeze, job))
    }
}

/// A cell shows its last value by `{:?}`: let it be the sentence.
impl fmt::Debug for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use std::sync::mpsc::channel;

    #[test]
    fn on_its_own_thread_the_job_freezes_the_interface() {
        let frozen = frozen(|| busy(ms(60))).unwrap();
        assert!(frozen.longest_freeze >= ms(60));
        assert!(frozen.missed >= 2);
        assert_eq!(frozen.trace.lanes.len(), 1);
        assert_eq!(frozen.frames.len(), 2 * FRAMES_AROUND + 1);
    }

    #[test]
    fn on_another_thread_frames_go_on_during_the_job() {
        // Long enough for three frames.
        let smooth = smooth(|| wait(4 * FRAME)).unwrap();
        let job = smooth.trace.spans.iter().find(|s| s.label == "heavy job").unwrap();
        let during = |at: &&Duration| **at > job.start && **at < job.end.unwrap();
        assert!(smooth.frames.iter().filter(during).count() >= 1);
        let names: Vec<_> = smooth.trace.lanes.iter().map(|lane| &*lane.name).collect();
        assert_eq!(names, ["interface", "job"]);
    }

    #[test]
    fn a_panicking_job_is_an_error_and_the_interface_keeps_drawing() {
        let (sender, receiver) = channel();
        let job = move || {
            sender.send(()).unwrap();
            panic!("no coffee")
        };
        let error = smooth(job).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert!(receiver.recv().is_ok());
        assert_eq!(frozen(|| panic!("x")).unwrap_err().kind(), ErrorKind::Panicked);
    }
}
