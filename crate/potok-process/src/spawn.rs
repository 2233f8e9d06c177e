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
//!
//! A pointer to a function is such data too: an address that means something in this
//! process alone. What travels is the function itself, or a number that says which one:
//!
//! ```compile_fail,E0080
//! # use potok::prelude::*;
//! # fn square(n: u64) -> u64 { n * n }
//! # fn cube(n: u64) -> u64 { n * n * n }
//! let table = [square, cube];
//! let child = processes::spawn(table[1], 3);   // `cube`, or `|(i, n)| [square, cube][i](n)`
//! # child.unwrap();
//! ```
//!
//! So is one that captures what has no bytes, and is a proof of something about this thread:
//!
//! ```compile_fail,E0277
//! # use potok::prelude::*;
//! #[derive(Clone, Copy)]
//! struct OnMainThread(std::marker::PhantomData<*const ()>);   // neither `Send` nor `Sync`
//!
//! let proof = OnMainThread(std::marker::PhantomData);
//! let child = processes::spawn(move |n: u64| { let _on_main = proof; n }, 20);
//! # child.unwrap();
//! ```
//!
//! # What no bound tells
//! A closure that captures a value without bytes which all threads may have has no bytes itself
//! and counts as one that captures nothing. So such a value is there in the worker too, although
//! nobody made it in that process:
//!
//! ```standalone_crate
//! # use potok::prelude::*;
//! #[derive(Clone, Copy)]
//! struct Ready(());                             // only `prepare` makes one
//! impl Ready {
//!     fn prepare() -> Ready { Ready(()) }
//!     fn length(self) -> u64 { 5 }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! # processes::init();
//! let ready = Ready::prepare();                 // in this process alone
//! assert_eq!(processes::spawn(move |()| ready.length(), ())?.join()?, 5);
//! # Ok(())
//! # }
//! ```
//!
//! Whoever writes a type like this, and relies in `unsafe` code on what `prepare` did, gives it
//! a byte or makes it `!Sync`: then no closure that captures it compiles here. A proof that
//! holds on the whole machine, such as that its processors have an instruction, needs neither.
//!
//! ```compile_fail,E0080
//! # use potok::prelude::*;
//! #[derive(Clone, Copy)]
//! struct Ready(bool);
//! # impl Ready { fn length(self) -> u64 { 5 } }
//!
//! let ready = Ready(true);
//! let child = processes::spawn(move |()| ready.length(), ());
//! # child.unwrap();
//! ```

use super::child_output::ChildOutput;
use super::code::Code;
use super::process::Process;
use super::shared_table::SharedTable;
use super::sys::Export;
use super::worker::{self, Hello, Task};
use super::{Child, Limits, descriptors, frame, sys, wire};
use crate::words;
use nix::unistd::Pid;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::language;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set in a program that executes itself again as a worker.
const ROLE: &str = "POTOK_ROLE";
/// The role of a worker.
const WORKER: &str = "worker";
/// The role of a program that is to call its own code at an offset.
const CALL: &str = "call:";
/// Names the kernel's worker program; the kernel sets it.
const PROGRAM: &str = "POTOK_WORKER";

static INITIALISED: AtomicBool = AtomicBool::new(false);

/// Lets an ordinary program run [`spawn`] and `Pool`: call it first in `main`.
///
/// The program is then able to be its own worker: it executes itself again, and the
/// second one never returns from here. A notebook needs no such call.
pub fn init() {
    INITIALISED.store(true, Ordering::Relaxed);
    let Ok(role) = std::env::var(ROLE) else { return };
    // What it starts in its turn does not have this role.
    sys::forget_variable(ROLE);
    sys::leave(match role.strip_prefix(CALL).map(str::parse) {
        Some(Ok(offset)) => call(&Code::new(String::new(), offset)),
        None if role == WORKER => worker::main(),
        _ => complain(&Error::invalid(words::no_such_role(ROLE, role))),
    });
}

/// Calls a `main` of [`launch`], or says what is wrong.
pub(super) fn call(code: &Code) -> i32 {
    match code.get::<Main>() {
        Ok(main) => main(),
        Err(error) => complain(&error),
    }
}

fn complain(error: &Error) -> i32 {
    potok_base::output::print_aside(format!("{error}\n").as_bytes());
    1
}

/// What a process that was started for it does, and its exit code.
pub type Main = fn() -> i32;

