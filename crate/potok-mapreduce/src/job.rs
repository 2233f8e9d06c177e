//! A job: the two functions that its author writes, and what may be said beside them.

use super::compiled::{Codec, Compiled};
use super::engine::{Engine, Sequential};
use super::faults::Faults;
use super::functions::{Functions, Key, Value, Values};
use super::input::{Input, Source};
use super::options::Options;
use super::recipe::{self, Recipe, combiner, partitioner};
use super::run::Run;
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
    /// How pairs go to disk, if they may.
    pub(super) codec: Option<Codec<Q, V>>,
    /// How another machine finds the functions.
    pub(super) recipe: Recipe,
    /// What runs it.
    pub(super) compiled: Compiled<T, Q, V, O>,
    pub(super) options: Options,
}

impl<T: ?Sized + 'static, Q: Key + ?Sized, V: Value, O: Value> MapReduce<T, Q, V, O> {
    /// A job of a map function and a reduce function.
    ///
    /// `map` gets a record and calls `emit(key, value)` as often as it likes; the key is
    /// borrowed, so that a word of the line needs no copy. `reduce` gets a key and all
    /// values that were emitted with it. Name the type of the record: `|line: &str, emit|`,
    /// [`|line: &Line, emit|`](super::Line) where the file matters, `|n: &u64, emit|`.
    pub fn new(
        map: impl Fn(&T, &mut dyn FnMut(&Q, V)) + Send + Sync + 'static,
        reduce: impl Fn(&Q, Values<'_, V>) -> O + Send + Sync + 'static,
    ) -> Self {
        let (map, map_recorded) = recipe::map(map);
        let (reduce, reduce_recorded) = recipe::reduce(reduce);
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

    /// Adds a combiner: it folds a value into what the same map task has already emitted
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
        let (combine, recorded) = combiner(combine);
        self.recipe.combine = Some(recorded);
        self.functions.combine = Some(combine);
        self
    }

    /// Sets how a key's partition is found: `partition(key, reducers)` is a number below
    /// `reducers`. Without it, it is the remainder of a hash that never changes.
    #[must_use]
    pub fn partition(
        mut self,
        partition: impl Fn(&Q, usize) -> usize + Send + Sync + 'static,
    ) -> Self {
        let (partition, recorded) = partitioner(partition);
        self.recipe.partition = Some(recorded);
        self.functions.partition = Some(partition);
        self
    }

    /// How many partitions and reduce tasks there are: 4 if nothing else is said.
    #[must_use]
    pub fn reducers(mut self, n: usize) -> Self {
        self.options.reducers = n;
        self
    }

    /// Into about how many splits the input is cut; a split holds whole records.
    ///
    /// Without it: 16, but none above 8 MB.
    #[must_use]
    pub fn splits(mut self, n: usize) -> Self {
        self.options.splits = Some(n);
        self
    }

    /// How often a task may be tried before the run is given up: 3 times if nothing else
    /// is said.
    #[must_use]
    pub fn attempts(mut self, n: u32) -> Self {
        self.options.attempts = n;
        self
    }

    /// How long one attempt at a task may take. Then its worker counts as lost, and
    /// another one gets the task: after 60 s if nothing else is said. Not on
    /// [`Sequential`](super::Sequential), which has nobody else.
    #[must_use]
    pub fn task_deadline(mut self, limit: Duration) -> Self {
        self.options.task_deadline = limit;
        self
    }

    /// How long the whole run may take: 10 minutes if nothing else is said. Where the time
    /// is over, what still runs is given up; [`Sequential`](super::Sequential) first ends
    /// the task that it is at.
    #[must_use]
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.options.deadline = limit;
        self
    }

    /// Lets idle workers run the last tasks a second time where these take more than twice
    /// as long as the others; whoever is first counts. These are Dean and Ghemawat's
    /// backup tasks, against stragglers.
    #[must_use]
    pub fn backup_tasks(mut self) -> Self {
        self.options.backup_tasks = true;
        self
    }

    /// Lets attempts crash or stall, as the seed of `faults` says.
    #[must_use]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.options.faults = faults;
        self
    }

    /// Tells how many tasks of each phase are done, on threads and on processes: a bar in
    /// potok's own kernel, a line every second elsewhere. A phase of less than half a
    /// second says nothing.
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

    /// How many bytes of disk pairs may take on their way to the reducers: any number if
    /// nothing else is said. A task that needs more fails, as it would on a full disk.
    #[must_use]
    pub fn disk(mut self, bytes: u64) -> Self {
        self.options.budget.disk = bytes;
        self
    }

    /// The directory whose disk takes pairs on their way: the system's own for temporary
    /// files if nothing else is said. Nothing that has a name is left there, ever.
    #[must_use]
    pub fn scratch(mut self, dir: impl AsRef<Path>) -> Self {
        self.options.budget.scratch = Some(dir.as_ref().to_path_buf());
        self
    }

    /// The job together with its input: a text, [`files`](super::files) or a `Vec` of
    /// records. Choose an engine with [`on`](Job::on) or [`run`](Job::run) it at once.
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
    /// About how many bytes of memory the tables of all map tasks may take. What is more
    /// goes to disk, sorted, and the reducers merge it.
    ///
    /// Beside it there is the input that is being read (256 KB for each worker, or a whole
    /// line), all values of the key that is being reduced, and the result.
    #[must_use]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.options.budget.memory = bytes;
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
    /// workers; a task that failed as often as it may be tried; the deadline.
    pub fn run(self) -> Result<Run<Q::Owned, O>> {
        let options = &self.job.options;
        for (what, n) in [
            ("reducers", options.reducers),
            ("splits", options.splits.unwrap_or(1)),
            ("attempts", options.attempts as usize),
        ] {
            if n == 0 {
                return Err(Error::invalid(format!(
                    "a job with 0 {what}; start from 1"
                )));
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
