//! The slide's job once more, built in and tuned: the same result from the same words.
//!
//! ```
//! use potok::map_reduce::{SLIDE, word_count};
//! let run = word_count(SLIDE, 2)?;
//! assert_eq!(run.top(1), [("car".to_string(), 3)]);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: it is still map-reduce, on the same workers and the same reader of blocks:
//! each worker counts blocks in a table of its own, then merges one partition of all tables.
//! It has a map and a combining table of its own because these are where the time goes: with
//! them it takes about a fifth of the processor time that the same job takes as closures
//! (`make bench WHAT=mapreduce`).
//!
//! * `sys`: where words begin and end is found for 64 bytes at a time.
//! * `counts`: a word of up to 16 bytes is its own key, without a pointer or a copy.
//! * `stretches`: what a worker takes at a time.
//! * `naive`: the same in a loop of three lines; tests compare the two.

mod counts;
#[cfg(test)]
mod naive;
mod stretches;
mod sys;

use self::counts::Counts;
use self::stretches::Stretches;
use super::blocks::{Blocks, word};
use super::coordinator::Phase;
use super::files::Files;
use super::flow::{Flow, MapTask, ReduceTask};
use super::input::Split;
use super::options::Options;
use super::run::Run;
use super::threads::ThreadWorkers;
use super::{MapReduce, Threads};
use crate::words;
use potok_base::error::{Error, ErrorKind, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A text, or files that need not fit into memory.
#[derive(Clone, Debug)]
pub enum Corpus {
    /// A text; clones share it.
    Text(Arc<str>),
    /// Files.
    Files(Files),
}

impl From<&str> for Corpus {
    fn from(text: &str) -> Self {
        Corpus::Text(text.into())
    }
}

impl From<String> for Corpus {
    fn from(text: String) -> Self {
        Corpus::Text(text.into())
    }
}

impl From<Arc<str>> for Corpus {
    fn from(text: Arc<str>) -> Self {
        Corpus::Text(text)
    }
}

impl From<Files> for Corpus {
    fn from(files: Files) -> Self {
        Corpus::Files(files)
    }
}

/// Counts the words of a text or of [`files`](super::files) on `n_workers` threads.
///
/// A word is a run of bytes above a space; the letters of ASCII count in lower case.
/// Memory: for each worker a table of the words it saw and a buffer of 256 KB.
///
/// # Errors
/// Zero workers; a file that cannot be read or holds a word that is no UTF-8. With
/// [`Files::lossy`], words that are no UTF-8 are counted by the general engine.
pub fn word_count(
    input: impl Into<Corpus>,
    n_workers: usize,
) -> Result<Run<String, u64>> {
    if n_workers == 0 {
        return Err(Error::invalid(words::count_without_workers()));
    }
    let input = input.into();
    match (tuned(&input, n_workers), input) {
        (Err(error), Corpus::Files(files))
            if error.kind() == ErrorKind::Undecodable && files.is_lossy() =>
        {
            general().over(files).on(Threads(n_workers)).run()
        }
        (result, _) => result,
    }
}

/// The same job as two closures.
fn general() -> MapReduce<str, str, u64, u64> {
    let job = MapReduce::new(
        |line: &str, emit| {
            for word in line.split(|c| c <= ' ').filter(|word| !word.is_empty()) {
                emit(word.to_ascii_lowercase().as_str(), 1);
            }
        },
        |_word, counts| counts.sum::<u64>(),
    );
    job.combine(|sum, n| *sum += n)
}

/// Far longer than any text of a lecture takes.
const LIMIT: Duration = Duration::from_secs(3_600);

fn tuned(input: &Corpus, n_workers: usize) -> Result<Run<String, u64>> {
    let stretches = Arc::new(Stretches::of(input)?);
    // A worker takes stretches until there are none left, so no other can repeat its task.
    let options = Options {
        attempts: 1,
        task_timeout: LIMIT,
        timeout: LIMIT,
        ..Options::default()
    };
    let mut workers = ThreadWorkers::with_caller(n_workers, &options);
    let (all, next) = (Arc::clone(&stretches), AtomicUsize::new(0));
    let (tables, mut tasks) =
        workers.run(Phase::Map, n_workers, move |_, context| {
            let (mut counts, mut bytes) = (Counts::with_capacity(0), 0);
            let mut blocks = Blocks::new(word);
            while let Some(stretch) = all.all.get(next.fetch_add(1, Ordering::Relaxed))
            {
                all.begin(*stretch, &mut blocks)?;
                while let Some((_, block)) = blocks.next()? {
                    context.check_wanted()?;
                    bytes += block.len() as u64;
                    block.make_ascii_lowercase();
                    count_words(block, &mut counts);
                }
            }
            Ok((context.worker, counts, bytes))
        })?;
    let tables = Arc::new(tables);
    let (all, shared) = (Arc::clone(&stretches), Arc::clone(&tables));
    let (reduced, reduces) =
        workers.run(Phase::Reduce, n_workers, move |n, context| {
            let words: usize = shared.iter().map(|(_, table, _)| table.len()).sum();
            let mut merged = Counts::with_capacity(words / n_workers);
            for (_, table, _) in &*shared {
                merged.merge(table, n, n_workers);
            }
            let text = |(word, count)| Some((String::from_utf8(word).ok()?, count));
            let words: Option<Vec<_>> = merged.sorted().into_iter().map(text).collect();
            let words = words.ok_or_else(|| all.find_bad_byte())?;
            Ok((context.worker, words))
        })?;
    tasks.extend(reduces);

    let mut flow = Flow { combined: true, ..Flow::default() };
    for (worker, table, bytes) in &*tables {
        flow.maps.push(MapTask {
            split: Split {
                label: words::blocks_of(worker),
                size: *bytes,
                pieces: vec![],
            },
            worker: *worker,
            records: 0,
            emitted: table.words,
            pairs: vec![],
            shuffled: table.sizes(n_workers),
        });
    }
    let mut partitions = vec![];
    for (worker, words) in reduced {
        let keys = words.len() as u64;
        flow.reduces.push(ReduceTask { worker, keys, groups: vec![] });
        partitions.push(words);
    }
    Ok(Run { partitions, flow, tasks, trace: workers.recorder.trace() })
}

/// Counts each run of bytes above a space.
fn count_words(text: &[u8], counts: &mut Counts) {
    let (mut carry, mut start) = (0, 0);
    let (chunks, rest) = text.as_chunks::<64>();
    let mut last = [0; 64];
    last[..rest.len()].copy_from_slice(rest);
    for n in 0..=chunks.len() {
        let letters = sys::letters(chunks.get(n).unwrap_or(&last));
        // A bit for each place where a word begins or has just ended.
        let mut edges = letters ^ (letters << 1 | carry);
        let mut inside = carry == 1;
        carry = letters >> 63;
        while edges != 0 {
            let at = n * 64 + edges.trailing_zeros() as usize;
            edges &= edges - 1;
            if inside {
                counts.count(text, start, at);
            }
            start = at;
            inside = !inside;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Zipf, files};

    #[test]
    fn words_across_blocks_are_counted_once() {
        let long = "x".repeat(700_000);
        let texts = [
            Zipf::english(3).text(900_000),
            Zipf::russian(3).text(900_000).replace('\n', " "),
            format!("{long} a {long}"),
            (0..60_000).map(|n| format!("word{n}of{n} ")).collect(),
            "ab".repeat(131_072) + " b",
        ];
        for (n, text) in texts.into_iter().enumerate() {
            let expected = naive::word_count(&text);
            let path = std::env::temp_dir()
                .join(format!("potok-wc-{}-{n}", std::process::id()));
            std::fs::write(&path, &text).unwrap();
            for workers in [1, 3] {
                let run = word_count(files(&path), workers).unwrap();
                assert!(
                    run.to_map() == expected,
                    "text {n} from a file, {workers} workers"
                );
                let run = word_count(text.as_str(), workers).unwrap();
                assert!(run.to_map() == expected, "text {n}, {workers} workers");
                assert_eq!(run.flow.emitted(), expected.values().sum::<u64>());
            }
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn a_byte_that_is_no_text_is_found() {
        let path =
            std::env::temp_dir().join(format!("potok-wc-{}-bad", std::process::id()));
        let mut bytes = vec![b'a'; 300_000];
        bytes[299_990] = 0xff;
        std::fs::write(&path, bytes).unwrap();
        let error = word_count(files(&path), 2).unwrap_err();
        assert_eq!(error.kind(), potok_base::ErrorKind::Undecodable);
        assert!(error.to_string().contains("299990"), "{error}");
        let replaced = word_count(files(&path).lossy(), 2).unwrap();
        assert_eq!((replaced.len(), replaced.iter().map(|(_, n)| n).sum()), (1, 1_u64));
        std::fs::remove_file(path).unwrap();
        assert!(word_count("a", 0).is_err() && word_count("", 2).unwrap().is_empty());
    }

    proptest::proptest! {
        #[test]
        fn it_counts_like_the_plain_loop(
            text in "([a-zA-Zжё]{1,9}|[a-c]{15,18}|[ \n\t\u{0}]){0,80}",
            workers in 1_usize..4,
        ) {
            let run = word_count(text.as_str(), workers).unwrap();
            assert_eq!(run.to_map(), naive::word_count(&text));
            assert!(run.partitions.iter().all(|part| part.is_sorted()));
        }
    }
}
