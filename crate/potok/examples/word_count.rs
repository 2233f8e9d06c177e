//! Word count as an ordinary program: in a shell, on Spark, wherever Hadoop Streaming's
//! contract is kept.
//!
//! ```sh
//! cargo build --release --example word_count
//! job=target/release/examples/word_count
//! cat README.md | $job map | LC_ALL=C sort | $job reduce
//! ```

use potok::prelude::*;

fn main() -> std::process::ExitCode {
    let job = MapReduce::new(
        |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
        |_word, counts| counts.sum::<u64>(),
    );
    job.combine(|sum, count| *sum += count).main(std::env::args().skip(1))
}
