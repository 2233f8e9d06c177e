//! The role `doctor`: looks for what would make a kernel slow or stop it, and names the
//! command that mends each.
//!
//! ```text
//! ok     compiler    rustc 1.95.0
//! BAD    linker      rustc finds no linker: linker `cc` not found
//!                    $ sudo apt-get install build-essential
//! note   java        missing; only jobs on Spark need it
//!                    $ sudo apt-get install default-jre-headless
//! ```
//!
//! *What to notice*: nothing is judged by a name or a version alone where it can be tried:
//! the linker links, what it made is run, five ports are bound, a cell is timed.

use crate::Result;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

mod cell;
mod command;
mod machine;
mod own;
mod tools;

pub(crate) use cell::{MEASURE, measure};

/// What was found of one thing.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    state: State,
    what: &'static str,
    /// What is there, or what is wrong with it.
    said: String,
    /// The commands that mend it.
    mend: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// Something works less well, or is needed by some only.
    Note,
    /// No kernel, or no JupyterLab, without it.
    Bad,
    /// Could not be looked at.
    Skipped,
}

impl Finding {
    fn good(what: &'static str, said: impl Into<String>) -> Self {
        Finding { state: State::Good, what, said: said.into(), mend: vec![] }
    }

    fn note(what: &'static str, said: impl Into<String>, mend: &str) -> Self {
        Finding { state: State::Note, ..Finding::bad(what, said, &[mend]) }
    }

    fn bad(what: &'static str, said: impl Into<String>, mend: &[&str]) -> Self {
        let mend = mend.iter().map(ToString::to_string).collect();
        Finding { state: State::Bad, what, said: said.into(), mend }
    }

    fn skipped(what: &'static str, need: &str) -> Self {
        let said = format!("not looked at, for want of the {need}");
        Finding { state: State::Skipped, ..Finding::good(what, said) }
    }

    /// A line, and one more for each command.
    fn text(&self) -> String {
        let state = match self.state {
            State::Good => "ok",
            State::Note => "note",
            State::Bad => "BAD",
            State::Skipped => "-",
        };
        let mut text = format!("{state:<6} {:<11} {}\n", self.what, self.said);
        for command in &self.mend {
            text += &format!("{:19}$ {command}\n", "");
        }
        text
    }
}

/// What is asked of the doctor.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// Remove what killed kernels left behind.
    pub(crate) fix: bool,
    /// Leave out what takes seconds.
    pub(crate) quick: bool,
}

impl Wish {
    /// Reads the options; none other is known.
    pub(crate) fn read(options: &[&str]) -> Option<Self> {
        let mut wish = Wish::default();
        for option in options {
            match *option {
                "--fix" => wish.fix = true,
                "--quick" => wish.quick = true,
                _ => return None,
            }
        }
        Some(wish)
    }
}

/// Checks everything, line by line; the exit code is 1 if something needed is missing.
pub(crate) fn run(wish: &Wish, potok: &str) -> Result<ExitCode> {
    let potok = Path::new(potok);
    type Check<'a> = (&'static str, &'a [&'static str], &'a dyn Fn() -> Finding);
    // A check, and those without which it would only say the same again.
    let checks: &[Check<'_>] = &[
        ("compiler", &[], &tools::compiler),
        ("disk", &[], &machine::disk),
        ("rust-src", &["compiler"], &tools::rust_src),
        ("linker", &["compiler", "disk"], &tools::linker),
        ("python", &[], &tools::python),
        ("jupyter", &["python"], &tools::jupyter),
        ("java", &[], &tools::java),
        ("ports", &[], &machine::ports),
        ("memory", &[], &machine::memory),
        ("sessions", &["disk"], &|| own::stale(wish.fix)),
        ("template", &["compiler", "disk"], &|| own::template(potok)),
        ("empty cell", &["compiler", "disk", "linker", "template"], &|| {
            cell::empty(potok)
        }),
    ];
    let mut out = std::io::stdout();
    let (mut bad, mut notes) = (vec![], 0);
    for (what, needs, check) in checks {
        if wish.quick && *what == "empty cell" {
            continue;
        }
        let finding = match needs.iter().find(|need| bad.contains(*need)) {
            Some(need) => Finding::skipped(what, need),
            None => check(),
        };
        match finding.state {
            State::Bad => bad.push(*what),
            State::Note => notes += 1,
            State::Good | State::Skipped => {}
        }
        out.write_all(finding.text().as_bytes())?;
        out.flush()?;
    }
    let bad = bad.len();
    writeln!(out, "{}", verdict(bad, notes))?;
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn verdict(bad: usize, notes: usize) -> String {
    match (bad, notes) {
        (0, 0) => "all is well".to_owned(),
        (0, _) => format!("all that is needed is there; notes: {notes}"),
        _ => {
            format!("needed and not there: {bad}; run what stands below each BAD line")
        }
    }
}

/// A size in gigabytes (10⁹ bytes), as a person says it.
fn gigabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000_000);
    match tenths {
        0..100 => format!("{}.{} GB", tenths / 10, tenths % 10),
        _ => format!("{} GB", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_what_is_wrong_and_below_it_what_mends_it() {
        let bad = Finding::bad("linker", "rustc finds no linker", &["apt-get a", "b"]);
        assert_eq!(
            bad.text(),
            "BAD    linker      rustc finds no linker\n\
             \x20                  $ apt-get a\n\
             \x20                  $ b\n",
        );
        assert_eq!(Finding::good("java", "17").text(), "ok     java        17\n");
    }

    #[test]
    fn only_what_is_needed_makes_the_verdict_bad() {
        assert_eq!(verdict(0, 0), "all is well");
        assert!(verdict(0, 2).contains("notes: 2"));
        assert!(verdict(1, 2).contains("not there: 1"));
    }

    #[test]
    fn options_are_read_in_any_order_and_unknown_ones_refused() {
        let wish = Wish::read(&["--quick", "--fix"]).unwrap();
        assert!(wish.fix && wish.quick);
        assert!(Wish::read(&["--force"]).is_none());
    }

    #[test]
    fn sizes_are_rounded_for_reading() {
        assert_eq!(gigabytes(640_000_000), "0.7 GB");
        assert_eq!(gigabytes(75_000_000_000), "75 GB");
    }
}
