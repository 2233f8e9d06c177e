//! Times an empty cell: what a student waits for at least, each time.

use super::Finding;
use super::command::{Trouble, answer};
use crate::session::Session;
use crate::template::{self, Fit, Template};
use crate::{Result, sys};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The role that runs the cell, in a process of its own since evcxr reads the environment.
pub(crate) const MEASURE: &str = "measure-cell";

const DEADLINE: Duration = Duration::from_secs(120);

/// From here on one has to wait for each cell. An idle laptop takes 0.3 to 0.6 s.
const SLOW: Duration = Duration::from_secs(2);

/// Starts evcxr as a kernel does and runs an empty cell in it.
pub(super) fn empty(potok: &Path) -> Finding {
    let what = "empty cell";
    match time(potok) {
        Ok(Some(time)) if time <= SLOW => {
            Finding::good(what, format!("{:.2} s", time.as_secs_f64()))
        }
        Ok(Some(time)) => Finding::note(
            what,
            format!(
                "{:.2} s is slow: something else keeps the machine busy",
                time.as_secs_f64()
            ),
            "top",
        ),
        Ok(None) => Finding::note(
            what,
            "not timed: potok is not compiled in advance",
            "make setup",
        ),
        Err(error) => {
            Finding::bad(what, format!("does not run: {error}"), &["make setup"])
        }
    }
}

fn time(potok: &Path) -> Result<Option<Duration>> {
    let potok = potok.canonicalize()?;
    let Fit::Exact(template) = Template::find(&potok)? else { return Ok(None) };
    let session = Session::new(Some(&template), &potok)?;
    let mut measure = Command::new(std::env::current_exe()?);
    session.apply(measure.arg(MEASURE))?;
    let answered = answer(&mut measure, DEADLINE);
    drop(session);
    match answered {
        Ok(text) => {
            let line = text.lines().next_back().unwrap_or_default();
            let millis = line.parse().map_err(|_| format!("it said `{line}`"))?;
            Ok(Some(Duration::from_millis(millis)))
        }
        Err(Trouble::Failed(why)) => Err(why.into()),
        Err(trouble) => Err(trouble.to_string().into()),
    }
}

/// The role itself: prints the milliseconds that the second of two empty cells took.
pub(crate) fn measure() -> Result<()> {
    sys::die_with_parent();
    let mut evcxr = template::start_evcxr()?;
    evcxr.execute("();")?;
    let start = Instant::now();
    evcxr.execute("();")?;
    let millis = start.elapsed().as_millis();
    std::io::Write::write_all(
        &mut std::io::stdout(),
        format!("{millis}\n").as_bytes(),
    )?;
    Ok(())
}
