//! A job: the two functions that its author writes, and what may be said beside them.

use super::engine::{Engine, Sequential};
use super::faults::Faults;
use super::input::{Input, Source};
use super::run::Run;
use crate::error::{Error, Result};
use std::fmt;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// What a key must be able to do, in its borrowed form: a `str`, a number, a tuple.
///
/// Everything that can be hashed, ordered, shown and made an owned value is a key.
pub trait Key: Hash + Ord + Debug + ToOwned<Owned: OwnedKey> + 'static {}
impl<Q: Hash + Ord + Debug + ToOwned<Owned: OwnedKey> + ?Sized + 'static> Key for Q {}

/// What a key must be able to do in its owned form: a `String` for a `str`.
pub trait OwnedKey: Ord + Clone + Debug + Send + Sync + 'static {}
impl<K: Ord + Clone + Debug + Send + Sync + 'static> OwnedKey for K {}

/// What a value or a result must be able to do: be copied, be shown, go to another thread.
pub trait Value: Clone + Debug + Send + Sync + 'static {}
impl<V: Clone + Debug + Send + Sync + 'static> Value for V {}

pub(super) type Map<T, Q, V> = Arc<dyn Fn(&T, &mut dyn FnMut(&Q, V)) + Send + Sync>;
pub(super) type Reduce<Q, V, O> = Arc<dyn Fn(&Q, Values<'_, V>) -> O + Send + Sync>;
pub(super) type Combine<V> = Arc<dyn Fn(&mut V, V) + Send + Sync>;
pub(super) type Partitioner<Q> = Arc<dyn Fn(&Q, usize) -> usize + Send + Sync>;

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
pub struct MapReduce<T: ?Sized, Q: ?Sized, V, O> {
    pub(super) map: Map<T, Q, V>,
    pub(super) reduce: Reduce<Q, V, O>,
    pub(super) combine: Option<Combine<V>>,
    pub(super) partition: Option<Partitioner<Q>>,
    pub(super) options: Options,
}

/// Everything about a job that is a number.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) reducers: usize,
    pub(super) splits: Option<usize>,
    pub(super) attempts: u32,
    pub(super) task_deadline: Duration,
    pub(super) deadline: Duration,
    pub(super) backup_tasks: bool,
    pub(super) faults: Faults,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            reducers: 4,
            splits: None,
            attempts: 3,
            task_deadline: Duration::from_secs(60),
            deadline: Duration::from_secs(600),
            backup_tasks: false,
            faults: Faults::none(),
        }
    }
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
        MapReduce {
            map: Arc::new(map),
            reduce: Arc::new(reduce),
            combine: None,
            partition: None,
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
        self.combine = Some(Arc::new(combine));
        self
    }

    /// Sets how a key's partition is found: `partition(key, reducers)` is a number below
    /// `reducers`. Without it, it is the remainder of a hash that never changes.
    #[must_use]
    pub fn partition(
        mut self,
        partition: impl Fn(&Q, usize) -> usize + Send + Sync + 'static,
    ) -> Self {
        self.partition = Some(Arc::new(partition));
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
    /// another one gets the task: after 60 s if nothing else is said.
    #[must_use]
    pub fn task_deadline(mut self, limit: Duration) -> Self {
        self.options.task_deadline = limit;
        self
    }

    /// How long the whole run may take: 10 minutes if nothing else is said.
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

    /// The job together with its input: a text, [`files`](super::files) or a `Vec` of
    /// records. Choose an engine with [`on`](Job::on) or [`run`](Job::run) it at once.
    pub fn over(&self, input: impl Input<T>) -> Job<T, Q, V, O> {
        Job { job: self.clone(), input: input.open(), engine: Sequential }
    }
}

impl<T: ?Sized, Q: ?Sized, V, O> Clone for MapReduce<T, Q, V, O> {
    fn clone(&self) -> Self {
        MapReduce {
            map: Arc::clone(&self.map),
            reduce: Arc::clone(&self.reduce),
            combine: self.combine.clone(),
            partition: self.partition.clone(),
            options: self.options.clone(),
        }
    }
}

impl<T: ?Sized, Q: ?Sized, V, O> fmt::Debug for MapReduce<T, Q, V, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapReduce")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// A job with its input, ready to run. Made by [`MapReduce::over`].
pub struct Job<T: ?Sized, Q: ?Sized, V, O, E = Sequential> {
    pub(super) job: MapReduce<T, Q, V, O>,
    pub(super) input: Result<Arc<dyn Source<T>>>,
    engine: E,
}

impl<T: ?Sized, Q: ?Sized, V, O, E> Job<T, Q, V, O, E> {
    /// The same job on another engine: [`Sequential`], [`Threads(4)`](super::Threads).
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

impl<T: ?Sized, Q: ?Sized, V, O, E: Debug> fmt::Debug for Job<T, Q, V, O, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("engine", &self.engine).finish_non_exhaustive()
    }
}

/// All values of one key, in the order of the map tasks. An iterator.
#[derive(Clone, Debug)]
pub struct Values<'a, V> {
    pub(super) groups: std::slice::Iter<'a, &'a [V]>,
    pub(super) group: std::slice::Iter<'a, V>,
}

impl<V: Clone> Iterator for Values<'_, V> {
    type Item = V;

    fn next(&mut self) -> Option<V> {
        loop {
            if let Some(value) = self.group.next() {
                return Some(value.clone());
            }
            self.group = self.groups.next()?.iter();
        }
    }
}
