//! The end of the process that runs the cells, in words: what ended it, what is gone.

use super::Failure;
use crate::relay::words;
use serde_json::Value;

/// What evcxr says when the process that runs the cells has ended.
const TERMINATED: &str = "Subprocess terminated with status: ";

impl Failure {
    /// Whether evcxr's error is that the process that runs the cells has ended.
    pub(crate) fn is_death(error: &Value) -> bool {
        error["evalue"].as_str().is_some_and(|text| text.contains(TERMINATED))
    }

    /// Where in a text evcxr's handler of crashes begins to speak, and of which signal.
    /// It then aborts.
    pub(crate) fn crash(text: &str) -> Option<(usize, &'static str)> {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            match line.trim_end() {
                "Segmentation fault." => return Some((at, "signal: 11 (SIGSEGV)")),
                "Illegal instruction." => return Some((at, "signal: 4 (SIGILL)")),
                "Bus error." => return Some((at, "signal: 7 (SIGBUS)")),
                _ => at += line.len(),
            }
        }
        None
    }

    /// Such an end, if it is what evcxr's error says.
    ///
    /// `crashed`: evcxr's handler of crashes had a word before.
    pub(super) fn death(
        error: &str,
        interrupted: bool,
        crashed: Option<&str>,
    ) -> Option<Self> {
        let status = error.lines().find_map(|line| line.strip_prefix(TERMINATED))?;
        if interrupted {
            let evalue = format!("{} {}", words::stopped(), words::gone());
            return Some(Failure::plain("Interrupted", evalue));
        }
        Some(Failure::of_status(crashed.unwrap_or(status)))
    }

    fn of_status(status: &str) -> Self {
        let signal = status.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
        let signal = signal.map_or(status, |(name, _)| name);
        let (how, hint) = match signal {
            "SIGSEGV" => (words::segv(), words::segv_hint()),
            "SIGBUS" => (words::bus(), ""),
            "SIGABRT" => (words::abort(), words::abort_hint()),
            "SIGILL" => (words::ill(), ""),
            "SIGFPE" => (words::fpe(), ""),
            "SIGKILL" => (words::kill(), words::kill_hint()),
            "SIGTERM" => (words::term(), ""),
            _ => match status.strip_prefix("exit status: ") {
                Some(code) => {
                    return Failure::process(&words::exit(code), words::exit_hint());
                }
                None => return Failure::process(&words::ended(status), ""),
            },
        };
        Failure::process(how, hint)
    }

    fn process(how: &str, hint: &str) -> Self {
        let evalue = format!("{} {}", words::process(how), words::gone());
        let mut failure = Failure::plain("ProcessDied", evalue);
        if !hint.is_empty() {
            failure.traceback.push(format!("  {hint}"));
        }
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::places::{Cells, Earlier};
    use serde_json::json;

    #[test]
    fn the_word_of_a_crash_is_found_behind_other_text() {
        let (at, signal) = Failure::crash("a note\nBus error.\n 0: main\n").unwrap();
        assert_eq!((at, signal), (7, "signal: 7 (SIGBUS)"));
        assert_eq!(Failure::crash("no Bus error.\n"), None);
    }

    #[test]
    fn a_death_is_told_in_words() {
        let none = Earlier::default();
        let cells = Cells::of("", "", &none);
        let status = |status: &str| {
            let error = json!({"evalue": format!("{TERMINATED}{status}")});
            assert!(Failure::is_death(&error));
            Failure::of_evcxr(&[error], false, None, "POTOK", &cells).evalue
        };
        let segfault = status("signal: 11 (SIGSEGV) (core dumped)");
        assert!(segfault.contains("was killed by SIGSEGV"), "{segfault}");
        assert!(segfault.ends_with(words::gone()));
        assert!(status("exit status: 3").contains("exit status 3"));
        assert!(status("signal: 6 (SIGABRT)").contains("SIGABRT"));
        let error =
            json!({"evalue": format!("POTOK {{}}\n{TERMINATED}signal: 9 (SIGKILL)")});
        let failure = Failure::of_evcxr(&[error], true, None, "POTOK", &cells);
        assert_eq!(failure.ename, "Interrupted");
    }
}
