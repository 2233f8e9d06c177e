//! A job: a map function, a reduce function, and options.

use super::compiled::{Codec, Compiled};
use super::engine::{Engine, Sequential};
use super::faults::Faults;
use super::functions::{
    Combine, Functions, Key, Map, Partitioner, Reduce, Value, Values,
};
use super::input::{Input, Source};
use super::options::Options;
use super::recipe::{Recipe, recorded};
use super::run::Run;
use crate::words;
use potok_base::error::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A job over records of type `T`, which emits keys `Q` with values `V` and reduces the
/// values of each key to an `O`.
///
/// In a cell all four are inferred. Clones share the functions.
///
/// # Examples
/// ```
/// use potok::map_reduce::MapReduce;
/// let job = MapReduce::new(
///     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
///     |_word, counts| counts.sum::<u64>(),
/// );
/// let run = job.over("Deer Bear River\nCar Car River\nDeer Car Bear").run()?;
/// assert_eq!(run.get("Car"), Some(&3));
/// # Ok::<(), potok::Error>(())
/// ```
pub struct MapReduce<T: ?Sized, Q: ToOwned + ?Sized, V, O> {
    pub(super) functions: Functions<T, Q, V, O>,
    /// How pairs are spilled to disk, if they may be.
    pub(super) codec: Option<Codec<Q, V>>,
    /// How another machine finds the functions.
    pub(super) recipe: Recipe,
    /// Its generic code, compiled: see `compiled`.
    pub(super) compiled: Compiled<T, Q, V, O>,
    pub(super) options: Options,
}

impl<T: ?Sized + 'static, Q: Key + ?Sized, V: Value, O: Value> MapReduce<T, Q, V, O> {
    /// A job of a map function and a reduce function.
    ///
    /// `map` gets a record and calls `emit(key, value)` any number of times; the key is
    /// borrowed, so a word of the line is not copied. `reduce` gets a key and all values
    /// that were emitted with it. Annotate the type of the record: `|line: &str, emit|`,
    /// [`|line: &Line, emit|`](super::Line) where the file matters, `|n: &u64, emit|`.
    pub fn new(
        map: impl Fn(&T, &mut dyn FnMut(&Q, V)) + Send + Sync + 'static,
        reduce: impl Fn(&Q, Values<'_, V>) -> O + Send + Sync + 'static,
    ) -> Self {
        let (map, map_recorded) =
            recorded::<_, Map<T, Q, V>>(map, |f| Arc::new(f), |f| Arc::new(f));
        let (reduce, reduce_recorded) =
            recorded::<_, Reduce<Q, V, O>>(reduce, |f| Arc::new(f), |f| Arc::new(f));
        MapReduce {
            recipe: Recipe {
                map: map_recorded,
                reduce: reduce_recorded,
                combine: None,
                partition: None,
            },
            functions: Functions { map, reduce, combine: None, partition: None },
            codec: None,
            compiled: Compiled::here(),
            options: Options::default(),
        }
    }

    /// Adds a combiner, which folds a value into what the same map task has already emitted
    /// with the same key, so that less goes through the shuffle.
    ///
    /// The result is the same with and without it if the order and the grouping of values
    /// do not matter to `reduce`, as for a sum or a maximum; not for a mean.
    ///
    /// # Examples
    /// ```
    /// use potok::map_reduce::MapReduce;
    /// let job = MapReduce::new(
    ///     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
    ///     |_word, counts| counts.sum::<u64>(),
    /// );
    /// let plain = job.over("a a a\nb a").run()?;
    /// let combined = job.combine(|sum, count| *sum += count).over("a a a\nb a").run()?;
    /// assert_eq!(plain.sorted(), combined.sorted());
    /// assert_eq!((plain.shuffled().pairs, combined.shuffled().pairs), (5, 3));
    /// # Ok::<(), potok::Error>(())
    /// ```
    #[must_use]
    pub fn combine(
        mut self,
        combine: impl Fn(&mut V, V) + Send + Sync + 'static,
    ) -> Self {
        let (combine, place) =
            recorded::<_, Combine<V>>(combine, |f| Arc::new(f), |f| Arc::new(f));
        self.recipe.combine = Some(place);
        self.functions.combine = Some(combine);
        self
    }

    /// Sets the partitioner: `partition(key, reducers)` is a number below `reducers`. By
    /// default, it is the remainder of a hash that is the same in every run.
    #[must_use]
    pub fn partition(
        mut self,
        partition: impl Fn(&Q, usize) -> usize + Send + Sync + 'static,
    ) -> Self {
        let (partition, place) =
            recorded::<_, Partitioner<Q>>(partition, |f| Arc::new(f), |f| Arc::new(f));
        self.recipe.partition = Some(place);
        self.functions.partition = Some(partition);
        self
    }

    /// The number of partitions and reduce tasks; 4 by default.
    #[must_use]
    pub fn reducers(mut self, n: usize) -> Self {
        self.options.reducers = n;
        self
    }

    /// About how many splits the input is cut into; a split holds whole records. By
    /// default, 16, and more if a split would exceed 8 MB.
    #[must_use]
    pub fn splits(mut self, n: usize) -> Self {
        self.options.splits = Some(n);
        self
    }

    /// How many attempts a task has before the run fails; 3 by default.
    #[must_use]
    pub fn attempts(mut self, n: u32) -> Self {
        self.options.attempts = n;
        self
    }

    /// How long one attempt at a task may take; 60 s by default. After that its worker
    /// counts as lost, and another one gets the task. Ignored by
    /// [`Sequential`](super::Sequential), which has no other worker.
    #[must_use]
    pub fn task_timeout(mut self, limit: Duration) -> Self {
        self.options.task_timeout = limit;
        self
    }

    /// How long the whole run may take; 10 minutes by default. Then running tasks are given
    /// up; [`Sequential`](super::Sequential) first finishes the one it is running.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.options.timeout = limit;
        self
    }

    /// Lets idle workers run a task a second time if it takes more than twice as long as the
    /// others; the first result counts. These are Dean and Ghemawat's backup tasks, against
    /// stragglers.
    #[must_use]
    pub fn backup_tasks(mut self) -> Self {
        self.options.backup_tasks = true;
        self
    }

    /// Makes attempts crash or stall, as the seed of `faults` decides.
    #[must_use]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.options.faults = faults;
        self
    }

    /// Shows how many tasks of each phase are done, on threads and processes: a bar in
    /// potok's own kernel, a line every second elsewhere, nothing for a phase shorter than
    /// half a second.
    ///
    /// # Examples
    /// ```
    /// use potok::map_reduce::{MapReduce, Threads};
    /// let job = MapReduce::new(
    ///     |n: &u64, emit| emit(&(n % 2), *n),
    ///     |_parity, numbers| numbers.max(),
    /// );
    /// let run = job.progress("largest").over(vec![1, 2, 3]).on(Threads(2)).run()?;
    /// assert_eq!(run.sorted(), [(0, Some(2)), (1, Some(3))]);
    /// # Ok::<(), potok::Error>(())
    /// ```
    #[must_use]
    pub fn progress(mut self, label: impl Into<String>) -> Self {
        self.options.progress = Some(label.into());
        self
    }

    /// How many bytes of disk spilled pairs may take; unlimited by default. A task that
    /// needs more fails, as on a full disk.
    #[must_use]
    pub fn disk(mut self, bytes: u64) -> Self {
        self.options.budget.disk = Some(bytes);
        self
    }

    /// The directory whose disk takes spilled pairs; the system's directory for temporary
    /// files by default. The file has no name, so none is ever left behind.
    #[must_use]
    pub fn scratch(mut self, dir: impl AsRef<Path>) -> Self {
        self.options.budget.scratch = Some(dir.as_ref().to_path_buf());
        self
    }

    /// The job with its input: a text, [`files`](super::files) or a `Vec` of records. Choose
    /// an engine with [`on`](Job::on), or [`run`](Job::run) it on the calling thread.
    pub fn over(&self, input: impl Input<T>) -> Job<T, Q, V, O> {
        Job { job: self.clone(), input: input.open(), engine: Sequential }
    }
}

