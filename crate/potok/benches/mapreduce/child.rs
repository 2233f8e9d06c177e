//! What a child of the benchmark does: count in one way, and print what it found.

use potok::map_reduce::{MapReduce, Processes, Threads, Zipf, files, word_count};
use std::fs::File;
use std::io::Read;

type WordCount = MapReduce<str, str, u64, u64>;

/// The two closures of the lecture, with the definition of a word that `word_count` has.
fn job() -> WordCount {
    let job = MapReduce::new(
        |line: &str, emit| {
            for word in line.split_ascii_whitespace() {
                if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    emit(word.to_ascii_lowercase().as_str(), 1);
                } else {
                    emit(word, 1);
                }
            }
        },
        |_word, counts| counts.sum::<u64>(),
    );
    job.combine(|sum, n| *sum += n)
}

/// Counts `path` on `n` workers: the number of words, of all, and what it took.
pub(crate) fn count(how: &str, path: &str, n: usize) -> String {
    const BUDGET: u64 = 256 << 20;
    let input = files(path);
    let run = match how {
        "built in" => word_count(input, n),
        "closures" => job().over(input).on(Threads(n)).run(),
        "budget" => job().memory(BUDGET).over(input).on(Threads(n)).run(),
        "processes" => job().over(input).on(Processes(n)).run(),
        "bytes" => {
            return floor(path, |sum, block, _| {
                sum + block.iter().map(|&byte| u64::from(byte)).sum::<u64>()
            });
        }
        "words" => {
            return floor(path, |words, block, before| {
                let mut last = before;
                words
                    + block
                        .iter()
                        .map(|&byte| {
                            let begins = byte > b' ' && last <= b' ';
                            last = byte;
                            u64::from(begins)
                        })
                        .sum::<u64>()
            });
        }
        _ => panic!("no way to count is called `{how}`"),
    };
    let run = run.expect("the file made before");
    let all = run.iter().map(|(_, n)| n).sum::<u64>();
    format!("{} {all} {} {}", run.len(), memory(), run.flow.spilled)
}

/// What nothing that reads the file can be faster than.
fn floor(path: &str, block: fn(u64, &[u8], u8) -> u64) -> String {
    let mut file = File::open(path).expect("the file made before");
    let mut buffer = vec![0; 256 << 10];
    let (mut sum, mut last) = (0, b' ');
    loop {
        let n = file.read(&mut buffer).expect("a readable file");
        let Some(&end) = buffer[..n].last() else { return format!("1 {sum}") };
        sum = block(sum, &buffer[..n], last);
        last = end;
    }
}

/// The most memory that this process has had, in MB; 0 where the system does not tell.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kb.unwrap_or_default() / 1_000
}

/// Writes text of another shape.
pub(crate) fn write(shape: &str, path: &str, bytes: u64) {
    let english = Zipf::english(1);
    let written = match shape {
        "english" => english.write(path, bytes),
        "cyrillic" => Zipf::russian(1).write(path, bytes),
        "few words" => english.words(12).write(path, bytes),
        // More words than there is room for, each as likely as any other.
        "all words" => {
            english.words(bytes as usize / 4).exponent(0.0).write(path, bytes)
        }
        "long lines" => {
            let text = english.text(bytes as usize);
            let mut line = 0;
            let text: Vec<u8> = text
                .bytes()
                .map(|byte| {
                    line += usize::from(byte == b'\n');
                    if byte == b'\n' && line % 10_000 != 0 { b' ' } else { byte }
                })
                .collect();
            std::fs::write(path, text)
                .map_err(|e| potok::Error::io("cannot write the text", &e))
        }
        _ => panic!("no text is called `{shape}`"),
    };
    written.expect("room for the input");
}
