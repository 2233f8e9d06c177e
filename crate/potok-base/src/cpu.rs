//! Where and when a thread runs: the core it is pinned to, its nice value, and the
//! stretches of time in which it really had a processor.
//!
//! *What to notice*: a thread is not told that it was stopped. It only sees that the
//! interval between two readings of the clock was a thousand times longer than usual.

use crate::error::{Error, Result};
use crate::sys;
use crate::trace::{Activity, Span};
use crate::words;
use std::borrow::Cow;
use std::time::Duration;

/// The shortest jump of the clock that counts: interrupts take a few microseconds, a turn
/// of another thread takes milliseconds.
const JUMP_NS: u64 = 100_000;

/// A stretch of time on a processor: start, end, number of the processor.
pub type Stretch = (u64, u64, Option<u32>);

/// Computes until the calling thread has had a processor for `work`; returns when it had
/// one.
pub fn compute(work: Duration) -> Vec<Stretch> {
    let end = sys::thread_cpu_time() + work;
    stretches(|_| sys::thread_cpu_time() < end)
}

/// Computes while `go_on(now)` holds, in nanoseconds of the monotonic clock; returns the
/// stretches in which the calling thread had a processor.
pub fn stretches(go_on: impl Fn(u64) -> bool) -> Vec<Stretch> {
    let mut runs = Vec::with_capacity(1 << 12);
    let mut cpu = sys::current_cpu();
    let mut began = sys::monotonic_ns();
    let mut last = began;
    while go_on(last) {
        let (now, cpu_now) = (sys::monotonic_ns(), sys::current_cpu());
        if now - last > JUMP_NS || cpu_now != cpu {
            runs.push((began, last, cpu));
            (began, cpu) = (now, cpu_now);
        }
        last = now;
    }
    runs.push((began, last, cpu));
    runs
}

/// The stretches as spans of a lane, labelled by their processor; between them the thread
/// waits for its turn. Times count from `epoch_ns`.
pub fn spans(
    lane: usize,
    stretches: &[Stretch],
    epoch_ns: u64,
    label: impl Fn(Option<u32>) -> Cow<'static, str>,
) -> Vec<Span> {
    let time = |ns: u64| Duration::from_nanos(ns.saturating_sub(epoch_ns));
    let mut spans = vec![];
    let mut last: Option<Stretch> = None;
    for &stretch in stretches {
        let (start, end, cpu) = stretch;
        let waited = last.replace(stretch).map(|(_, before, on)| {
            let not_its_turn = Cow::Borrowed(words::not_its_turn());
            (Activity::Waiting, not_its_turn, before, start, [on, cpu])
        });
        let ran = (Activity::Running, label(cpu), start, end, [cpu, cpu]);
        spans.extend(waited.into_iter().chain([ran]).map(
            |(activity, label, start, end, [cpu_start, cpu_end])| Span {
                lane,
                label,
                activity,
                start: time(start),
                end: Some(time(end)),
                cpu_start,
                cpu_end,
                depth: 0,
                cpu_time: None,
            },
        ));
    }
    spans
}

/// A core that this process may use: the caller's current one, if possible.
pub fn a_core() -> Result<usize> {
    #[cfg(target_os = "linux")]
    {
        use nix::sched::{CpuSet, sched_getaffinity};
        let allowed =
            sched_getaffinity(nix::unistd::Pid::from_raw(0)).map_err(not_pinned)?;
        let may = |core: &usize| allowed.is_set(*core).unwrap_or(false);
        let here = sys::current_cpu().map(|cpu| cpu as usize).filter(may);
        here.or_else(|| (0..CpuSet::count()).find(may))
            .ok_or_else(|| not_pinned(nix::errno::Errno::EINVAL))
    }
    #[cfg(not(target_os = "linux"))]
    Err(Error::unsupported(words::not_pinned(std::io::Error::from(
        std::io::ErrorKind::Unsupported,
    ))))
}

#[cfg(target_os = "linux")]
fn not_pinned(error: nix::errno::Errno) -> Error {
    Error::unsupported(words::not_pinned(error))
}

/// Pins the calling thread to one core.
pub fn pin(core: usize) -> Result<()> {
    #[cfg(target_os = "linux")]
    {
        let mut cores = nix::sched::CpuSet::new();
        cores.set(core).map_err(not_pinned)?;
        nix::sched::sched_setaffinity(nix::unistd::Pid::from_raw(0), &cores)
            .map_err(not_pinned)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = core;
        Err(Error::unsupported(words::not_pinned(std::io::Error::from(
            std::io::ErrorKind::Unsupported,
        ))))
    }
}

/// Gives the calling thread a nice value.
pub fn be_nice(nice: i32) -> Result<()> {
    sys::set_thread_nice(nice)
        .map_err(|error| Error::unsupported(words::not_nice(nice, error)))
}
