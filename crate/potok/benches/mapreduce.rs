//! Word count as whole processes, one after the other in each round, so that a slow moment
//! of the machine slows all of them. Medians, and ratios to GNU `wc -w`, which only counts.
//!
//! `make bench WHAT=mapreduce` for 43 MB; `BENCH="430000000 7"` for other bytes and rounds.
//! `PYTHON` names an interpreter that has polars and duckdb, if that of `make setup` has not.
#![allow(clippy::print_stdout, reason = "a benchmark reports to a terminal")]

use potok::map_reduce::{MapReduce, Threads, Zipf, files, word_count};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Contender = (&'static str, Command);

const POOL: &str = r#"
import sys, os, collections, multiprocessing
def part(ends):
    with open(sys.argv[1], "rb") as f:
        f.seek(ends[0])
        return collections.Counter(f.read(ends[1] - ends[0]).lower().split())
if __name__ == "__main__":
    size = os.path.getsize(sys.argv[1])
    ends = [0]
    with open(sys.argv[1], "rb") as f:
        for n in range(1, 16):
            f.seek(size * n // 16); f.readline(); ends.append(f.tell())
    ends.append(size)
    total = collections.Counter()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for counter in pool.imap_unordered(part, zip(ends, ends[1:])):
            total.update(counter)
    print(len(total), sum(total.values()))
"#;

const POLARS: &str = r#"
import sys, polars as pl
words = pl.Series([open(sys.argv[1]).read()]).str.to_lowercase().str.split("\n").explode()
words = words.str.split(" ").explode().drop_nulls()
counts = words.filter(words != "").value_counts()
print(len(counts), counts["count"].sum())
"#;

const DUCKDB: &str = r#"
import sys, duckdb
sql = """with words as (select lower(unnest(string_split(line, ' '))) as word from
    read_csv(?, columns={'line': 'varchar'}, delim='\x01', header=false, quote='', escape=''))
    select count(*), sum(n) from (select word, count(*) n from words where word <> '' group by word)"""
duckdb.sql("set threads=2")
print(*map(int, duckdb.execute(sql, [sys.argv[1]]).fetchone()))
"#;

fn main() {
    let args: Vec<String> =
        std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match args.first().map(String::as_str) {
        Some("count") => count(&args[1], &args[2], args[3].parse().expect("workers")),
        _ => compare(&args),
    }
}

/// What a child of this program does: count, and say how many words there are.
fn count(how: &str, path: &str, n: usize) {
    let run = if how == "built in" {
        word_count(files(path), n)
    } else {
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
        job.combine(|sum, n| *sum += n).over(files(path)).on(Threads(n)).run()
    };
    let run = run.expect("the file made before");
    println!("{} {}", run.len(), run.iter().map(|(_, n)| n).sum::<u64>());
}

fn compare(args: &[String]) {
    let args: Vec<u64> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    let bytes = args.first().copied().unwrap_or(43_000_000);
    let rounds = args.get(1).copied().unwrap_or(7);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join(format!("build/zipf-{bytes}.txt"));
    std::fs::create_dir_all(root.join("build")).expect("a build directory");
    if std::fs::metadata(&path).map_or(0, |file| file.len()) != bytes {
        Zipf::english(1).write(&path, bytes).expect("room for the input");
    }
    let mut contenders = contenders(&root, &path);
    let mut times: Vec<Vec<Duration>> = vec![vec![]; contenders.len()];
    let mut answers = vec![String::new(); contenders.len()];
    for _ in 0..rounds {
        for (n, (_, command)) in contenders.iter_mut().enumerate() {
            let start = Instant::now();
            let output = command.stderr(Stdio::null()).output().expect("a program");
            times[n].push(start.elapsed());
            answers[n] = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        }
    }
    println!("{bytes} bytes, {rounds} rounds, whole processes");
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64()
    };
    let base = median(&mut times[0]);
    for (n, (name, _)) in contenders.iter().enumerate() {
        if answers[n].is_empty() {
            println!("{name:<24} not here");
            continue;
        }
        let time = median(&mut times[n]);
        let words = answers[n].split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        println!(
            "{name:<24} {:>8.1} ms  {:>5.2} × wc -w  {words}",
            time * 1e3,
            time / base
        );
    }
}

fn contenders(root: &Path, path: &Path) -> Vec<Contender> {
    let ours = |how: &str, n: &str| {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["count", how]).arg(path).arg(n);
        command
    };
    let venv = root.join(".venv/bin/python");
    let other = if venv.exists() { venv } else { "python3".into() };
    let python = std::env::var_os("PYTHON").map_or(other, PathBuf::from);
    let script = |source: &str| {
        let mut command = Command::new(&python);
        command.args(["-c", source]).arg(path);
        command
    };
    let mut wc = Command::new("wc");
    wc.arg("-w").arg(path);
    vec![
        ("wc -w", wc),
        ("word_count, 2 threads", ours("built in", "2")),
        ("word_count, 1 thread", ours("built in", "1")),
        ("closures, 2 threads", ours("closures", "2")),
        ("closures, 1 thread", ours("closures", "1")),
        ("Python Pool(2)", script(POOL)),
        ("polars", script(POLARS)),
        ("duckdb", script(DUCKDB)),
    ]
}
