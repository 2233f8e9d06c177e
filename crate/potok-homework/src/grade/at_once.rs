//! Checks of what several threads do: at once, under every order, in spite of faults.

use super::Grade;
use crate::child;
use crate::explored::{self, Found, Name, Replayed, TextProgram};
use crate::machine::patience;
use crate::meeting::Meeting;
use crate::{Flaky, words};
use potok_base::trace::{Recorder, Trace};
use potok_chart::timeline;
use potok_explore::Explorer;
use potok_process::Shared;
use std::any::type_name_of_val;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

impl Grade {
    /// So many calls of [`Meeting::attend`] run at the same time in `program`: as many, and
    /// no more.
    ///
    /// # Examples
    /// ```
    /// use potok::homework::grade;
    /// let grade = grade(1.0).meets("two at once", 2, |m| {
    ///     m.attend();
    ///     m.attend();                           // one after the other
    /// });
    /// let seen = grade.checks()[0].verdict.text();
    /// assert_eq!(seen, "at most 1 of 2 calls ran at the same time, expected 2");
    /// ```
    #[must_use]
    pub fn meets(
        self,
        name: &str,
        at_once: usize,
        program: impl FnOnce(&Meeting),
    ) -> Self {
        self.meets_boxed(name, at_once, Box::new(program))
    }

    fn meets_boxed(
        self,
        name: &str,
        at_once: usize,
        program: Box<dyn FnOnce(&Meeting) + '_>,
    ) -> Self {
        let recorder = Recorder::new();
        let meeting = match Meeting::of(at_once, &recorder) {
            Ok(meeting) => meeting,
            Err(error) => return self.failed(name, words::ended(&error)),
        };
        let program = Box::new(|| {
            program(&meeting);
            child::bytes(&recorder.trace())
        });
        let ended = self.run(program);
        let mut picture = None;
        let verdict = ended.answer.as_ref().map_err(Clone::clone).and_then(|bytes| {
            let trace: Option<Trace> = child::read(bytes).ok();
            picture = trace.and_then(|trace| timeline(name, &trace).ok());
            meeting.judge()
        });
        self.with(name, verdict, ended, picture).shown(None, meeting.overlap())
    }

    /// Under every order of its steps, `program` gives one of these values. It has to have
    /// two threads at least, made of [the explorer's](potok_explore) parts.
    ///
    /// # Examples
    /// ```
    /// use potok::explore::programs::lost_update;
    /// use potok::homework::grade;
    /// let grade = grade(1.0).explores("two hits", lost_update, [2]);
    /// let seen = grade.checks()[0].verdict.text();
    /// assert_eq!(seen, "4 of 6 orders go wrong; the simplest, `1221`: got 1, expected 2");
    /// ```
    #[must_use]
    pub fn explores<T: Debug>(
        self,
        name: &str,
        program: impl Fn() -> T + Send + 'static,
        expected: impl IntoIterator<Item = T>,
    ) -> Self {
        let expected: Vec<String> =
            expected.into_iter().map(|value| format!("{value:?}")).collect();
        let name = Name { check: name, program: type_name_of_val(&program) };
        let program = Box::new(move || format!("{:?}", program()));
        self.explores_text(name, program, &expected)
    }

    fn explores_text(
        self,
        name: Name<'_>,
        program: TextProgram,
        expected: &[String],
    ) -> Self {
        let explorer =
            Explorer::new().random(0).timeout(patience(Duration::from_secs(4)));
        // The explorer has its own bounds; the child's are for what it cannot end.
        let limits = self.limits.clone();
        let patient =
            limits.wall(patience(Duration::from_secs(8))).cpu(Duration::from_secs(8));
        let ended = child::run(
            &patient,
            self.timed_out,
            Box::new(|| {
                child::bytes(&explored::explore(&explorer, name, program, expected))
            }),
        );
        let (mut picture, mut again) = (None, None);
        let verdict = ended.answer.as_ref().map_err(Clone::clone).and_then(|bytes| {
            let mut found: Found = child::read(bytes)?;
            (picture, again) = explored::apart(found.picture.take());
            found.judge(expected)
        });
        self.with(name.check, verdict, ended, picture).shown(again, None)
    }

