//! What goes to the cluster: a program, and how it finds the job in itself.
//!
//! *What to notice*: a notebook's cell is a shared object. Sent along with potok's own and
//! the standard library's, it can be loaded on any machine with the same system, and the
//! job's functions are where they were here: so many bytes from the beginning of it.

use super::record::Record;
use super::stream::half;
use super::sys::as_function;
use crate::functions::{Combine, Functions, Key, Map, Partitioner, Reduce, Value};
use crate::job::MapReduce;
use crate::recipe::Recipe;
use potok_base::error::{Error, ErrorKind, Result};
use potok_process::{Code, away};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the cluster needs to run a job.
#[derive(Debug)]
pub(super) struct Shipment {
    /// The program first, then what it loads.
    pub(super) files: Vec<PathBuf>,
    pub(super) args: Vec<String>,
    pub(super) env: Vec<(String, String)>,
}

/// Holds the addresses of the entry and of what makes the job's functions.
const JOB: &str = "POTOK_JOB";
/// In the place of an object: there is no such function.
const NONE: &str = "-";

/// Runs one half of a job that it puts together from the addresses of its makers. One for
/// each combination of types.
type Entry = fn(&[Option<*const ()>], &[String]) -> u8;

impl Shipment {
    /// A program that is a whole job by itself.
    pub(super) fn program(path: &Path) -> Result<Self> {
        let path = path.canonicalize().map_err(|error| {
            let text =
                format!("no program for the cluster: `{}`: {error}", path.display());
            Error::new(ErrorKind::NotFound, text)
        })?;
        Ok(Shipment { files: vec![path], args: vec![], env: vec![] })
    }

    /// This process's own code.
    pub(super) fn code<T, Q, V, O>(job: &MapReduce<T, Q, V, O>) -> Result<Self>
    where
        T: Record + ?Sized + 'static,
        Q: Key + Serialize + ?Sized,
        Q::Owned: DeserializeOwned,
        V: Value + Serialize + DeserializeOwned,
        O: Value + Serialize,
    {
        let Recipe { map, reduce, combine, partition } = job.recipe;
        let entry: Entry = entry::<T, Q, V, O>;
        let addresses = [
            Some(entry as *const ()),
            Some(address("map", map)?),
            Some(address("reduce", reduce)?),
            combine.map(|make| address("combine", make)).transpose()?,
            partition.map(|make| address("partition", make)).transpose()?,
        ];
        Shipment::to(&addresses)
    }

    /// The code at these addresses, and how it is found again.
    fn to(addresses: &[Option<*const ()>]) -> Result<Self> {
        let away = away(main)?;
        let (mut objects, mut fields) = (BTreeSet::new(), vec![]);
        for address in addresses {
            let Some(address) = *address else {
                fields.extend([NONE.to_owned(), NONE.to_owned()]);
                continue;
            };
            let code = Code::at(address)?;
            objects.extend(code.object().map(Path::to_path_buf));
            fields.extend(code.by_name().to_args());
        }
        let mut files = vec![away.program];
        files.extend(with_needed(objects)?);
        let mut env = away.env;
        env.push((JOB.to_owned(), fields.join("\t")));
        Ok(Shipment { files, args: away.args, env })
    }
}

fn address<M>(what: &str, make: Option<fn() -> M>) -> Result<*const ()> {
    make.map(|make| make as *const ()).ok_or_else(|| {
        Error::invalid(format!(
            "the {what} function captures variables, which stay in this process; on a \
             cluster it has the record, constants and statics. Put what it needs there, \
             or run the job on `Threads` or `Processes`"
        ))
    })
}

/// On the cluster: the `main` of the program.
extern "C" fn main() -> i32 {
    let code = || {
        let addresses = std::env::var(JOB).ok()?;
        let fields: Vec<&str> = addresses.split('\t').collect();
        let (pairs, _) = fields.as_chunks::<2>();
        let address = |[object, offset]: &[&str; 2]| match *object {
            NONE => Some(Ok(None)),
            object => Some(Code::from_args(object, offset)?.address().map(Some)),
        };
        pairs.iter().map(address).collect::<Option<Result<Vec<_>>>>()
    };
    let args: Vec<String> = std::env::args().collect();
    let begin = args.iter().rposition(|arg| arg == "map" || arg == "reduce");
    let own = &args[begin.unwrap_or(args.len())..];
    let error = match code() {
        Some(Ok(addresses)) => match &addresses[..] {
            [Some(entry), makers @ ..] => {
                let run = || as_function::<Entry>(*entry)(makers, own);
                // The panic has said on standard error what it is about.
                return catch_unwind(AssertUnwindSafe(run)).unwrap_or(101).into();
            }
            _ => format!("`{JOB}` has no entry"),
        },
        Some(Err(error)) => error.to_string(),
        None => format!("`{JOB}` does not say where the job is"),
    };
    potok_base::output::print_aside(format!("{error}\n").as_bytes());
    1
}

fn entry<T, Q, V, O>(makers: &[Option<*const ()>], args: &[String]) -> u8
where
    T: Record + ?Sized + 'static,
    Q: Key + Serialize + ?Sized,
    Q::Owned: DeserializeOwned,
    V: Value + Serialize + DeserializeOwned,
    O: Value + Serialize,
{
    let [Some(map), Some(reduce), combine, partition] = *makers else { return 1 };
    let functions: Functions<T, Q, V, O> = Functions {
        map: as_function::<fn() -> Map<T, Q, V>>(map)(),
        reduce: as_function::<fn() -> Reduce<Q, V, O>>(reduce)(),
        combine: combine.map(|make| as_function::<fn() -> Combine<V>>(make)()),
        partition: partition.map(|make| as_function::<fn() -> Partitioner<Q>>(make)()),
    };
    half(&functions, args)
}

/// The objects with all that they load, but not what is part of the system.
fn with_needed(objects: BTreeSet<PathBuf>) -> Result<BTreeSet<PathBuf>> {
    if objects.is_empty() {
        return Ok(objects);
    }
    let output = Command::new("ldd")
        .args(&objects)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::io("ask `ldd` what a cell needs", &error))?;
    let mut all = objects;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Some((name, place)) = line.trim().split_once(" => ") else { continue };
        let place = place.rsplit_once(" (").map_or(place, |(path, _)| path);
        if place == "not found" {
            all.extend(loaded(name));
        } else if !["/lib", "/usr/lib"].iter().any(|system| place.starts_with(system)) {
            all.insert(place.into());
        }
    }
    Ok(all)
}

/// Where this process has an object of this name from, if it has it.
fn loaded(name: &str) -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let paths = maps.lines().filter_map(|line| line.find('/').map(|at| &line[at..]));
    let mut paths = paths.map(Path::new);
    paths
        .find(|path| path.file_name().is_some_and(|other| other == name))
        .map(Into::into)
}
