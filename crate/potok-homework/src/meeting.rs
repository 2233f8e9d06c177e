//! Calls that run at the same time meet: overlap is seen, not timed.

use super::check::Overlap;
use super::machine::patience;
use super::words;
use potok_base::error::Result;
use potok_base::trace::Recorder;
use potok_process::SharedSlice;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long who came first waits for the others, on a machine that does nothing else.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// How long those who are enough look out for one too many, at least.
const LOOK_OUT: Duration = Duration::from_millis(30);
/// Between two looks.
const PAUSE: Duration = Duration::from_micros(200);

/// Where calls meet: who comes waits until enough are there, so that being there at once
/// does not depend on how fast anybody is. Calls of other processes count too.
///
/// # Examples
/// ```
/// use potok::homework::grade;
/// let both = grade(1.0).meets("two threads at once", 2, |meeting| {
///     std::thread::scope(|s| for _ in 0..2 { s.spawn(|| meeting.attend()); });
/// });
/// assert_eq!(both.score(), 1.0);
/// ```
#[derive(Debug)]
pub struct Meeting {
    need: u64,
    patience: Duration,
    recorder: Recorder,
    /// Inside now; most at once; somebody gave up; calls in all.
    counts: SharedSlice<AtomicU64>,
}

impl Meeting {
    pub(crate) fn of(need: usize, recorder: &Recorder) -> Result<Self> {
        let counts = SharedSlice::new(4)?;
        Ok(Meeting {
            need: need as u64,
            patience: patience(PATIENCE),
            recorder: recorder.clone(),
            counts,
        })
    }

    /// Comes, waits for the others, and goes.
    pub fn attend(&self) {
        let _span = self.recorder.enter(words::inside());
        let [inside, most, gave_up, calls] = &self.counts[..] else { return };
        calls.fetch_add(1, SeqCst);
        most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
        let came = Instant::now();
        let enough = || most.load(SeqCst) >= self.need;
        // Once enough were there, or it is clear that they never will be, nobody waits.
        while !enough() && gave_up.load(SeqCst) == 0 && came.elapsed() < self.patience {
            sleep(PAUSE);
        }
        if enough() {
            // On a busy machine one too many is late as well.
            let look_out = LOOK_OUT.max(2 * came.elapsed());
            let since = Instant::now();
            while most.load(SeqCst) <= self.need && since.elapsed() < look_out {
                sleep(PAUSE);
            }
        } else {
            gave_up.store(1, SeqCst);
        }
        inside.fetch_sub(1, SeqCst);
    }

    /// How the calls failed to be at once, if they did.
    pub(crate) fn overlap(&self) -> Option<Overlap> {
        let most = self.counts[1].load(SeqCst);
        match most {
            0 => None,
            _ if most > self.need => Some(Overlap::TooMany),
            1 if self.need > 1 => Some(Overlap::OneByOne),
            _ if most < self.need => Some(Overlap::TooFew),
            _ => None,
        }
    }

    pub(crate) fn judge(&self) -> std::result::Result<String, String> {
        let [_, most, _, calls] = &self.counts[..] else { return Err(String::new()) };
        let (most, calls, need) = (most.load(SeqCst), calls.load(SeqCst), self.need);
        let calls = words::calls(calls);
        match most {
            0 => Err(words::never_called().to_owned()),
            _ if most < need => Err(words::at_most(most, calls, need)),
            _ if most > need => Err(words::or_more(most, calls, need)),
            _ => Ok(words::at_once(most, calls)),
        }
    }
}
