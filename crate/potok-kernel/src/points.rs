//! The pipe through which a cell's checks tell what was earned. Whoever grades makes it and
//! names it by a variable.
//!
//! *What to notice*: it is opened before the first cell is compiled, and its name is taken
//! away at once. From then on it is reached by the process that runs the cells alone, in
//! which `potok::homework` finds it by its number, and of which no check's child has it.

use crate::{Result, sys};
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::os::fd::IntoRawFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The variable that names the pipe.
const PIPE: &str = "POTOK_POINTS";

/// Whether somebody grades.
pub(crate) fn is_graded() -> bool {
    std::env::var_os(PIPE).is_some()
}

/// Opens the pipe for the library, if somebody grades. Only for the very beginning of the
/// process that runs the cells, while it has one thread.
pub(crate) fn hand_over() -> Result<()> {
    let Some(path) = std::env::var_os(PIPE).map(PathBuf::from) else { return Ok(()) };
    if let Some(fd) = open(&path)? {
        sys::set_variable("POTOK_POINTS_FD", fd.to_string());
    }
    Ok(())
}

/// The number of the open pipe, which has no name any more. None in a process that was
/// started in the place of one that has had it.
fn open(path: &Path) -> Result<Option<i32>> {
    let told = |error: std::io::Error| format!("{PIPE}: {}: {error}", path.display());
    // If nobody reads there, this fails and does not wait.
    let opened =
        OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(path);
    let pipe = match opened {
        Ok(pipe) => pipe,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(told(error).into()),
    };
    if !pipe.metadata().map_err(told)?.file_type().is_fifo() {
        return Err(format!("{PIPE}: {} is no pipe", path.display()).into());
    }
    fs::remove_file(path).map_err(told)?;
    Ok(Some(pipe.into_raw_fd()))
}

#[cfg(test)]
mod tests {
    use super::open;
    use std::process::Command;

    #[test]
    fn a_pipe_is_opened_once_and_a_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        let told = open(&at("pipe")).unwrap_err().to_string();
        assert!(told.contains("pipe"), "nobody reads: {told}");
        let reader = std::fs::File::options().read(true).write(true).open(at("pipe"));
        assert!(open(&at("pipe")).unwrap().is_some_and(|fd| fd > 2));
        assert!(!at("pipe").exists());
        assert_eq!(open(&at("pipe")).unwrap(), None);
        drop(reader);
        std::fs::write(at("file"), "").unwrap();
        assert!(open(&at("file")).unwrap_err().to_string().contains("no pipe"));
    }
}
