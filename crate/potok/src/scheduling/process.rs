//! What belongs to a process, and what to a thread.
//!
//! ```
//! use potok::prelude::*;
//!
//! let before = scheduling::open_files()?.files.len();
//! let file = std::thread::spawn(|| std::fs::File::open("/dev/null")).join().unwrap();
//! assert_eq!(scheduling::open_files()?.files.len(), before + 1);
//! # drop(file);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: threads share the process id and the table of open files.

use crate::error::{Error, Result};
use crate::words;
use potok_base::sys;
use potok_base::table;
use std::fmt;
use std::fs;
use std::path::Path;

/// The system's names for the calling thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids {
    /// The process (`os.getpid()` in Python).
    pub pid: u32,
    /// The thread (`threading.get_native_id()` in Python).
    pub tid: u64,
    /// The thread's name, if it has one.
    pub name: Option<String>,
}

/// The ids of the calling thread and its process.
pub fn ids() -> Ids {
    let name = std::thread::current().name().map(str::to_owned);
    Ids { pid: std::process::id(), tid: sys::thread_id(), name }
}

/// A table of open files: one for a process, the same for all of its threads.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenFiles {
    /// Sorted by number.
    pub files: Vec<OpenFile>,
}

/// One open file descriptor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFile {
    /// The number that programs use for it: 0 is standard input.
    pub fd: i32,
    /// What it refers to: a pipe or socket with its number, a device, the name of a file
    /// without its directory.
    pub target: String,
}

/// The files that this process has open now.
///
/// # Errors
/// A system without `/proc`.
pub fn open_files() -> Result<OpenFiles> {
    let table = fs::read_dir("/proc/self/fd")
        .map_err(|error| Error::unsupported(words::no_list_of_files(error)))?;
    let own = format!("/proc/{}/fd", std::process::id());
    let mut files: Vec<OpenFile> = table
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let fd = path.file_name()?.to_str()?.parse().ok()?;
            let target = fs::read_link(path).ok()?;
            // The listing itself has the directory open.
            (target != Path::new(&own)).then(|| OpenFile { fd, target: name(&target) })
        })
        .collect();
    files.sort_by_key(|file| file.fd);
    Ok(OpenFiles { files })
}

/// Devices keep their path; for other files the directory is private.
fn name(target: &Path) -> String {
    if target.is_absolute() && !target.starts_with("/dev") {
        let name = target.file_name().unwrap_or(target.as_os_str());
        return name.to_string_lossy().into_owned();
    }
    target.to_string_lossy().into_owned()
}

/// Voluntary and involuntary context switches of the calling thread.
pub(super) fn switches() -> Option<(u64, u64)> {
    #[cfg(target_os = "linux")]
    {
        use nix::sys::resource::{UsageWho, getrusage};
        let usage = getrusage(UsageWho::RUSAGE_THREAD).ok()?;
        let count = |n: i64| u64::try_from(n).ok();
        Some((
            count(usage.voluntary_context_switches())?,
            count(usage.involuntary_context_switches())?,
        ))
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// As `process 4711, thread 4712 (ann)`.
impl fmt::Display for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or(words::no_name());
        f.write_str(&words::ids(self.pid, self.tid, name))
    }
}

impl fmt::Display for OpenFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |file: &OpenFile| [format!("{:>3}", file.fd), file.target.clone()];
        let rows: Vec<_> = self.files.iter().map(row).collect();
        table::write(f, [" fd", words::refers_to()], &rows)
    }
}

/// A cell shows its last value by `{:?}`: let it be the table.
impl fmt::Debug for OpenFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_left_out_and_devices_are_not() {
        assert_eq!(name(Path::new("/home/ann/diary.txt")), "diary.txt");
        assert_eq!(name(Path::new("/dev/null")), "/dev/null");
        assert_eq!(name(Path::new("pipe:[42]")), "pipe:[42]");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn every_wait_is_a_voluntary_switch() {
        use crate::workload::{ms, wait};
        let (before, _) = switches().unwrap();
        (0..3).for_each(|_| wait(ms(1)));
        assert!(switches().unwrap().0 >= before + 3);
    }
}
