//! A Jupyter kernel for Rust notebooks that import potok: `evcxr_jupyter`, unmodified,
//! started from a build directory in which potok is already compiled.
//!
//! One binary, several roles. Jupyter launches `start`, a relay, which runs the binary
//! again as evcxr's own kernel, which runs it once more as the process that holds the
//! cells:
//!
//! ```text
//! Jupyter ── start (relay) ── --control_file (evcxr's kernel) ── runtime (runs the cells)
//! ```
//!
//! *What to notice*: only `start` knows of sessions and templates; evcxr is steered by
//! environment variables alone ([`session`]).
//!
//! # What it does not do
//! It changes nothing in evcxr: cells are compiled, run and completed there. It knows no section
//! of the lecture, and nothing of potok but the lines that [`relay`] reads and the one function
//! that [`worker`] calls. What it does not protect from is in `SECURITY.md`.
//!
//! # What it costs to build
//! evcxr_jupyter, and rust-analyzer in it: 15 to 30 minutes on two cores, once per machine.
//! After that, this crate alone: about half a minute of one core's time, with its tests, in the
//! profile `kernel` (rustc 1.95 on a busy machine with 2 cores of an AMD EPYC).

use std::process::ExitCode;

mod cargo;
mod cluster;
mod copy;
mod doctor;
mod filter;
mod inner;
mod install;
mod items;
mod lean;
mod library;
mod orders;
mod owned;
mod paths;
mod points;
mod private;
mod relay;
mod session;
mod sources;
mod spare;
mod start;
mod sync;
mod sys;
mod template;
mod wall;
mod worker;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const HELP: &str = "\
potok-kernel install <venv> [<potok>]      write the kernelspec `rust` into a venv
potok-kernel install --user [<potok>]      … into your own Jupyter
potok-kernel install --prefix <dir> [<potok>]  … into that of an environment
potok-kernel uninstall --user              take it away again (or --prefix <dir>)
potok-kernel version                       this program's, and the hash of its sources
potok-kernel template [<potok>]            compile potok once, ahead of the kernels
potok-kernel template --shared [<potok>]   … for all users of this program
potok-kernel start <connection> [<potok>]  run a kernel; this is what Jupyter calls
potok-kernel spare <pid> [<potok>]         prepare a kernel, which ends with that process
potok-kernel sweep                         remove what killed kernels left behind
potok-kernel doctor [--fix] [--quick]      find what is missing, and what mends it
potok-kernel items <notebook> [<released>] what of an answer will not be graded
potok-kernel wall --read <path>… --write <path>… -- <program>…  run it, and let it open nothing else
potok-kernel cluster up [--workers <n>]    start a Spark cluster on this machine
potok-kernel cluster status                the clusters that are up
potok-kernel cluster down                  end them
";

fn main() -> ExitCode {
    if let Some(done) = cargo::called_by_another_name() {
        return done.unwrap_or_else(|error| {
            say(&error.to_string());
            ExitCode::FAILURE
        });
    }
    if std::env::var_os(cargo::NOTE).is_some() {
        return match cargo::note() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                say(&error.to_string());
                ExitCode::FAILURE
            }
        };
    }
    if points::is_graded() {
        sys::seclude();
    }
    // evcxr runs this binary again for its own roles and tells them by the environment.
    let for_evcxr = ["EVCXR_IS_RUNTIME", "EVCXR_RUSTC_WRAPPER"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        _ if for_evcxr => for_evcxr_itself(),
        ["--control_file", _] => inner::run(),
        ["start", connection, ref library @ ..] => match chosen(library) {
            Ok(potok) => return start::start(connection, &potok),
            Err(error) => Err(error),
        },
        ["install", ref args @ ..] => match install::Place::read(args) {
            Some((place, library)) => {
                chosen(library).and_then(|potok| install::install(&place, &potok))
            }
            None => Err(HELP.into()),
        },
        ["uninstall", ref args @ ..] => match install::Place::read(args) {
            Some((place, [])) => install::uninstall(&place),
            _ => Err(HELP.into()),
        },
        ["version"] => {
            version();
            Ok(())
        }
        ["template"] => {
            library::usual().and_then(|potok| template::make(&potok)).map(drop)
        }
        ["template", "--shared"] => {
            library::usual().and_then(|potok| template::share(&potok))
        }
        ["template", "--shared", potok] => template::share(potok),
        ["template", potok] => template::make(potok).map(drop),
        [template::COMPILE] => template::compile(),
        ["spare", server] => {
            library::usual().and_then(|potok| spare::prepare(server, &potok))
        }
        ["spare", server, potok] => spare::prepare(server, potok),
        [spare::KEEP, server, potok] => spare::keep(server, potok),
        ["sweep"] => {
            private::sweep();
            session::sweep_and_tell()
        }
        ["doctor", ref options @ ..] => match doctor::Wish::read(options) {
            Some(wish) => match library::usual().and_then(|it| doctor::run(&wish, &it))
            {
                Ok(code) => return code,
                Err(error) => Err(error),
            },
            None => Err(HELP.into()),
        },
        [doctor::MEASURE] => doctor::measure(),
        ["items", ref args @ ..] => match items::run(args) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        ["wall", ref args @ ..] => wall::run(args),
        ["cluster", "up"] => cluster::up("2"),
        ["cluster", "up", "--workers", workers] => cluster::up(workers),
        ["cluster", "status"] => cluster::run(&["status"]),
        ["cluster", "down"] => cluster::run(&["down"]),
        ["worker", object, offset, ..] => match worker::run(object, offset) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        _ => Err(HELP.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// The library that is named last, or the usual one.
fn chosen(named: &[&str]) -> Result<String> {
    match named {
        [] => library::usual(),
        [potok] => Ok((*potok).to_owned()),
        _ => Err(HELP.into()),
    }
}

/// Tells which program this is.
#[allow(clippy::print_stdout, reason = "the answer to a question at a terminal")]
fn version() {
    let sources = library::SOURCES.unwrap_or("not recorded");
    println!("potok-kernel {}, sources {sources}", env!("CARGO_PKG_VERSION"));
}

/// A role that evcxr gave this program: evcxr's own code has to be entered.
fn for_evcxr_itself() -> Result<()> {
    if std::env::var_os("EVCXR_IS_RUNTIME").is_some() {
        inner::begin_runtime()?;
    }
    Ok(evcxr_jupyter::main()?)
}

/// Tells the person at the terminal, or Jupyter's log.
#[allow(clippy::print_stderr, reason = "the one place where this program speaks")]
fn say(text: &str) {
    eprintln!("potok-kernel: {}", text.trim_end());
}
