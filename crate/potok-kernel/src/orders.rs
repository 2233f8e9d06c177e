//! The orders that evcxr gives the process that runs the cells, where the cache's path has
//! a space in it.
//!
//! An order is a line, `LOAD_AND_RUN <object> <function>`, of which evcxr reads each part
//! up to the next space. So the objects get a path without one: through a descriptor of
//! this process, which holds their directory open. `/proc/<pid>/fd/<n>` leads other
//! processes of the user there as well, so that a cell's function still travels to workers.
//!
//! *What to notice*: nothing is done where there is no space, which is nearly everywhere.

use crate::{Result, sys};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, PipeWriter, Write};
use std::os::fd::IntoRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// What each order starts with.
const ORDER: &[u8] = b"LOAD_AND_RUN ";

/// Stands between evcxr and the standard input of this process, if that is needed. It
/// starts a thread: whatever forks has to have done so.
pub(crate) fn mend() -> Result<()> {
    let Some(given) = std::env::var_os("EVCXR_TMPDIR").map(PathBuf::from) else {
        return Ok(());
    };
    // cargo says where a link leads to.
    let real = given.canonicalize()?;
    if !real.as_os_str().as_bytes().contains(&b' ') {
        return Ok(());
    }
    // Open as long as this process lives.
    let handle = File::open(&real)?.into_raw_fd();
    let alias = format!("/proc/{}/fd/{handle}", std::process::id());
    let (read, write) = std::io::pipe()?;
    let orders = sys::replace_stdin(&read)?;
    let names = [real, given].map(|path| path.as_os_str().to_owned());
    std::thread::spawn(move || {
        let names = names.each_ref().map(|name| name.as_bytes());
        // When evcxr is gone the pipe is closed, and the process ends as it always does.
        let _ = pass(orders, write, &names, &alias);
    });
    Ok(())
}

fn pass(
    orders: File,
    mut to: PipeWriter,
    names: &[&[u8]],
    alias: &str,
) -> std::io::Result<()> {
    for line in BufReader::new(orders).split(b'\n') {
        let mut line = mended(&line?, names, alias);
        line.push(b'\n');
        to.write_all(&line)?;
    }
    Ok(())
}

/// The order with the directory's other name.
fn mended(line: &[u8], names: &[&[u8]], alias: &str) -> Vec<u8> {
    let object = line.strip_prefix(ORDER).and_then(|rest| {
        names.iter().find_map(|name| rest.strip_prefix(*name)?.strip_prefix(b"/"))
    });
    match object {
        Some(object) => [ORDER, OsStr::new(alias).as_bytes(), b"/", object].concat(),
        None => line.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_names_an_object_without_a_space_and_other_lines_stay() {
        let names: [&[u8]; 2] = ["/кэш а/1/crate".as_bytes(), b"/link"];
        let mended = |line: &str| {
            String::from_utf8(mended(line.as_bytes(), &names, "/proc/7/fd/3")).unwrap()
        };
        let order = "LOAD_AND_RUN /proc/7/fd/3/target/libcode_1.so run_1";
        for dir in ["/кэш а/1/crate", "/link"] {
            let line = format!("LOAD_AND_RUN {dir}/target/libcode_1.so run_1");
            assert_eq!(mended(&line), order);
        }
        for line in ["LOAD_AND_RUN /linked/a.so run_1", "other /link/a", ""] {
            assert_eq!(mended(line), line);
        }
    }
}
