//! What a run gives: the result, and everything that can be told about how it came about.

use super::coordinator::Attempt;
use super::flow::{Flow, Shuffled};
use super::parts;
use potok_base::error::{Error, Result};
use potok_base::trace::Trace;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};
use std::fs;
use std::path::{Path, PathBuf};

/// The result of a job, by partition, and the record of its run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run<K, O> {
    /// For each partition its keys in their order, each with its result.
    pub partitions: Vec<Vec<(K, O)>>,
    /// What went where.
    pub flow: Flow,
    /// Every attempt at a task, in the order in which they were handed out.
    pub tasks: Vec<Attempt>,
    /// The attempts as a timeline, one lane for each worker.
    pub trace: Trace,
}

impl<K: Ord + Clone, O: Clone> Run<K, O> {
    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.partitions.iter().map(Vec::len).sum()
    }

    /// Whether nothing was emitted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All keys with their results, partition by partition.
    pub fn iter(&self) -> impl Iterator<Item = &(K, O)> {
        self.partitions.iter().flatten()
    }

    /// The result for `key`.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&O>
    where
        K: Borrow<Q>,
    {
        self.partitions.iter().find_map(|partition| {
            let at = partition.binary_search_by(|(other, _)| other.borrow().cmp(key));
            at.ok().map(|at| &partition[at].1)
        })
    }

    /// All keys in their order, each with its result.
    pub fn sorted(&self) -> Vec<(K, O)> {
        let mut all: Vec<(K, O)> = self.iter().cloned().collect();
        all.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        all
    }

    /// The result as a map.
    pub fn to_map(&self) -> BTreeMap<K, O> {
        self.iter().cloned().collect()
    }

    /// The `n` keys with the largest results, the largest first; of equals, the smaller
    /// key first.
    ///
    /// # Examples
    /// ```
    /// use potok::{chart, map_reduce::word_count};
    /// let run = word_count("to be or not to be", 1)?;
    /// assert_eq!(run.top(2), [("be".to_string(), 2), ("to".to_string(), 2)]);
    /// let picture = chart::bars("Words", "how often", run.top(4))?;
    /// assert!(picture.text.contains("not"));
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn top(&self, n: usize) -> Vec<(K, O)>
    where
        O: PartialOrd,
    {
        let larger = |a: &&(K, O), b: &&(K, O)| {
            b.1.partial_cmp(&a.1)
                .unwrap_or(std::cmp::Ordering::Equal)
                .then_with(|| a.0.cmp(&b.0))
        };
        let mut all: Vec<&(K, O)> = self.iter().collect();
        all.sort_by(larger);
        all.into_iter().take(n).cloned().collect()
    }

    /// How much went from map tasks to reduce tasks.
    pub fn shuffled(&self) -> Shuffled {
        self.flow.shuffled()
    }

    /// Writes one file for each partition into `dir`, as lines of a key, a tab and a
    /// result: `part-00000` and so on. Returns their paths.
    ///
    /// A file gets its name only when it is whole, so whoever finds a part can use it. If
    /// this process is killed meanwhile, an unfinished file stays behind under a name that
    /// begins with a dot; the next one that writes into the directory removes it.
    ///
    /// # Errors
    /// The directory or a file cannot be written: a full disk, for one.
    ///
    /// # Examples
    /// ```
    /// use potok::map_reduce::{MapReduce, SLIDE};
    /// let run = MapReduce::new(
    ///     |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
    ///     |_word, counts| counts.sum::<u64>(),
    /// )
    /// .reducers(1)
    /// .over(SLIDE)
    /// .run()?;
    /// let dir = std::env::temp_dir().join(format!("potok-{}", std::process::id()));
    /// let parts = run.write(&dir)?;
    /// let text = std::fs::read_to_string(&parts[0]).unwrap();
    /// assert_eq!(text, "Bear\t2\nCar\t3\nDeer\t2\nRiver\t2\n");
    /// # std::fs::remove_dir_all(dir).unwrap();
    /// # Ok::<(), potok::Error>(())
    /// ```
    pub fn write(&self, dir: impl AsRef<Path>) -> Result<Vec<PathBuf>>
    where
        K: Display,
        O: Display,
    {
        let dir = dir.as_ref();
        fs::create_dir_all(dir)
            .map_err(|e| Error::io(format!("cannot make `{}`", dir.display()), &e))?;
        parts::remove_abandoned(dir);
        let all = self.partitions.iter().enumerate();
        all.map(|(n, partition)| parts::write(dir, n, partition)).collect()
    }
}

/// As one line: how much was read, emitted, shuffled and found.
impl<K, O> Display for Run<K, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flow = &self.flow;
        let records: u64 = flow.maps.iter().map(|map| map.records).sum();
        let Shuffled { pairs, bytes } = flow.shuffled();
        write!(
            f,
            "{records} records in {} splits, {} pairs emitted, {pairs} pairs ({bytes} bytes) \
             shuffled to {} reducers, {} keys",
            flow.maps.len(),
            flow.emitted(),
            flow.reduces.len(),
            flow.keys(),
        )
    }
}