    /// `program` gives this value in spite of each of these faults.
    ///
    /// # Examples
    /// ```
    /// use potok::homework::{Flaky, grade};
    /// fn patient(flaky: &Flaky) -> u32 {
    ///     while flaky.fails(1) {}
    ///     7
    /// }
    /// let faults = (0..5).map(|seed| Flaky::seeded(seed, 2));
    /// let grade = grade(1.0).withstands("asks again", faults, patient, 7);
    /// assert_eq!(grade.score(), 1.0);
    /// ```
    #[must_use]
    pub fn withstands<T: Debug>(
        self,
        name: &str,
        faults: impl IntoIterator<Item = Flaky>,
        program: impl Fn(&Flaky) -> T,
        expected: T,
    ) -> Self {
        let program = move |flaky: &Flaky| format!("{:?}", program(flaky));
        let faults: Vec<Flaky> = faults.into_iter().collect();
        self.withstands_text(name, &faults, &program, &format!("{expected:?}"))
    }

    fn withstands_text(
        self,
        name: &str,
        faults: &[Flaky],
        program: &dyn Fn(&Flaky) -> String,
        expected: &str,
    ) -> Self {
        let at = match Shared::<AtomicU64>::new() {
            Ok(at) => at,
            Err(error) => return self.failed(name, words::ended(&error)),
        };
        let all = faults.len();
        let ended = self.run(Box::new(|| {
            for (n, flaky) in (1..).zip(faults) {
                at.store(n, Ordering::Relaxed);
                let got = program(flaky);
                if got != expected {
                    return got.into_bytes();
                }
            }
            at.store(0, Ordering::Relaxed);
            vec![]
        }));
        let which = || words::with_faults(at.load(Ordering::Relaxed), all);
        let verdict = match &ended.answer {
            Ok(_) if at.load(Ordering::Relaxed) == 0 => {
                Ok(words::with_each(words::short(expected), all))
            }
            Ok(got) => {
                let got = String::from_utf8_lossy(got);
                Err(format!("{}: {}", which(), words::differs(&got, expected)))
            }
            Err(why) => Err(format!("{}: {why}", which())),
        };
        self.with(name, verdict, ended, None)
    }

    /// Under the order of steps that `order` gives, `program` ends like this: by a
    /// `deadlock`, `panic` or `livelock`, or with a value as `{:?}` prints it.
    ///
    /// # Examples
    /// ```
    /// use potok::explore::programs::lost_update;
    /// use potok::homework::grade;
    /// let order = || "1212";                        // what a student found
    /// let grade = grade(1.0).replays("one hit is lost", lost_update, order, "1");
    /// assert_eq!(grade.score(), 1.0);
    /// ```
    #[must_use]
    pub fn replays<T: Debug, S: Into<String>>(
        self,
        name: &str,
        program: impl Fn() -> T + Send + 'static,
        order: impl FnOnce() -> S,
        ending: &str,
    ) -> Self {
        let name = Name { check: name, program: type_name_of_val(&program) };
        let program = Box::new(move || format!("{:?}", program()));
        self.replays_text(name, program, Box::new(|| order().into()), ending)
    }

    fn replays_text(
        self,
        name: Name<'_>,
        program: TextProgram,
        order: Box<dyn FnOnce() -> String + '_>,
        ending: &str,
    ) -> Self {
        // The order is a student's as well: it is asked for where nothing can be hurt.
        let replay = || child::bytes(&explored::replay(name, program, order()));
        let ended = self.run(Box::new(replay));
        let (mut picture, mut again) = (None, None);
        let verdict = ended.answer.as_ref().map_err(Clone::clone).and_then(|bytes| {
            let mut replayed: Replayed = child::read(bytes)?;
            (picture, again) = explored::apart(replayed.picture.take());
            replayed.judge(ending)
        });
        self.with(name.check, verdict, ended, picture).shown(again, None)
    }
}
