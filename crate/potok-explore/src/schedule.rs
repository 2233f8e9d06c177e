//! One run, step by step, as plain data, and its string form.

use super::plan::Choice;
use crate::words;
use potok_base::error::{Error, Result};
use potok_chart::label;

/// One run of a program, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The names of the threads; the first is `main`.
    pub threads: Vec<String>,
    /// The names of the shared objects, in order of creation.
    pub variables: Vec<String>,
    /// The values of the shared objects before the first step.
    pub initial: Vec<String>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// How the run ended; `None` if the given choices ended before it did.
    pub ending: Option<Ending>,
    /// What each unfinished thread would have done next.
    pub next: Vec<Next>,
    /// The step after which every continuation that was tried went wrong: an index into
    /// `steps`.
    pub breaking: Option<usize>,
    /// The thread of each step, one digit each: the argument of [`replay`](super::replay).
    pub choices: String,
}

/// One step of a [`Schedule`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The thread: an index into [`Schedule::threads`].
    pub thread: usize,
    /// What it did: `counter.load → 0`.
    pub action: String,
    /// The values of the shared objects after the step, with the numbers of the threads
    /// that hold a lock or sleep. Objects created later are missing.
    pub values: Vec<String>,
}

/// What a thread would do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// The thread: an index into [`Schedule::threads`].
    pub thread: usize,
    /// The step: `counter.store`.
    pub action: String,
    /// Whether it is possible; if not, the thread waits.
    pub possible: bool,
}

impl Schedule {
    /// The call that shows this run again, of a program that is written like this. A run
    /// without an end is stopped where its string ends.
    ///
    /// # Examples
    /// ```
    /// use potok::explore::{programs, replay};
    /// let run = replay(programs::lost_update, "1212")?;
    /// let call = run.again("programs::lost_update");
    /// assert_eq!(call, "replay(programs::lost_update, \"1212\")");
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn again(&self, program: &str) -> String {
        let call = match self.ending {
            Some(Ending::Livelock(_) | Ending::Unfinished(_)) | None => "step",
            _ => "replay",
        };
        format!("{call}({program}, \"{}\")", self.choices)
    }

    /// A thread's name with its number, which values and the schedule's string use, unless
    /// the name is the number.
    pub(super) fn numbered(&self, thread: usize) -> String {
        let name = self.threads.get(thread).map_or("?", String::as_str);
        if name == words::thread(thread) {
            return name.to_owned();
        }
        format!("{thread}: {}", label::short(name, 40))
    }
}

impl Next {
    /// Whether it is worth showing: a thread that only waits for the end of others is not.
    pub(super) fn is_news(&self) -> bool {
        self.possible || !self.action.starts_with("join ")
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// `main` returned this value, as `{:?}` prints it.
    Returned(String),
    /// `main` panicked. The text is the first panic's message and its thread.
    Panicked(String),
    /// No thread could continue. The text says which thread waits for which.
    Deadlock(String),
    /// Threads took steps on and on, without an end.
    Livelock(String),
    /// The run was cut at the bound on steps. With more steps it ends.
    Unfinished(String),
    /// A thread took no step for two seconds: an endless computation, a real sleep or a
    /// wait for something of `std`. It is also the report's [`trouble`](super::Report).
    Stuck(String),
}

impl Ending {
    /// The kind in a word, which is the same in all languages; empty for a value.
    pub fn word(&self) -> &'static str {
        match self {
            Ending::Returned(_) => "",
            Ending::Panicked(_) => "panic",
            Ending::Deadlock(_) => "deadlock",
            Ending::Livelock(_) => "livelock",
            Ending::Unfinished(_) => "not finished",
            Ending::Stuck(_) => "stuck",
        }
    }

    /// The same word in the language of the class.
    pub fn name(&self) -> &'static str {
        match self {
            Ending::Returned(_) => "",
            Ending::Panicked(_) => words::panic(),
            Ending::Deadlock(_) => words::deadlock(),
            Ending::Livelock(_) => words::livelock(),
            Ending::Unfinished(_) => words::not_finished(),
            Ending::Stuck(_) => words::stuck(),
        }
    }

    /// The value that was returned, or what happened.
    pub fn detail(&self) -> &str {
        match self {
            Ending::Returned(text)
            | Ending::Panicked(text)
            | Ending::Deadlock(text)
            | Ending::Livelock(text)
            | Ending::Unfinished(text)
            | Ending::Stuck(text) => text,
        }
    }
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ending::Returned(value) => f.write_str(value),
            other => write!(f, "{}: {}", other.name(), other.detail()),
        }
    }
}

/// Choices as a string: `1` for a step of thread 1, `>2` for "wakes thread 2".
pub(super) fn spell(choices: &[Choice]) -> String {
    let letter = |thread: u8| char::from_digit(thread.into(), 36).unwrap_or('?');
    let mut text = String::new();
    for choice in choices {
        match choice {
            Choice::Step(thread) => text.push(letter(*thread)),
            Choice::Wake(thread) => text.extend(['>', letter(*thread)]),
        }
    }
    text
}

/// Reads what [`spell`] writes; spaces and commas are ignored.
pub(super) fn parse(text: &str) -> Result<Vec<Choice>> {
    let mut choices = vec![];
    let mut wake = false;
    for c in text.chars().filter(|c| !c.is_whitespace() && *c != ',') {
        if c == '>' && !wake {
            wake = true;
            continue;
        }
        let Some(thread) = c.to_digit(36) else {
            return Err(Error::invalid(words::no_thread(c)));
        };
        let thread = thread as u8;
        choices.push(if wake { Choice::Wake(thread) } else { Choice::Step(thread) });
        wake = false;
    }
    if wake {
        return Err(Error::invalid(words::ends_with_wake()));
    }
    Ok(choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_survives_being_written_and_read() {
        let choices = [Choice::Step(1), Choice::Wake(2), Choice::Step(35)];
        assert_eq!(spell(&choices), "1>2z");
        assert_eq!(parse("1 >2, z").unwrap(), choices);
        assert!(parse("1>").is_err() && parse("1!").is_err() && parse(">>1").is_err());
    }
}
