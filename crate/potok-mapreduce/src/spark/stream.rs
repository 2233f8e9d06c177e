//! A job as a program that keeps the contract of Hadoop Streaming: lines on standard input,
//! lines of a key, a tab and a value on standard output.
//!
//! ```sh
//! cat input | job map | LC_ALL=C sort | job reduce
//! ```
//!
//! *What to notice*: the shuffle is `sort`. It brings equal keys together, which is all that
//! `reduce` needs: it holds the values of one key at a time.

use super::record::Record;
use super::text;
use crate::collector::Collector;
use crate::flow::{Group, Shuffled};
use crate::functions::{Functions, Key, Value};
use crate::job::MapReduce;
use crate::pairs::Hashed;
use crate::reduce_task::reduce_key;
use crate::table_key::{TableKey, hash_of_key};
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Borrow;
use std::io::{BufRead, Write};
use std::num::NonZero;

/// The report of a map task: records, pairs emitted, the first of them, and what goes to each
/// partition.
pub(super) type Mapped = (u64, u64, Vec<(String, String)>, Vec<Shuffled>);
/// The report of a reduce task: how many keys, and the first of them.
pub(super) type Reduced = (u64, Vec<Group>);

/// The prefix of a report on standard error. Hadoop leaves such lines out of its logs.
const REPORT: &str = "reporter:potok:";
/// The most keys that a combiner keeps before it writes them.
const COMBINED: usize = 1 << 20;

impl<T, Q, V, O> MapReduce<T, Q, V, O>
where
    T: Record + ?Sized + 'static,
    Q: Key + Serialize + ?Sized,
    Q::Owned: DeserializeOwned,
    V: Value + Serialize + DeserializeOwned,
    O: Value + Serialize,
{
    /// Runs one half of the job as a program: `map` or `reduce`, as `args` say. Errors go to
    /// standard error, with exit code 1.
    ///
    /// Such a program runs in a shell, on Spark with
    /// [`Spark::program`](super::Spark::program), and wherever Hadoop Streaming's contract
    /// is kept. Pass it `std::env::args().skip(1)`.
    pub fn main(
        &self,
        args: impl IntoIterator<Item = impl Into<String>>,
    ) -> std::process::ExitCode {
        let args: Vec<String> = args.into_iter().map(Into::into).collect();
        std::process::ExitCode::from(half(&self.functions, &args))
    }
}

/// The two halves of a job of any types.
pub(super) trait Halves {
    fn map(
        &self,
        partitions: Option<usize>,
        input: &mut dyn BufRead,
        output: &mut dyn Write,
    ) -> Result<Mapped>;

    fn reduce(
        &self,
        input: &mut dyn BufRead,
        output: &mut dyn Write,
    ) -> Result<Reduced>;
}

/// The exit code of one half of a job.
pub(super) fn half(halves: &dyn Halves, args: &[String]) -> u8 {
    // The last lines of standard error are quoted when it fails.
    potok_process::short_panics();
    let report =
        stream(halves, args, &mut std::io::stdin().lock(), std::io::stdout().lock());
    let code = u8::from(report.is_err());
    let text = report.unwrap_or_else(|error| format!("{error}\n"));
    potok_base::output::print_aside(text.as_bytes());
    code
}

/// Runs one half from `input` to `output`. Returns its report if one was asked for.
fn stream(
    halves: &dyn Halves,
    args: &[String],
    input: &mut dyn BufRead,
    output: impl Write,
) -> Result<String> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (phase, partitions) = match args[..] {
        [phase] => (phase, None),
        [phase, "--partitions", n] if let Ok(n) = n.parse::<NonZero<usize>>() => {
            (phase, Some(n.get()))
        }
        _ => ("", None),
    };
    let mut output = std::io::BufWriter::with_capacity(1 << 16, output);
    let mut report = REPORT.to_owned();
    match phase {
        "map" => text::write(&mut report, &halves.map(partitions, input, &mut output)?),
        "reduce" => text::write(&mut report, &halves.reduce(input, &mut output)?),
        _ => Err(Error::invalid(words::which_half())),
    }?;
    output.flush().map_err(|error| cannot_write(&error))?;
    report.push('\n');
    Ok(if partitions.is_some() { report } else { String::new() })
}

