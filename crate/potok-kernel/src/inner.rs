//! The inner kernel: evcxr's own, in a session of its own, known to the relay alone.

use crate::private::{self, Private};
use crate::relay::{Connection, Source, secret};
use crate::session::{self, Session};
use crate::spare::{self, Adopted};
use crate::template::{Fit, Template};
use crate::{Result, cargo, filter, orders, points, say, sys, worker};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The variable that tells the library how to mark a line for the relay. Nobody outside
/// the kernel knows its value, so no other text looks like a marked line.
pub(crate) const MARK: &str = "POTOK_LIVE";

/// The variable that names a file, which is there as soon as evcxr is ready.
pub(crate) const READY: &str = "POTOK_READY";

/// The variable that names a file. In it the library leaves the address of what the process
/// that runs the cells shall do first, for when that process is started again.
const START: &str = "POTOK_START";

/// How often a kernel that starts is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// A running evcxr kernel. When dropped, it ends with all that it started, and its
/// directory is removed.
#[derive(Debug)]
pub(crate) struct Inner {
    hold: Hold,
    /// Its session's directory.
    dir: PathBuf,
    connection: Connection,
    mark: String,
}

/// By what it is kept alive.
#[derive(Debug)]
enum Hold {
    Own { kernel: Child, _session: Session, _sockets: Private },
    Adopted(spare::Lease),
}

impl Inner {
    /// The spare that fits, or else a new one.
    pub(crate) fn adopt_or_start(potok: &str) -> Result<Self> {
        let adopted = Path::new(potok).canonicalize().ok().and_then(|potok| {
            let Adopted { lease, session: dir, mark } = spare::adopt(&potok)?;
            let connection =
                Connection::read_inner(&dir.join("connection.json")).ok()?;
            Some(Inner { hold: Hold::Adopted(lease), dir, connection, mark })
        });
        adopted.map_or_else(|| Self::start(potok), Ok)
    }

    /// Starts a kernel for the library in `potok`.
    ///
    /// It ends with the calling thread, which has to be one that lasts.
    pub(crate) fn start(potok: &str) -> Result<Self> {
        session::sweep_and_tell()?;
        private::sweep();
        let potok =
            Path::new(potok).canonicalize().map_err(|e| format!("{potok}: {e}"))?;
        let template = match Template::find(&potok)? {
            Fit::Exact(template) => Some(template),
            Fit::Older(template) => {
                say("potok changed since `make setup`: compiling what changed");
                Some(template)
            }
            Fit::None => {
                say(
                    "potok is not compiled in advance: compiling it; `make setup` does it \
                     once",
                );
                None
            }
        };
        let session = Session::new(template.as_ref(), &potok)?;
        let mark = format!("POTOK:{}", secret());
        let file = session.dir().join("connection.json");
        let mut command = Command::new(std::env::current_exe()?);
        session.apply(command.arg("--control_file").arg(&file))?;
        // All that evcxr writes there is which configuration it found.
        command.env(MARK, &mark).env(READY, session.dir().join("ready"));
        command.env(START, session.dir().join(cargo::AT_START));
        command.stdout(Stdio::null());
        // A group of its own, so that one call ends all of it.
        command.process_group(0);
        let sockets = Private::new()?;
        let connection = Connection::private(sockets.dir())?;
        connection.write(&file)?;
        let mut kernel = command.spawn()?;
        listens(&mut kernel, &connection)?;
        let dir = session.dir().to_owned();
        let hold = Hold::Own { kernel, _session: session, _sockets: sockets };
        Ok(Inner { hold, dir, connection, mark })
    }

    /// Where it answers.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Tells all that belongs to it that it answers.
    pub(crate) fn is_ready(&self) -> Result<()> {
        std::fs::write(self.ready_file(), "")?;
        Ok(())
    }

    /// The file that is there as soon as it answers.
    pub(crate) fn ready_file(&self) -> PathBuf {
        self.dir.join("ready")
    }

    /// Its session's directory.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// What its output is to be read with.
    pub(crate) fn source(&self) -> Source {
        let generated = self.dir.join("crate/src/lib.rs");
        Source { mark: self.mark.clone(), generated, session: self.dir.clone() }
    }

    /// Something to wait for its end by, in another thread.
    pub(crate) fn ended(&self) -> Result<Ended> {
        Ok(match &self.hold {
            Hold::Own { kernel, .. } => Ended::Own(sys::Ended::of(kernel.id())),
            Hold::Adopted(lease) => Ended::Adopted(lease.ended()?),
        })
    }
}

/// Waits until a kernel listens.
fn listens(kernel: &mut Child, connection: &Connection) -> Result<()> {
    while !connection.is_served() {
        if let Some(status) = kernel.try_wait()? {
            return Err(
                format!("evcxr's kernel ended before it listened ({status})").into()
            );
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}

/// The end of an inner kernel.
#[derive(Debug)]
pub(crate) enum Ended {
    Own(sys::Ended),
    Adopted(spare::LeaseEnded),
}

impl Ended {
    /// Waits for it.
    pub(crate) fn wait(self) {
        match self {
            Ended::Own(ended) => ended.wait(),
            Ended::Adopted(ended) => ended.wait(),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        match &mut self.hold {
            Hold::Own { kernel, .. } => {
                // Not waited for before, so that the group's id is still its own.
                if let Ok(group) = kernel.id().try_into() {
                    sys::kill_group(group);
                }
                let _ = kernel.wait();
                remove_left_files(kernel.id());
            }
            Hold::Adopted(lease) => lease.end(),
        }
    }
}

/// rust-analyzer, killed while it reads a project, leaves temporary directories behind,
/// whose names say which process made them.
fn remove_left_files(process: u32) {
    let left = format!("rust-analyzer{process:x}-");
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&left) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// What the process that runs the cells does first: print by way of the filter, and what
/// the library asked for in the one before it.
pub(crate) fn begin_runtime() -> Result<()> {
    if let Some(path) = cargo::hide() {
        sys::set_variable("PATH", &path);
    }
    cargo::home::close();
    // Behind the filter, which would keep it open.
    filter::install()?;
    points::hand_over()?;
    orders::mend()?;
    let file = PathBuf::from(std::env::var_os(START).unwrap_or_default());
    if let Some((object, offset)) = std::fs::read_to_string(&file)
        .ok()
        .filter(|_| file.parent().is_some_and(cargo::loads_what_it_did))
        .as_deref()
        .and_then(|text| text.split_once('\n'))
    {
        // If it cannot be done, panics take twenty lines instead of one.
        let _ = worker::run(object, offset.trim_end());
    }
    Ok(())
}

/// What the program does in this role. It must not outlive the process that started it,
/// which would remove its directory.
pub(crate) fn run() -> Result<()> {
    sys::die_with_parent();
    sys::Ending::release()?;
    cargo::home::hold()?;
    Ok(evcxr_jupyter::main()?)
}

#[cfg(test)]
mod tests {
    use super::remove_left_files;

    #[test]
    fn what_a_killed_kernel_left_goes_and_nobody_elses() {
        // Larger than any process's number.
        let place = |name: &str| std::env::temp_dir().join(name);
        let (its, others) =
            (place("rust-analyzerfffffff0-2"), place("rust-analyzerfffffff00-2"));
        std::fs::create_dir_all(its.join("inside")).unwrap();
        std::fs::create_dir_all(&others).unwrap();
        remove_left_files(0xffff_fff0);
        let left = (its.exists(), others.exists());
        std::fs::remove_dir(others).unwrap();
        assert_eq!(left, (false, true));
    }
}
