//! The programs that a kernel and JupyterLab need: tried, not only looked for.

use super::Finding;
use super::command::{Trouble, answer};
use crate::owned::Owned;
use crate::{Result, paths};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const RUST: &str = env!("CARGO_PKG_RUST_VERSION");
const PYTHON: &str = "3.10";
const DEADLINE: Duration = Duration::from_secs(30);

/// rustc and cargo, new enough.
pub(super) fn compiler() -> Finding {
    let what = "compiler";
    for program in ["rustc", "cargo"] {
        let version = match answer(Command::new(program).arg("--version"), DEADLINE) {
            Ok(version) => version,
            Err(Trouble::Missing) if in_home(program) => {
                let said = format!("{program} is installed, but not on PATH");
                return Finding::bad(what, said, &[". \"$HOME/.cargo/env\""]);
            }
            Err(Trouble::Missing) => {
                let said =
                    format!("{program} is missing; rustup.rs tells how to get it");
                return Finding::bad(what, said, &["sudo apt-get install rustup"]);
            }
            Err(trouble) => {
                let said = format!("{program}: {trouble}");
                return Finding::bad(what, said, &["rustup default stable"]);
            }
        };
        if !at_least(&version, RUST) {
            let said = format!("{} is too old; {RUST} is needed", version.trim());
            return Finding::bad(what, said, &["rustup update stable"]);
        }
        if program == "rustc" {
            if !has_shared_std() {
                let said = "rustc comes without the shared standard library, libstd-*.so, \
                    with which each cell is linked; rustup's has it";
                return Finding::bad(what, said, &["rustup default stable"]);
            }
            continue;
        }
        let rustc = answer(Command::new("rustc").arg("--version"), DEADLINE);
        return Finding::good(what, rustc.unwrap_or(version).trim());
    }
    unreachable!("the second of two programs returns")
}

/// Whether the compiler has what evcxr links each cell with. The packages of Debian and
/// Fedora leave it out, since the compiler itself needs none.
fn has_shared_std() -> bool {
    let print = ["--print", "target-libdir"];
    let dir = answer(Command::new("rustc").args(print), DEADLINE).unwrap_or_default();
    let names = fs::read_dir(dir.trim()).into_iter().flatten().flatten();
    names.map(|entry| entry.file_name().into_encoded_bytes()).any(|name| {
        let is_shared = name.ends_with(b".so") || name.ends_with(b".dylib");
        name.starts_with(b"libstd-") && is_shared
    })
}

fn in_home(program: &str) -> bool {
    env::home_dir().is_some_and(|home| home.join(".cargo/bin").join(program).is_file())
}

/// The sources of std, without which rust-analyzer finds no type and completes nothing.
pub(super) fn rust_src() -> Finding {
    let what = "rust-src";
    let sysroot = answer(Command::new("rustc").args(["--print", "sysroot"]), DEADLINE);
    let sysroot = sysroot.unwrap_or_default();
    let core = "lib/rustlib/src/rust/library/core";
    if Path::new(sysroot.trim()).join(core).is_dir() {
        return Finding::good(what, "the sources of std are there");
    }
    Finding::bad(
        what,
        "the sources of std are missing",
        &["rustup component add rust-src"],
    )
}

/// Links a program where kernels keep their cells, and runs it there.
pub(super) fn linker() -> Finding {
    let what = "linker";
    let start = Instant::now();
    match link_and_run() {
        Ok(Ok(())) => {
            let seconds = start.elapsed().as_secs_f64();
            Finding::good(what, format!("links a program that runs, in {seconds:.1} s"))
        }
        Ok(Err(Trouble::Failed(why))) if why.starts_with("linker") => Finding::bad(
            what,
            format!("rustc finds none: {why}"),
            &["sudo apt-get install build-essential"],
        ),
        Ok(Err(trouble)) => {
            let said = format!("cannot make a program: {trouble}");
            Finding::bad(what, said, &["rustc --version --verbose; cc --version"])
        }
        Err(error) => Finding::bad(
            what,
            format!("what it made cannot be run: {error}"),
            &["XDG_CACHE_HOME=/some/other/dir make lab"],
        ),
    }
}

fn link_and_run() -> Result<std::result::Result<(), Trouble>> {
    let dir = Scratch::new()?;
    let (source, program) = (dir.dir.join("main.rs"), dir.dir.join("main"));
    fs::write(&source, "fn main() {}\n")?;
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", "2024", "-C", "debuginfo=0", "-o"]);
    if let Err(trouble) = answer(rustc.arg(&program).arg(&source), DEADLINE) {
        return Ok(Err(trouble));
    }
    // What is on a file system without the right to run would fail in the first cell.
    let status = Command::new(&program)
        .status()
        .map_err(|error| format!("{}: {error}", dir.cache.path().display()))?;
    if status.success() { Ok(Ok(())) } else { Err(format!("{status}").into()) }
}

