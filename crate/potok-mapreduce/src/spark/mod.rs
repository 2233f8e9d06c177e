//! A job on a cluster: Apache Spark hands out the tasks.
//!
//! ```no_run
//! use potok::map_reduce::{MapReduce, SLIDE, Spark};
//! let job = MapReduce::new(
//!     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
//!     |_word, counts| counts.sum::<u64>(),
//! );
//! let run = job.over(SLIDE).on(Spark::at("spark://host:7077")).run()?;
//! assert_eq!(run.get("Car"), Some(&3));
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: Spark never sees the job's types. It starts a program on its workers,
//! pipes lines into it, reads lines from it, sorts them by key and pipes them into the
//! program again, this time to reduce. This is the contract of Hadoop Streaming; `sort` in a
//! shell keeps it too.
//!
//! * `record`, `text`: records, keys and values as lines.
//! * `stream`: the two halves of a job as a program.
//! * `shell`: the same in a pipeline.
//! * `ship`: where that program comes from if the job is closures in a cell.
//! * `driver`, `driver.py`: the process that talks to Spark.
//! * `answer`: its output, as a run.
//! * `cluster`, `cluster.py`: a cluster on this machine, for the class.
//!
//! # A program of one's own
//!
//! For production, and wherever a function captures something, the job is an ordinary
//! program: see `examples/word_count.rs`, and [`Spark::program`]. It has to run on the
//! cluster's machines: build it there, or on a system whose C library (glibc) is not newer;
//! or for `x86_64-unknown-linux-musl`, which needs no C library at all. Hadoop itself takes
//! such a program, too; its command would be this, which is *not tested* here:
//!
//! ```text
//! mapred streaming -files job -mapper 'job map' -reducer 'job reduce' -input … -output …
//! ```

mod answer;
mod cluster;
mod driver;
mod record;
mod shell;
mod ship;
mod stream;
mod text;

pub use cluster::Cluster;
pub use record::Record;

use self::driver::PythonProcess;
use self::ship::Shipment;
use super::engine::Engine;
use super::faults::Faults;
use super::flow::{Flow, ReduceTask};
use super::functions::{Key, Value};
use super::input::{Source, Split};
use super::job::MapReduce;
use super::options::Options;
use super::run::Run;
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::foreign::Folder;
use potok_base::language;
use potok_base::sync::lock;
use potok_base::trace::Trace;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Write;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A Spark cluster, and what to run on it.
///
/// Keys, values and results go through lines of text, so their types have to implement
/// serde's traits, and records [`Record`]. The functions of the job may not capture
/// anything, except with [`Spark::program`].
///
/// Connecting takes some seconds. Clones share the connection; it ends with the last one.
#[derive(Clone, Debug)]
pub struct Spark {
    master: String,
    program: Option<PathBuf>,
    shared_files: bool,
    settings: Vec<String>,
    connection: Arc<Mutex<Option<Connection>>>,
}

#[derive(Debug)]
struct Connection {
    process: PythonProcess,
    /// The settings it was made with: attempts at a task, backup tasks.
    settings: (u32, bool),
    jobs: usize,
}

impl Spark {
    /// The cluster at this address: `spark://host:7077`, [`Cluster::url`], or `local[2]` for
    /// Spark with two threads inside of one process.
    pub fn at(master: impl Into<String>) -> Self {
        let master = master.into();
        let here = ["local", "spark://127.0.0.1:", "spark://localhost:"];
        Spark {
            shared_files: here.iter().any(|here| master.starts_with(here)),
            master,
            program: None,
            settings: vec![],
            connection: Arc::default(),
        }
    }

    /// Runs this program, a job by [`MapReduce::main`], instead of the job's own functions,
    /// which then only name the types.
    #[must_use]
    pub fn program(mut self, path: impl AsRef<Path>) -> Self {
        self.program = Some(path.as_ref().to_path_buf());
        self
    }

    /// All workers have the same files at the same paths as this process, so they read
    /// [`files`](super::files) themselves. Otherwise the input is sent by this process. A
    /// cluster on this machine needs no such call.
    ///
    /// # Examples
    /// ```
    /// use potok::map_reduce::Spark;
    /// let spark = Spark::at("spark://host:7077").shared_files();
    /// let spark = spark.set("spark.executor.memory", "2g");
    /// # drop(spark);
    /// ```
    #[must_use]
    pub fn shared_files(mut self) -> Self {
        self.shared_files = true;
        self
    }

