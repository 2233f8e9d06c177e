//! Output files, one for each partition: whole, or not there.
//!
//! *What to notice*: a file is written under another name and renamed when all of it is on
//! disk. Renaming is one step, so nobody ever sees half a part.

use potok_base::error::{Error, Result};
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes a partition as lines of a key, a tab and a result. Its path.
pub(super) fn write<K: Display, O: Display>(
    dir: &Path,
    n: usize,
    results: &[(K, O)],
) -> Result<PathBuf> {
    let path = dir.join(format!("part-{n:05}"));
    let unfinished = dir.join(format!(".part-{n:05}.{}", std::process::id()));
    let written = write_lines(&unfinished, results)
        .and_then(|()| fs::rename(&unfinished, &path))
        // The name is safe on disk when the directory is.
        .and_then(|()| File::open(dir)?.sync_all());
    written.map_err(|error| {
        let _ = fs::remove_file(&unfinished);
        Error::io(format!("cannot write `{}`", path.display()), &error)
    })?;
    Ok(path)
}

fn write_lines<K: Display, O: Display>(
    path: &Path,
    results: &[(K, O)],
) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for (key, result) in results {
        writeln!(file, "{key}\t{result}")?;
    }
    file.into_inner()?.sync_all()
}

/// Removes unfinished files of processes that do not exist any more.
pub(super) fn remove_abandoned(dir: &Path) {
    // Where the system does not say which processes exist, nothing is touched.
    if !Path::new("/proc/self").exists() {
        return;
    }
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(".part-"));
        let pid = pid.and_then(|rest| rest.split_once('.')?.1.parse::<u32>().ok());
        if pid.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
