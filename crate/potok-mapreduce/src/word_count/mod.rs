//! The slide's job once more, built in and tuned: the same result from the same words.
//!
//! ```
//! use potok::map_reduce::{SLIDE, word_count};
//! let run = word_count(SLIDE, 2)?;
//! assert_eq!(run.top(1), [("car".to_string(), 3)]);
//! # Ok::<(), potok::Error>(())
//! ```
//!
//! *What to notice*: it is map-reduce still: blocks are mapped and combined in tables of
//! the workers' own, then each worker merges one partition of all tables. What it gains
//! over the general engine is in how a word is found and kept:
//!
//! * `blocks`: text is read into one small buffer for each worker, never held whole.
//! * `sys`: where words begin and end is found for 64 bytes at a time.
//! * `counts`: a word of up to 16 bytes is its own key, without a pointer or a copy.
//! * `naive`: the same in a loop of three lines; tests compare the two.

mod blocks;
mod counts;
#[cfg(test)]
mod naive;
mod sys;

use self::blocks::Blocks;
use self::counts::Counts;
use super::coordinator::{Attempt, Outcome, Phase};
use super::files::Files;
use super::flow::{Flow, MapTask, ReduceTask};
use super::input::Split;
use super::run::Run;
use super::{MapReduce, Threads};
use potok_base::error::{Error, ErrorKind, Result};
use potok_base::trace::{LaneRecorder, Recorder};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A text, or files that need not fit into memory.
#[derive(Clone, Debug)]
pub enum Bytes {
    /// A text; clones share it.
    Text(Arc<str>),
    /// Files.
    Files(Files),
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        Bytes::Text(text.into())
    }
}

impl From<String> for Bytes {
    fn from(text: String) -> Self {
        Bytes::Text(text.into())
    }
}

impl From<Arc<str>> for Bytes {
    fn from(text: Arc<str>) -> Self {
        Bytes::Text(text)
    }
}

impl From<Files> for Bytes {
    fn from(files: Files) -> Self {
        Bytes::Files(files)
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
    input: impl Into<Bytes>,
    n_workers: usize,
) -> Result<Run<String, u64>> {
    if n_workers == 0 {
        return Err(Error::invalid("a word count with 0 workers; start from 1"));
    }
    let input = input.into();
    match (tuned(&input, n_workers), input) {
        (Err(error), Bytes::Files(files))
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

fn tuned(input: &Bytes, n_workers: usize) -> Result<Run<String, u64>> {
    let blocks = Blocks::of(input)?;
    let recorder = Recorder::new();
    let lanes: Vec<_> =
        (1..=n_workers).map(|n| recorder.lane(format!("worker {n}"))).collect();
    let next = AtomicUsize::new(0);
    let (tables, maps) = each(&lanes, &recorder, Phase::Map, |_| {
        let mut counts = Counts::with_capacity(0);
        let mut reader = blocks.reader();
        let mut bytes = 0;
        while let Some(block) = blocks.blocks.get(next.fetch_add(1, Ordering::Relaxed))
        {
            bytes += block.size();
            count_words(reader.words(block)?, &mut counts);
        }
        Ok((counts, bytes))
    })?;
    let (partitions, reduces) = each(&lanes, &recorder, Phase::Reduce, |n| {
        let words: usize = tables.iter().map(|(table, _)| table.len()).sum();
        let mut merged = Counts::with_capacity(words / n_workers);
        for (table, _) in &tables {
            merged.merge(table, n, n_workers);
        }
        let text = |(word, count)| Some((String::from_utf8(word).ok()?, count));
        let words: Option<Vec<_>> = merged.sorted().into_iter().map(text).collect();
        words.map_or_else(|| Err(blocks.find_bad_byte()), Ok)
    })?;

    let mut flow = Flow { combined: true, ..Flow::default() };
    for (n, (table, bytes)) in tables.iter().enumerate() {
        flow.maps.push(MapTask {
            split: Split {
                label: format!("blocks of worker {}", n + 1),
                size: *bytes,
                pieces: vec![],
            },
            worker: n + 1,
            records: 0,
            emitted: table.words,
            pairs: vec![],
            shuffled: table.sizes(n_workers),
        });
    }
    for (n, words) in partitions.iter().enumerate() {
        let keys = words.len() as u64;
        flow.reduces.push(ReduceTask { worker: n + 1, keys, groups: vec![] });
    }
    let tasks = [maps, reduces].concat();
    Ok(Run { partitions, flow, tasks, trace: recorder.trace() })
}

/// Counts each run of bytes above a space. The text ends with one at least 64 bytes long
/// of bytes that are not.
fn count_words(text: &[u8], counts: &mut Counts) {
    let (mut carry, mut start) = (0, 0);
    let (chunks, _) = text.as_chunks::<64>();
    for (n, chunk) in chunks.iter().enumerate() {
        let letters = sys::letters(chunk);
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

/// One task for each worker, all at the same time.
fn each<R: Send>(
    lanes: &[LaneRecorder],
    recorder: &Recorder,
    phase: Phase,
    work: impl Fn(usize) -> Result<R> + Sync,
) -> Result<(Vec<R>, Vec<Attempt>)> {
    let work = &work;
    let task = move |task: usize| {
        let start = recorder.elapsed();
        let label = phase.name();
        let result = lanes[task].span(label, || work(task));
        let attempt = Attempt {
            phase,
            task,
            attempt: 0,
            worker: task + 1,
            backup: false,
            start,
            end: Some(recorder.elapsed()),
            outcome: Outcome::Done,
        };
        result.map(|result| (result, attempt))
    };
    thread::scope(|scope| {
        let others: Vec<_> =
            (1..lanes.len()).map(|n| scope.spawn(move || task(n))).collect();
        let mut results = vec![task(0)];
        for other in others {
            results.push(other.join().unwrap_or_else(|payload| {
                Err(Error::panicked("a worker of the word count", &*payload))
            }));
        }
        results.into_iter().collect()
    })
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
