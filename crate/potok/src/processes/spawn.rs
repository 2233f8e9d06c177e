//! `spawn`: a freshly executed process runs a function.
//!
//! ```standalone_crate
//! use potok::prelude::*;
//!
//! fn fib(n: u64) -> u64 {
//!     if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
//! }
//!
//! fn main() -> Result<(), Error> {
//!     processes::init();                        // first: a worker never gets past it
//!     assert_eq!(processes::spawn(fib, 20)?.join()?, 6_765);
//!     Ok(())
//! }
//! ```
//!
//! *What to notice*: nothing was copied but the number 20 and the result. The worker
//! loaded the code that this program was made of, and called `fib` in it by its offset.
//!
//! What a function captures stays behind, so a closure that captures is refused:
//!
//! ```compile_fail,E0080
//! # use potok::prelude::*;
//! let n = 20_u64;
//! let child = processes::spawn(move |()| n + 1, ());   // pass `n` as the argument
//! # child.unwrap();
//! ```

use super::code::Code;
use super::process::{Process, Wires};
use super::slate::Slate;
use super::worker::{self, Hello, Task};
use super::{Child, Limits, carry, report, sys, wire};
use crate::error::{Error, ErrorKind, Result};
use nix::unistd::Pid;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set in a program that executes itself again as a worker.
const ROLE: &str = "POTOK_ROLE";
/// Names the kernel's worker program; the kernel sets it.
const PROGRAM: &str = "POTOK_WORKER";

static INITIALISED: AtomicBool = AtomicBool::new(false);

/// Lets an ordinary program run [`spawn`] and `Pool`: call it first in `main`.
///
/// The program is then able to be its own worker: it executes itself again, and the
/// second one never returns from here. A notebook needs no such call.
pub fn init() {
    INITIALISED.store(true, Ordering::Relaxed);
    if std::env::var_os(ROLE).is_some() {
        sys::leave(worker::main());
    }
}

/// Runs `f` on `args` in a freshly executed process, within [`Limits::new`].
///
/// `f` is a function, or a closure that captures nothing. Arguments and result go as
/// bytes, so their types implement serde's traits.
///
/// # Errors
/// No worker program is known; the arguments cannot be turned into bytes; the system has
/// no process left. What goes wrong in the child is an error of [`Child::join`].
pub fn spawn<F, A, R>(f: F, args: A) -> Result<Child<R>>
where
    F: Fn(A) -> R + Copy + 'static,
    A: Serialize + DeserializeOwned,
    R: Serialize + DeserializeOwned,
{
    spawn_within(Limits::new(), f, &args)
}

pub(super) fn spawn_within<F, A, R>(limits: Limits, f: F, args: &A) -> Result<Child<R>>
where
    F: Fn(A) -> R + Copy + 'static,
    A: Serialize + DeserializeOwned,
    R: Serialize + DeserializeOwned,
{
    let code = Code::of(f)?;
    let (items, fds) = carry::collect(|| {
        let mut items = vec![];
        report::append(&mut items, args).map(|()| items)
    });
    let wall = limits.wall;
    let (process, socket, _slate) = execute(limits)?;
    let head = Task { code, count: 1, fds: fds.len() as u32, recorder: None };
    let message = task(&head, &items?)?;
    wire::send(&socket, &message, &fds, wall)?;
    sys::send_no_more(&socket);
    Ok(Child::new(process, File::from(socket)))
}

/// The message that tells a worker what to do.
pub(super) fn task(head: &Task, items: &[u8]) -> Result<Vec<u8>> {
    let mut message = Vec::with_capacity(items.len() + 256);
    message.extend_from_slice(&[0; 4]);
    report::append(&mut message, head)?;
    message.extend_from_slice(items);
    wire::seal(&mut message);
    Ok(message)
}

/// Starts a worker by executing a program and greets it.
pub(super) fn execute(limits: Limits) -> Result<(Process, OwnedFd, Slate)> {
    let mut command = program()?;
    let (ours, theirs) = sys::socket_pair()?;
    let (wires, ends) = Wires::new()?;
    command
        .stdin(theirs)
        .stdout(ends.out)
        .stderr(ends.err)
        .process_group(0)
        .env(ROLE, "worker")
        // What the kernel tells its own processes by is not for the worker.
        .env_remove("EVCXR_IS_RUNTIME")
        .env_remove("EVCXR_RUSTC_WRAPPER");
    let child = command.spawn().map_err(|error| {
        let program = command.get_program().display();
        Error::new(
            ErrorKind::NotFound,
            format!("start the worker `{program}`: {error}"),
        )
    })?;
    let pid = Pid::from_raw(child.id().cast_signed());
    let process = Process::new(pid, wires, limits.clone())?;
    let slate = greet(&ours, limits)?;
    Ok((process, ours, slate))
}

/// Sends a worker its first message.
pub(super) fn greet(socket: &OwnedFd, limits: Limits) -> Result<Slate> {
    let (slate, slate_fd) = Slate::new()?;
    let wall = limits.wall;
    let hello = wire::frame(&Hello { parent: sys::Parent::here(), limits })?;
    wire::send(socket, &hello, &[slate_fd], wall)?;
    Ok(slate)
}

/// The program that can be a worker for this one.
fn program() -> Result<Command> {
    let main = Code::at(worker::main as *const ())?;
    if INITIALISED.load(Ordering::Relaxed) {
        let mut command = Command::new("/proc/self/exe");
        if let Some(name) = std::env::args_os().next() {
            command.arg0(name);
        }
        return Ok(command);
    }
    match std::env::var_os(PROGRAM) {
        Some(program) if !main.is_in_program() => {
            let mut command = Command::new(program);
            command.arg("worker").args(main.to_args());
            Ok(command)
        }
        _ => Err(Error::unsupported(
            "this process does not know how to start a worker: in a notebook use the \
             kernel that `make setup` installs; in a program call `processes::init()` \
             first in `main`; or use `fork`, which needs neither",
        )),
    }
}