impl<T, Q, V, O> Halves for Functions<T, Q, V, O>
where
    T: Record + ?Sized + 'static,
    Q: Key + Serialize + ?Sized,
    Q::Owned: DeserializeOwned,
    V: Value + Serialize + DeserializeOwned,
    O: Value + Serialize,
{
    fn map(
        &self,
        partitions: Option<usize>,
        input: &mut dyn BufRead,
        output: &mut dyn Write,
    ) -> Result<Mapped> {
        let mut out = Output {
            functions: self,
            partitions,
            output,
            line: String::new(),
            shuffled: vec![Shuffled::default(); partitions.unwrap_or(1)],
            failed: None,
        };
        let mut collector = Collector::new(self.combine.as_ref());
        let mut emit = |key: &Q, value: V| {
            if self.combine.is_none() {
                collector.note(key, &value);
                return out.put(TableKey::Any(&key), hash_of_key(key), &[value]);
            }
            collector.emit(key, value);
            if collector.keys() >= COMBINED {
                out.put_all(&collector.take());
            }
        };
        let mut records = 0;
        each_line(input, &mut |line| {
            records += 1;
            T::read(line, &mut |record| (self.map)(record, &mut emit))
        })?;
        out.put_all(&collector.take());
        let (emitted, first) = (collector.emitted, collector.first);
        match out.failed {
            Some(error) => Err(error),
            None => Ok((records, emitted, first, out.shuffled)),
        }
    }

    fn reduce(
        &self,
        input: &mut dyn BufRead,
        output: &mut dyn Write,
    ) -> Result<Reduced> {
        let (mut keys, mut groups) = (0, vec![]);
        let (mut current, mut values): (Option<String>, Vec<V>) = (None, vec![]);
        let mut finish = |key: Option<String>, values: &mut Vec<V>| {
            let Some(key_text) = key else { return Ok(()) };
            let key: Q::Owned = text::read(&key_text)?;
            let result = reduce_key(&self.reduce, key.borrow(), &[values], &mut groups);
            keys += 1;
            values.clear();
            let mut line = key_text;
            line.push('\t');
            text::write(&mut line, &result)?;
            line.push('\n');
            output.write_all(line.as_bytes()).map_err(|error| cannot_write(&error))
        };
        each_line(input, &mut |line| {
            let (key, value) = line.split_once('\t').ok_or_else(|| {
                Error::new(ErrorKind::Undecodable, words::not_a_pair(line))
            })?;
            if current.as_deref() != Some(key) {
                finish(current.replace(key.to_owned()), &mut values)?;
            }
            values.push(text::read(value)?);
            Ok(())
        })?;
        finish(current.take(), &mut values)?;
        Ok((keys, groups))
    }
}

/// The pairs of a map task on standard output, with their partition if it was asked for.
struct Output<'a, T: ?Sized, Q: Key + ?Sized, V, O> {
    functions: &'a Functions<T, Q, V, O>,
    partitions: Option<usize>,
    output: &'a mut dyn Write,
    line: String,
    shuffled: Vec<Shuffled>,
    failed: Option<Error>,
}

impl<T: ?Sized, Q, V, O> Output<'_, T, Q, V, O>
where
    Q: Key + Serialize + ?Sized,
    V: Value + Serialize,
{
    fn put_all(&mut self, all: &Hashed<Q::Owned, V>) {
        for (hash, pairs) in all {
            self.put(pairs.key.as_ref(), *hash, pairs.values.slice());
        }
    }

    fn put<K: Borrow<Q>>(&mut self, key: TableKey<&K>, hash: u64, values: &[V]) {
        if self.failed.is_none() {
            self.failed = self.try_put(key, hash, values).err();
        }
    }

    fn try_put<K: Borrow<Q>>(
        &mut self,
        key: TableKey<&K>,
        hash: u64,
        values: &[V],
    ) -> Result<()> {
        let all = &mut self.shuffled;
        let partition = self.functions.partition_of(key, hash, values.len(), all)?;
        for value in values {
            self.line.clear();
            if self.partitions.is_some() {
                text::write(&mut self.line, &partition)?;
                self.line.push('\t');
            }
            key.with(|key: &Q| text::write(&mut self.line, key))?;
            self.line.push('\t');
            text::write(&mut self.line, value)?;
            self.line.push('\n');
            self.output
                .write_all(self.line.as_bytes())
                .map_err(|error| cannot_write(&error))?;
        }
        Ok(())
    }
}

/// Passes each line to `each`, without its end.
fn each_line(
    input: &mut dyn BufRead,
    each: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<()> {
    let (mut line, mut at) = (vec![], 0);
    loop {
        line.clear();
        let n = input
            .read_until(b'\n', &mut line)
            .map_err(|error| Error::io(words::no_input_left(), &error))?;
        if n == 0 {
            return Ok(());
        }
        let text = str::from_utf8(&line).map_err(|error| {
            let at = at + error.valid_up_to() as u64;
            Error::new(ErrorKind::Undecodable, words::input_not_utf8(at))
        })?;
        at += n as u64;
        text.lines().try_for_each(&mut *each)?;
    }
}

fn cannot_write(error: &std::io::Error) -> Error {
    Error::io(words::no_output(), error)
}
