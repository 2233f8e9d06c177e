//! A job as a program between pipes. No Spark is needed here.

use potok::map_reduce::{Run, Spark};
use potok::prelude::*;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

/// The program of `examples/word_count.rs`.
pub(crate) fn word_count() -> PathBuf {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
        let test = std::env::current_exe().unwrap();
        let target = test.ancestors().nth(2).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--example", "word_count", "--manifest-path"]);
        cargo.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        if target.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success(), "the example is not built");
        target.join("examples/word_count")
    });
    BUILT.clone()
}

fn shell(script: &str, input: &str) -> Output {
    let dir = std::env::temp_dir().join(format!("potok-shell-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let name = format!("{:?}", std::thread::current().id()).replace(['(', ')'], "");
    let file = dir.join(name);
    std::fs::write(&file, input).unwrap();
    let output = Command::new("timeout")
        .args(["60", "bash", "-o", "pipefail", "-c", script])
        .env("job", word_count())
        .env("input", &file)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    std::fs::remove_file(file).unwrap();
    // Unless another test is still at it.
    let _ = std::fs::remove_dir(dir);
    output
}

fn counted(text: &str) -> Run<String, u64> {
    MapReduce::new(
        |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
        |_word, counts| counts.sum::<u64>(),
    )
    .over(text)
    .run()
    .unwrap()
}

#[test]
fn a_shell_pipeline_counts_as_one_thread_does() {
    let text = Zipf::russian(1).text(200_000) + "odd\\x \\t a\u{1}b a\u{1} a \r\nend";
    let output = shell("cat $input | $job map | sort | $job reduce", &text);
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    let unescape = |text: &str| text.replace("\\\\", "\\");
    let mut counts: Vec<(String, u64)> = str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .map(|line| line.split_once('\t').unwrap())
        .map(|(word, n)| (unescape(word), n.parse().unwrap()))
        .collect();
    counts.sort();
    assert_eq!(counts, counted(&text).sorted());
}

#[test]
fn a_program_says_what_is_wrong() {
    for (script, said) in [
        ("$job", "`map` or `reduce`"),
        ("$job map --partitions 0 < $input", "`map` or `reduce`"),
        ("printf 'ok\\n\\xff' | $job map", "byte 3 of the input is not UTF-8"),
        ("echo word | $job reduce", "`word` is not a key, a tab and a value"),
        ("echo x | POTOK_LANG=ru $job reduce", "`x` — не ключ, табуляция и значение"),
        ("printf 'word\\tmany\\n' | $job reduce", "`many` is not the text of a `u64`"),
    ] {
        let output = shell(script, "a b");
        assert_eq!(output.status.code(), Some(1), "{script}");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(words.contains(said), "{script}: {words}");
    }
}

#[test]
fn a_reader_that_leaves_is_no_reason_to_hang() {
    let text = "word\n".repeat(200_000);
    let output = shell("set +o pipefail; $job map < $input | head -n 1", &text);
    assert_eq!(output.stdout, b"word\t200000\n");
}

#[test]
fn the_closures_of_this_program_run_in_a_shell() {
    let job = MapReduce::new(
        |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
        |word, counts| {
            if word == "never" { panic!("no never") } else { counts.sum::<u64>() }
        },
    );
    let run = |line: &str| job.shell(line);
    let counts = run("echo b a b | job map | sort | job reduce").unwrap();
    assert_eq!(counts, "a\t1\nb\t2\n");
    let error = run("echo never | job map | sort | job reduce | cat").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exited(101));
    assert!(error.to_string().contains("no never"), "{error}");
    let error = run("head -c 70000000 /dev/zero").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutputLimit);
    assert!(error.to_string().contains("wrote 70000000 bytes"), "{error}");
    let error =
        run("head -c 3000000 /dev/zero >&2; echo the end >&2; exit 3").unwrap_err();
    assert!(
        error.to_string().ends_with("the end"),
        "the last words are those that count"
    );
    let error = job.clone().timeout(ms(100)).shell("sleep 30 | job map").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

#[test]
fn a_report_goes_to_standard_error_when_it_is_asked_for() {
    let output = shell("$job map --partitions 2 < $input", "a b a");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 2);
    assert!(output.stderr.starts_with(b"reporter:potok:"), "{output:?}");
}

#[test]
fn a_function_that_captures_cannot_go_to_a_cluster() {
    let n = 2_u64;
    let job = MapReduce::new(
        move |line: &str, emit| emit(line, n),
        |_, counts| counts.sum::<u64>(),
    );
    let error = job.over("x").on(Spark::at("local[1]")).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let text = error.to_string();
    assert!(text.contains("the map function captures variables"), "{text}");
    let job = MapReduce::new(
        |line: &str, emit| emit(line, 1),
        |_, counts| counts.sum::<u64>(),
    );
    let job = job.combine(move |a, b| *a += b * n);
    let error = job.over("x").on(Spark::at("local[1]")).run().unwrap_err().to_string();
    assert!(error.contains("the combine function captures"), "{error}");
}

#[test]
fn where_spark_is_missing_the_error_says_how_to_get_it() {
    // Another process, whose environment is its own.
    let name = "map_reduce_stream::there_is_no_spark";
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored"])
        .env("POTOK_SPARK", "/nowhere")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "part of the test above"]
fn there_is_no_spark() {
    let job = MapReduce::new(
        |line: &str, emit| emit(line, 1),
        |_, counts| counts.sum::<u64>(),
    );
    let run = job.over("x").on(Spark::at("local[1]")).run().unwrap_err();
    for error in [run, Cluster::up(1).unwrap_err(), Cluster::installed().unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("make setup-spark"), "{error}");
    }
}