/// How a `main` of this process is run on another machine.
#[derive(Debug)]
pub struct Launch {
    /// The program to send there.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables of its environment.
    pub env: Vec<(String, String)>,
}

/// The way to run `main` from a copy of the program, with copies of all shared objects
/// where the loader finds them.
///
/// # Errors
/// As [`spawn`].
pub fn launch(main: &'static Export<Main>) -> Result<Launch> {
    let code = Code::at(main.place())?;
    let [_, offset] = code.to_args();
    if INITIALISED.load(Ordering::Relaxed) && code.is_in_program() {
        let program = std::env::current_exe()
            .map_err(|error| Error::io(words::no_own_program(), &error))?;
        let env = vec![(ROLE.to_owned(), format!("{CALL}{offset}"))];
        return Ok(Launch { program, args: vec![], env });
    }
    match std::env::var_os(PROGRAM) {
        Some(program) if !code.is_in_program() => {
            let mut args = vec![WORKER.to_owned()];
            args.extend(code.by_name().to_args());
            Ok(Launch { program: program.into(), args, env: vec![] })
        }
        _ => Err(no_program()),
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
    F: Fn(A) -> R + Copy + Sync + 'static,
    A: Serialize + DeserializeOwned,
    R: Serialize + DeserializeOwned,
{
    spawn_within(Limits::new(), f, args)
}

pub(super) fn spawn_within<F, A, R>(limits: Limits, f: F, args: A) -> Result<Child<R>>
where
    F: Fn(A) -> R + Copy + Sync + 'static,
    A: Serialize + DeserializeOwned,
    R: Serialize + DeserializeOwned,
{
    let code = Code::of_entry(f)?;
    let (items, fds) = descriptors::pack(args)?;
    let wall = limits.wall;
    let (process, socket, _table) = execute(limits, 0)?;
    let task = Task { code, count: 1, fds: fds.len() as u32, recorder: None };
    let message = [head(&task, &items)?, items].concat();
    wire::send(&socket, &message, &fds, wall)?;
    sys::send_no_more(&socket);
    Ok(Child::new(process, File::from(socket)))
}

/// The head of the message that tells a worker what to do; the items come after it.
pub(super) fn head(task: &Task, items: &[u8]) -> Result<Vec<u8>> {
    let mut head = vec![];
    let start = frame::begin(&mut head);
    frame::append_value(&mut head, task)?;
    frame::seal(&mut head, start, items.len());
    Ok(head)
}

/// Starts a worker by executing a program and greets it.
pub(super) fn execute(
    limits: Limits,
    number: u32,
) -> Result<(Process, OwnedFd, SharedTable)> {
    let mut command = program()?;
    let (ours, theirs) = sys::socket_pair()?;
    let (output, ends) = ChildOutput::new()?;
    command
        .stdin(theirs)
        .stdout(ends.out)
        .stderr(ends.err)
        .process_group(0)
        .env(ROLE, WORKER)
        .env(language::VARIABLE, language::current().code())
        // What the kernel tells its own processes by is not for the worker.
        .env_remove("EVCXR_IS_RUNTIME")
        .env_remove("EVCXR_RUSTC_WRAPPER");
    let child = command.spawn().map_err(|error| {
        let program = command.get_program().display();
        Error::new(ErrorKind::NotFound, words::no_worker(program, error))
    })?;
    let pid = Pid::from_raw(child.id().cast_signed());
    let process = Process::new(pid, output, limits.clone())?;
    let table = greet(&ours, limits, number)?;
    Ok((process, ours, table))
}

/// Sends a worker its first message, with its number in its pool.
pub(super) fn greet(
    socket: &OwnedFd,
    limits: Limits,
    number: u32,
) -> Result<SharedTable> {
    let (table, table_fd) = SharedTable::new()?;
    let wall = limits.wall;
    let parent = sys::Parent::here();
    let mut hello = vec![];
    frame::append(&mut hello, &Hello { parent, limits, number })?;
    wire::send(socket, &hello, &[table_fd], wall)?;
    Ok(table)
}

/// The program that can be a worker for this one.
fn program() -> Result<Command> {
    let main = Code::at(worker::MAIN.place())?;
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
            command.arg(WORKER).args(main.to_args());
            Ok(command)
        }
        _ => Err(no_program()),
    }
}

fn no_program() -> Error {
    Error::unsupported(words::no_program())
}
