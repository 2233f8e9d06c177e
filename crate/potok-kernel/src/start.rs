//! What Jupyter launches: a session, evcxr's kernel in it, and order afterwards.

use crate::template::{Fit, Template};
use crate::{Result, say, session, sys};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;

/// Runs a kernel until Jupyter shuts it down; the exit code is the kernel's.
pub(crate) fn start(connection: &str, potok: &str) -> ExitCode {
    run(connection, potok).unwrap_or_else(|error| {
        say(&error.to_string());
        ExitCode::FAILURE
    })
}

fn run(connection: &str, potok: &str) -> Result<ExitCode> {
    // Blocked before anything is made, so that a signal cannot leave it lying about.
    let ending = sys::Ending::block()?;
    session::sweep()?;

    let potok = Path::new(potok).canonicalize().map_err(|e| format!("{potok}: {e}"))?;
    let template = match Template::find(&potok)? {
        Fit::Exact(template) => Some(template),
        Fit::Older(template) => {
            say("potok changed since `make setup`: compiling what changed");
            Some(template)
        }
        Fit::None => {
            say(
                "potok is not compiled in advance: compiling it; `make setup` does it once",
            );
            None
        }
    };
    let session = session::Session::new(template.as_ref(), &potok)?;
    let mut kernel = Command::new(std::env::current_exe()?);
    session.apply(kernel.args(["--control_file", connection]))?;
    // All that evcxr writes there is which configuration it found.
    let mut kernel = kernel.stdout(Stdio::null()).spawn()?;
    let pid = kernel.id().try_into()?;
    // The session is removed below, once evcxr has ended; a signal only asks it to.
    thread::spawn(move || {
        while let Ok(signal) = ending.wait() {
            sys::kill(pid, signal);
        }
    });
    let status = kernel.wait()?;
    drop(session);
    Ok(ExitCode::from(
        status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
    ))
}

/// evcxr's own kernel. It must not outlive `start`, which would remove its directory.
pub(crate) fn inner() -> Result<()> {
    sys::die_with_parent();
    sys::Ending::release()?;
    Ok(evcxr_jupyter::main()?)
}
