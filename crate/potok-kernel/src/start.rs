//! What Jupyter launches: a relay with an inner kernel behind it, and order afterwards.

use crate::inner::Inner;
use crate::relay::{self, Connection};
use crate::{Result, say, spare, sys};
use std::process::ExitCode;

/// Runs a kernel until Jupyter shuts it down.
pub(crate) fn start(connection: &str, potok: &str) -> ExitCode {
    match run(connection, potok) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(connection: &str, potok: &str) -> Result<()> {
    // Blocked before anything is made, so that a signal cannot leave it lying about.
    let ending = sys::Ending::block()?;
    let front = Connection::read(connection)?;
    end_with_jupyter();
    let inner = || {
        let inner = Inner::adopt_or_start(potok)?;
        spare::prepare_later(&inner, potok);
        Ok(inner)
    };
    relay::run(&front, inner, ending)
}

/// Ends this kernel when the program that started it has died without a word. Jupyter says
/// by this variable that it wants it so.
fn end_with_jupyter() {
    let jupyter = std::env::var("JPY_PARENT_PID").ok().and_then(|pid| pid.parse().ok());
    let Some(jupyter) = jupyter.filter(|pid| *pid == sys::parent()) else { return };
    if let Ok(jupyter) = sys::Process::watch(jupyter) {
        std::thread::spawn(move || {
            jupyter.wait();
            sys::ask_to_end();
        });
    }
}