impl<T, Q, V, O> MapReduce<T, Q, V, O>
where
    T: ?Sized + 'static,
    Q: Key + Serialize + ?Sized,
    Q::Owned: DeserializeOwned,
    V: Value + Serialize + DeserializeOwned,
    O: Value,
{
    /// About how many bytes of memory the tables of all map tasks may take. The rest is
    /// spilled to disk, sorted, and merged by the reducers.
    ///
    /// Not counted: the input being read (256 KB for each worker, or one line), all values
    /// of the key being reduced, and the result.
    #[must_use]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.options.budget.memory = Some(bytes);
        self.codec = Some(Codec::new());
        self
    }
}

impl<T: ?Sized, Q: ToOwned + ?Sized, V, O> Clone for MapReduce<T, Q, V, O> {
    fn clone(&self) -> Self {
        MapReduce {
            functions: self.functions.clone(),
            codec: self.codec,
            recipe: self.recipe,
            compiled: self.compiled,
            options: self.options.clone(),
        }
    }
}

impl<T: ?Sized, Q: ToOwned + ?Sized, V, O> fmt::Debug for MapReduce<T, Q, V, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapReduce")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// A job with its input, ready to run. Made by [`MapReduce::over`].
pub struct Job<T: ?Sized, Q: ToOwned + ?Sized, V, O, E = Sequential> {
    pub(super) job: MapReduce<T, Q, V, O>,
    pub(super) input: Result<Arc<dyn Source<T>>>,
    engine: E,
}

impl<T: ?Sized, Q: ToOwned + ?Sized, V, O, E> Job<T, Q, V, O, E> {
    /// The same job on another engine: [`Sequential`], [`Threads(4)`](super::Threads),
    /// [`Processes(4)`](super::Processes).
    #[must_use]
    pub fn on<N>(self, engine: N) -> Job<T, Q, V, O, N> {
        Job { job: self.job, input: self.input, engine }
    }
}

impl<T, Q, V, O, E> Job<T, Q, V, O, E>
where
    T: ?Sized + 'static,
    Q: Key + ?Sized,
    V: Value,
    O: Value,
    E: Engine<T, Q, V, O>,
{
    /// Runs the job to its end.
    ///
    /// # Errors
    /// An input that cannot be read or is no UTF-8; zero reducers, splits, attempts or
    /// workers; a task that failed as often as it may be tried; the time limit.
    pub fn run(self) -> Result<Run<Q::Owned, O>> {
        let options = &self.job.options;
        for (what, n) in [
            (words::no_reducers(), options.reducers),
            (words::no_splits(), options.splits.unwrap_or(1)),
            (words::no_attempts(), options.attempts as usize),
        ] {
            if n == 0 {
                return Err(Error::invalid(what));
            }
        }
        self.engine.run(&self.job, self.input?)
    }
}

impl<T: ?Sized, Q: ToOwned + ?Sized, V, O, E: Debug> fmt::Debug for Job<T, Q, V, O, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("engine", &self.engine).finish_non_exhaustive()
    }
}