    /// Changes one of Spark's own settings, such as `spark.executor.memory`.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push(format!("{name}={value}"));
        self.connection = Arc::default();
        self
    }

    /// Runs the job described in `folder`, and leaves its output there.
    fn execute(&self, folder: &Folder, options: &Options) -> Result<()> {
        let start = Instant::now();
        let mut slot = lock(&self.connection);
        let settings = (options.attempts, options.backup_tasks);
        let mut connection = match slot.take() {
            Some(connection) if connection.settings == settings => connection,
            _ => self.connect(options)?,
        };
        connection.jobs += 1;
        connection.process.send_line(&folder.0.to_string_lossy())?;
        let left = options.timeout.saturating_sub(start.elapsed());
        let answer =
            connection.process.next_line(words::the_job(), left).map_err(|error| {
                match error.kind() {
                    ErrorKind::TimedOut => {
                        Error::timed_out(words::the_job(), options.timeout)
                    }
                    _ => error,
                }
            })?;
        *slot = Some(connection);
        if answer == "done" {
            return Ok(());
        }
        let why = std::fs::read_to_string(folder.0.join("error")).unwrap_or(answer);
        Err(Error::new(ErrorKind::Exited(1), why))
    }

    fn connect(&self, options: &Options) -> Result<Connection> {
        let mut process = PythonProcess::start("driver.py", |folder| {
            let mut args =
                vec![self.master.clone(), folder.to_string_lossy().into_owned()];
            args.push(format!("spark.task.maxFailures={}", options.attempts));
            args.push(format!("spark.speculation={}", options.backup_tasks));
            args.extend(self.settings.iter().cloned());
            args
        })?;
        let what = words::connecting(&self.master);
        process.next_line(&what, options.timeout)?;
        Ok(Connection {
            process,
            settings: (options.attempts, options.backup_tasks),
            jobs: 0,
        })
    }

    /// Writes the description of a job that the driver reads.
    fn describe(
        &self,
        shipment: &Shipment,
        options: &Options,
        input: &dyn SplitInput,
        splits: &[Split],
    ) -> Result<Folder> {
        let folder = Folder::new("job")?;
        let mut job = format!(
            "reducers\t{}\nseconds\t{}\n",
            options.reducers,
            options.task_timeout.as_secs_f64()
        );
        let mut field = |name: &str, value: &str| {
            if value.contains('\n') {
                return Err(Error::invalid(words::line_break(value)));
            }
            let _ = writeln!(job, "{name}\t{value}");
            Ok(())
        };
        for file in &shipment.files {
            field("file", &file.to_string_lossy())?;
        }
        for arg in &shipment.args {
            field("arg", arg)?;
        }
        field(
            "env",
            &format!("{}={}", language::VARIABLE, language::current().code()),
        )?;
        for (name, value) in &shipment.env {
            field("env", &format!("{name}={value}"))?;
        }
        for (n, split) in splits.iter().enumerate() {
            field("split", &split.label)?;
            let pieces = self.shared_files.then(|| input.pieces(split)).flatten();
            if let Some(pieces) = pieces {
                for (path, range) in pieces {
                    let path = std::path::absolute(&path).unwrap_or(path);
                    let path = path.to_string_lossy();
                    field("piece", &format!("{}\t{}\t{path}", range.start, range.end))?;
                }
            } else {
                folder.write(&format!("split-{n}"), input.lines(split)?)?;
            }
        }
        folder.write("job", job)?;
        Ok(folder)
    }
}

/// A stretch of a file.
type Piece = (PathBuf, Range<u64>);

/// An input, whatever its records are.
trait SplitInput {
    /// The stretches of files that a split is, if it is.
    fn pieces(&self, split: &Split) -> Option<Vec<Piece>>;

    /// All records of a split, each a line.
    fn lines(&self, split: &Split) -> Result<String>;
}

impl<T: Record + ?Sized> SplitInput for Arc<dyn Source<T>> {
    fn pieces(&self, split: &Split) -> Option<Vec<Piece>> {
        (**self).pieces(split)
    }

    fn lines(&self, split: &Split) -> Result<String> {
        let (mut text, mut written) = (String::new(), Ok(()));
        self.read(split, &mut |record| {
            written = record.write(&mut text);
            text.push('\n');
            match written {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        written.map(|()| text)
    }
}

impl<T, Q, V, O> Engine<T, Q, V, O> for Spark
where
    T: Record + ?Sized + 'static,
    Q: Key + Serialize + ?Sized,
    Q::Owned: DeserializeOwned,
    V: Value + Serialize + DeserializeOwned,
    O: Value + Serialize + DeserializeOwned,
{
    fn run(
        &self,
        job: &MapReduce<T, Q, V, O>,
        input: Arc<dyn Source<T>>,
    ) -> Result<Run<Q::Owned, O>> {
        let options = &job.options;
        if options.faults != Faults::none() {
            return Err(Error::unsupported(words::no_faults()));
        }
        let shipment = match &self.program {
            Some(path) => Shipment::program(path)?,
            None => Shipment::code(job)?,
        };
        let combined = job.functions.combine.is_some();
        let splits = input.splits(options.splits)?;
        if splits.is_empty() {
            return Ok(nothing(options.reducers, combined));
        }
        driver::python()?;
        let folder = self.describe(&shipment, options, &input, &splits)?;
        self.execute(&folder, options)?;
        answer::read(&folder.0, &splits, options.reducers, combined)
    }
}

/// The run over an empty input.
fn nothing<K, O>(reducers: usize, combined: bool) -> Run<K, O> {
    let reduce = ReduceTask { worker: 1, keys: 0, groups: vec![] };
    let reduces = vec![reduce; reducers];
    Run {
        partitions: (0..reducers).map(|_| vec![]).collect(),
        flow: Flow { reduces, combined, ..Flow::default() },
        tasks: vec![],
        trace: Trace { recorded: Duration::ZERO, ..Trace::default() },
    }
}
