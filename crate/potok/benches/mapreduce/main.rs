//! Word count as whole processes, one after the other in each round, so that a slow moment
//! of the machine slows all of them. Medians, and ratios to GNU `wc -w`, which only counts.
//!
//! `make bench WHAT=mapreduce` for 43 MB; `BENCH="430000000 7"` for other bytes and rounds;
//! `BENCH=shapes` for text of other shapes beside what reading alone takes;
//! `BENCH="memory 4000000000"` for a file larger than what may be in memory.
//! `make peers` installs polars and duckdb. `PYTHON` names another interpreter.
#![allow(clippy::print_stdout, reason = "a benchmark reports to a terminal")]

mod child;
mod peers;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const USUAL: u64 = 43_000_000;

fn main() {
    let args: Vec<String> =
        std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let number =
        |at: usize, usual| args.get(at).map_or(usual, |n| n.parse().expect("a number"));
    match args.first().map(String::as_str) {
        Some("count") => {
            println!("{}", child::count(&args[1], &args[2], number(3, 1) as usize));
        }
        Some("shapes") => shapes(number(1, USUAL), number(2, 5)),
        Some("memory") => memory(number(1, 4_000_000_000)),
        _ => compare(number(0, USUAL), number(1, 7)),
    }
}

struct Contender {
    name: &'static str,
    command: Command,
    times: Vec<f64>,
    answer: String,
}

impl Contender {
    fn new(name: &'static str, command: Command) -> Self {
        Contender { name, command, times: vec![], answer: String::new() }
    }

    fn median(&mut self) -> f64 {
        self.times.sort_unstable_by(f64::total_cmp);
        self.times[self.times.len() / 2]
    }
}

/// Potok in a process of its own.
fn ours(name: &'static str, how: &str, path: &Path, n: u64) -> Contender {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["count", how]).arg(path).arg(n.to_string());
    Contender::new(name, command)
}

fn python(name: &'static str, source: &str, path: &Path) -> Contender {
    let venvs = ["build/peers/bin/python", ".venv/bin/python"].map(|p| root().join(p));
    let found = venvs.into_iter().find(|path| path.exists());
    let usual = found.unwrap_or_else(|| "python3".into());
    let program = std::env::var_os("PYTHON").map_or(usual, PathBuf::from);
    let mut command = Command::new(program);
    command.args(["-c", source]).arg(path);
    Contender::new(name, command)
}

fn wc(path: &Path) -> Contender {
    let mut command = Command::new("wc");
    command.arg("-w").arg(path);
    Contender::new("wc -w", command)
}

/// Runs all of them in turn.
fn race(rounds: u64, contenders: &mut [Contender]) {
    for _ in 0..rounds {
        for one in contenders.iter_mut() {
            let start = Instant::now();
            let output = one.command.stderr(Stdio::null()).output().expect("a program");
            one.times.push(start.elapsed().as_secs_f64());
            one.answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        }
    }
}

fn report(contenders: &mut [Contender]) -> Vec<Option<f64>> {
    let base = contenders[0].median();
    let mut medians = vec![];
    for one in contenders {
        let answered = !one.answer.is_empty();
        let time = one.median();
        medians.push(answered.then_some(time));
        if answered {
            let words = one
                .answer
                .split_whitespace()
                .take(2)
                .filter(|w| w.parse::<u64>().is_ok());
            let words = words.collect::<Vec<_>>().join(" ");
            let (ms, ratio) = (time * 1e3, time / base);
            println!("{:<24} {ms:>8.1} ms  {ratio:>5.2} × wc -w  {words}", one.name);
        } else {
            println!("{:<24} not here: `make peers` installs it", one.name);
        }
    }
    medians
}

fn compare(bytes: u64, rounds: u64) {
    let path = text("english", bytes);
    let mut contenders = [
        wc(&path),
        ours("word_count, 2 threads", "built in", &path, 2),
        ours("word_count, 1 thread", "built in", &path, 1),
        ours("closures, 2 threads", "closures", &path, 2),
        ours("closures, 1 thread", "closures", &path, 1),
        ours("closures, 2 processes", "processes", &path, 2),
        ours("read and add up bytes", "bytes", &path, 1),
        ours("find where words begin", "words", &path, 1),
        python("Python Pool(2)", peers::POOL, &path),
        python("polars", peers::POLARS, &path),
        python("duckdb", peers::DUCKDB, &path),
    ];
    race(rounds, &mut contenders);
    println!("{bytes} bytes, {rounds} rounds, whole processes");
    let times = report(&mut contenders);
    println!();
    let ratio = |what: &str, one: usize, other: usize, most: f64| {
        if let (Some(one), Some(other)) = (times[one], times[other]) {
            let verdict = if one / other <= most { "reached" } else { "not reached" };
            println!("{what:<36} {:>5.2}  to reach: {most:.2}  {verdict}", one / other);
        }
    };
    let large = bytes >= 10 * USUAL;
    ratio("word_count / wc -w", 1, 0, if large { 0.35 } else { 0.6 });
    if large {
        ratio("word_count, 2 threads / 1 thread", 1, 2, 1.0 / 1.8);
    }
    ratio("closures / wc -w", 3, 0, 2.0);
    ratio("closures / Python Pool(2)", 3, 8, 0.5);
    ratio("closures / polars", 3, 9, 0.5);
    ratio("closures / duckdb", 3, 10, 0.5);
}

fn shapes(bytes: u64, rounds: u64) {
    for shape in ["english", "long lines", "few words", "all words", "cyrillic"] {
        let path = text(shape, bytes);
        let mut contenders = [
            wc(&path),
            ours("read and add up bytes", "bytes", &path, 1),
            ours("find where words begin", "words", &path, 1),
            ours("word_count, 2 threads", "built in", &path, 2),
            ours("closures, 2 threads", "closures", &path, 2),
        ];
        race(rounds, &mut contenders);
        println!("{shape}: {bytes} bytes, {rounds} rounds, whole processes");
        report(&mut contenders);
        println!();
    }
}

/// How much memory a file needs that is larger than it may have.
fn memory(bytes: u64) {
    let path = text("english", bytes);
    println!("{bytes} bytes on 2 threads");
    for (name, how) in
        [("word_count", "built in"), ("closures with a budget", "budget")]
    {
        let mut one = [ours(name, how, &path, 2)];
        race(1, &mut one);
        let [one] = one;
        let mut numbers = one.answer.split_whitespace();
        let resident = numbers.nth(2).unwrap_or("?");
        let spilled = numbers.next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        let seconds = one.times[0];
        println!(
            "{name:<24} {seconds:>6.1} s  at most {resident} MB resident, {} MB on disk",
            spilled / 1_000_000
        );
    }
    std::fs::remove_file(path).expect("the file made before");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text to count, made if it is not there.
fn text(shape: &str, bytes: u64) -> PathBuf {
    let build = root().join("build");
    std::fs::create_dir_all(&build).expect("a build directory");
    let path = build.join(format!("{}-{bytes}.txt", shape.replace(' ', "-")));
    if std::fs::metadata(&path).map_or(0, |file| file.len()) + 4 < bytes {
        child::write(shape, &path.to_string_lossy(), bytes);
    }
    path
}