/// A directory in the cache for a moment.
#[derive(Debug)]
struct Scratch {
    cache: Owned,
    name: String,
    dir: PathBuf,
}

impl Scratch {
    fn new() -> Result<Self> {
        let cache = paths::cache()?;
        let name = format!("doctor-{}", std::process::id());
        // One of the same number may have been killed.
        cache.remove(&name)?;
        let dir = cache.new_dir(&name)?.path().to_owned();
        Ok(Scratch { cache, name, dir })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = self.cache.remove(&self.name);
    }
}

/// The Python of the venv that this program is in, else the terminal's.
fn python_program() -> PathBuf {
    let beside = env::current_exe().ok().map(|exe| exe.with_file_name("python"));
    beside.filter(|python| python.exists()).unwrap_or_else(|| "python3".into())
}

/// An interpreter, new enough.
pub(super) fn python() -> Finding {
    let what = "python";
    let program = python_program();
    let install = "sudo apt-get install python3 python3-venv";
    match answer(Command::new(&program).arg("--version"), DEADLINE) {
        Ok(version) if at_least(&version, PYTHON) => {
            Finding::good(what, format!("{} ({})", version.trim(), program.display()))
        }
        Ok(version) => {
            let said = format!("{} is too old; {PYTHON} is needed", version.trim());
            Finding::bad(what, said, &[install])
        }
        Err(trouble) => {
            let said = format!("{}: {trouble}", program.display());
            Finding::bad(what, said, &[install, "rm -rf .venv; make setup"])
        }
    }
}

/// JupyterLab, and the kernelspec by which it finds this kernel.
pub(super) fn jupyter() -> Finding {
    let what = "jupyter";
    let program = python_program();
    let Some(venv) = program.parent().and_then(Path::parent) else {
        let said = "this program is not installed in a venv";
        return Finding::note(what, said, "make setup");
    };
    let spec = venv.join("share/jupyter/kernels/rust/kernel.json");
    match fs::read_to_string(&spec) {
        Ok(text) if text.contains("potok-kernel") => {}
        Ok(_) => {
            let said = format!("{} starts another kernel", spec.display());
            return Finding::bad(what, said, &["make setup"]);
        }
        Err(error) => {
            return Finding::bad(
                what,
                format!("{}: {error}", spec.display()),
                &["make setup"],
            );
        }
    }
    let import = "import jupyterlab as lab; print(lab.__version__)";
    match answer(Command::new(&program).args(["-c", import]), DEADLINE) {
        Ok(version) => {
            Finding::good(what, format!("JupyterLab {}, kernel `rust`", version.trim()))
        }
        Err(trouble) => {
            let said = format!("JupyterLab does not load: {trouble}");
            Finding::bad(what, said, &["rm -rf .venv; make setup"])
        }
    }
}

/// Java, which Spark runs on and nothing else here.
pub(super) fn java() -> Finding {
    let what = "java";
    match answer(Command::new("java").arg("-version"), DEADLINE) {
        Ok(version) => {
            Finding::good(what, version.lines().next().unwrap_or("there").trim())
        }
        Err(trouble) => Finding::note(
            what,
            format!("{trouble}; only jobs on Spark need it"),
            "sudo apt-get install default-jre-headless",
        ),
    }
}

/// Whether the first number with a dot in `text` is a version not below `needed`.
fn at_least(text: &str, needed: &str) -> bool {
    let numbers = |version: &str| -> Vec<u32> {
        let digits = version.split(|c: char| !c.is_ascii_digit() && c != '.');
        let first = digits.into_iter().find(|word| word.contains('.'));
        let parts = first.unwrap_or_default().split('.');
        parts.filter_map(|part| part.parse().ok()).collect()
    };
    let found = numbers(text);
    !found.is_empty() && found >= numbers(needed)
}

#[cfg(test)]
mod tests {
    use super::at_least;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(at_least("rustc 1.95.0 (f00 2026-04-01)", "1.95"));
        assert!(at_least("rustc 1.100.0-nightly", "1.95"));
        assert!(!at_least("rustc 1.94.9", "1.95"));
        assert!(at_least("Python 3.10.0", "3.10"));
        assert!(!at_least("Python 3.9.20", "3.10"));
        assert!(!at_least("no version", "3.10"));
    }
}
