//! What goes to the cluster: a program, and how it finds the job in itself.
//!
//! *What to notice*: a notebook's cell is a shared object. Sent along with potok's own and
//! the standard library's, it can be loaded on any machine with the same system, and the
//! job's functions are where they were here: so many bytes from the beginning of it.

use super::record::Record;
use super::stream::half;
use crate::functions::{Combine, Functions, Key, Map, Partitioner, Reduce, Value};
use crate::job::MapReduce;
use crate::recipe::Recipe;
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use potok_process::{Code, Export, Main, Maker, Place, launch};
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

/// Holds the places of the entry and of what makes the job's functions.
const JOB: &str = "POTOK_JOB";
/// In the place of an object: there is no such function.
const NONE: &str = "-";

/// Runs one half of a job that it puts together from the places of its makers. One for each
/// combination of types.
type Entry = fn(&[Option<Code>], &[String]) -> Result<u8>;

/// Where the cluster's program finds [`main`].
static MAIN: Export<Main> = Export::new(main);

impl Shipment {
    /// A program that is a whole job by itself.
    pub(super) fn program(path: &Path) -> Result<Self> {
        let path = path.canonicalize().map_err(|error| {
            let text = words::no_cluster_program(path.display(), error);
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
        let entry: &'static Export<Entry> = const { &Export::new(entry::<T, Q, V, O>) };
        let places = [
            Some(entry.place()),
            Some(recorded("map", map)?),
            Some(recorded("reduce", reduce)?),
            combine.map(|function| recorded("combine", function)).transpose()?,
            partition.map(|function| recorded("partition", function)).transpose()?,
        ];
        Shipment::to(&places)
    }

    /// The code at these places, and how it is found again.
    fn to(places: &[Option<Place>]) -> Result<Self> {
        let launch = launch(&MAIN)?;
        let (mut objects, mut fields) = (BTreeSet::new(), vec![]);
        for place in places {
            let Some(place) = *place else {
                fields.extend([NONE.to_owned(), NONE.to_owned()]);
                continue;
            };
            let code = Code::at(place)?;
            objects.extend(code.object().map(Path::to_path_buf));
            fields.extend(code.by_name().to_args());
        }
        let mut files = vec![launch.program];
        files.extend(with_needed(objects)?);
        let mut env = launch.env;
        env.push((JOB.to_owned(), fields.join("\t")));
        Ok(Shipment { files, args: launch.args, env })
    }
}

fn recorded(what: &str, function: Option<Place>) -> Result<Place> {
    function.ok_or_else(|| Error::invalid(words::captures(what)))
}

/// On the cluster: the `main` of the program.
fn main() -> i32 {
    let args: Vec<String> = std::env::args().collect();
    let begin = args.iter().rposition(|arg| arg == "map" || arg == "reduce");
    let own = &args[begin.unwrap_or(args.len())..];
    let run = || {
        let (entry, makers) = job()?;
        entry(&makers, own)
    };
    // A panic has said on standard error what it is about.
    let ended = catch_unwind(AssertUnwindSafe(run)).unwrap_or(Ok(101));
    ended.map_or_else(
        |error| {
            potok_base::output::print_aside(format!("{error}\n").as_bytes());
            1
        },
        i32::from,
    )
}

/// The entry that the environment names, and the places of what makes its functions.
fn job() -> Result<(Entry, Vec<Option<Code>>)> {
    let nothing = || Error::invalid(words::no_job(JOB));
    let places = std::env::var(JOB).map_err(|_| nothing())?;
    let fields: Vec<&str> = places.split('\t').collect();
    let (pairs, _) = fields.as_chunks::<2>();
    let code = |[object, offset]: &[&str; 2]| match *object {
        NONE => Some(None),
        object => Code::from_args(object, offset).map(Some),
    };
    let codes: Option<Vec<_>> = pairs.iter().map(code).collect();
    let mut codes = codes.ok_or_else(nothing)?.into_iter();
    let entry = codes.next().flatten().ok_or_else(nothing)?.get()?;
    Ok((entry, codes.collect()))
}

fn entry<T, Q, V, O>(makers: &[Option<Code>], args: &[String]) -> Result<u8>
where
    T: Record + ?Sized + 'static,
    Q: Key + Serialize + ?Sized,
    Q::Owned: DeserializeOwned,
    V: Value + Serialize + DeserializeOwned,
    O: Value + Serialize,
{
    let [Some(map), Some(reduce), combine, partition] = makers else {
        return Err(Error::invalid(words::half_a_job(JOB)));
    };
    let functions: Functions<T, Q, V, O> = Functions {
        map: make::<Map<T, Q, V>>(map)?,
        reduce: make::<Reduce<Q, V, O>>(reduce)?,
        combine: combine.as_ref().map(make::<Combine<V>>).transpose()?,
        partition: partition.as_ref().map(make::<Partitioner<Q>>).transpose()?,
    };
    Ok(half(&functions, args))
}

fn make<M: 'static>(code: &Code) -> Result<M> {
    Ok(code.get::<Maker<M>>()?.make())
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
        .map_err(|error| Error::io(words::no_ldd(), &error))?;
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
