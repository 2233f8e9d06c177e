//! A job on a real Spark cluster: one for all tests, and one connection. `make test-spark`
//! runs them; they need `make setup-spark`.
//!
//! The functions capture nothing, so a test tells them by the input where its files are.

use potok::map_reduce::{Phase, Run, SLIDE, TaskOutcome};
use potok::prelude::*;
use potok_base::language::{Language, within};
use std::fs::{File, OpenOptions, read_dir, read_to_string};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard};

/// Ends with this process, since its standard input does.
static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| {
    Cluster::up(2).expect("a cluster; `make setup-spark` installs it")
});
static SPARK: LazyLock<Mutex<Spark>> =
    LazyLock::new(|| Mutex::new(Spark::at(CLUSTER.url())));

/// One job at a time: two workers are few.
fn spark() -> MutexGuard<'static, Spark> {
    SPARK.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

type Count = MapReduce<str, str, u64, u64>;

fn count() -> Count {
    MapReduce::new(
        |line: &str, emit| line.split_whitespace().for_each(|word| emit(word, 1)),
        |_word, counts| counts.sum::<u64>(),
    )
}

/// An empty directory for one test.
fn place(name: &str) -> PathBuf {
    let place =
        std::env::temp_dir().join(format!("potok-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(&place).unwrap();
    place
}

/// Whether this is the first time that anybody asks.
fn first_time(place: &str) -> bool {
    File::create_new(Path::new(place).join("once")).is_ok()
}

fn outcomes(run: &Run<String, u64>, phase: Phase) -> Vec<TaskOutcome> {
    run.tasks.iter().filter(|a| a.phase == phase).map(|a| a.outcome).collect()
}

#[test]
#[ignore = "needs Spark"]
fn a_cluster_counts_as_one_thread_does() {
    let spark = spark();
    let text = Zipf::english(1).text(300_000) + "Привет, мир\tpotok \\x \r\nend";
    let combining = count().combine(|sum, n| *sum += n);
    for job in [count(), combining.clone(), combining.reducers(1)] {
        let one = job.over(&text).run().unwrap();
        let run = job.over(&text).on(spark.clone()).run().unwrap();
        assert_eq!(run.partitions, one.partitions);
        assert_eq!(run.shuffled(), one.shuffled());
        assert_eq!(run.flow.emitted(), one.flow.emitted());
        assert!(run.flow.spilled > 0);
        let done = run.tasks.iter().filter(|a| a.outcome == TaskOutcome::Done).count();
        assert_eq!(done, one.tasks.len());
    }
    let (one, run) =
        (count().over(SLIDE).run(), count().over(SLIDE).on(spark.clone()).run());
    let (mut one, run) = (one.unwrap(), run.unwrap());
    for (own, other) in one.flow.maps.iter_mut().zip(&run.flow.maps) {
        own.worker = other.worker;
    }
    for (own, other) in one.flow.reduces.iter_mut().zip(&run.flow.reduces) {
        own.worker = other.worker;
    }
    one.flow.spilled = run.flow.spilled;
    assert_eq!(run.flow, one.flow);
    assert_eq!(run.trace.lanes.len(), 2);
    assert!(count().over("").on(spark.clone()).run().unwrap().is_empty());
}

#[test]
#[ignore = "needs Spark"]
fn files_lines_and_values_of_any_type_travel() {
    let spark = spark();
    let place = place("files");
    std::fs::write(place.join("a.txt"), "tea tea\nno line break").unwrap();
    std::fs::write(place.join("b.txt"), "tea\n").unwrap();
    let job = count();
    let one = job.over(files(&place)).run().unwrap();
    let run = job.over(files(&place)).on(spark.clone()).run().unwrap();
    assert_eq!(run.partitions, one.partitions);
    assert_eq!(run.get("tea"), Some(&3));

    // The order of values, files by name, and types that are no words.
    let index = MapReduce::new(
        |line: &Line, emit| {
            let place = (line.file.clone(), Some(line.offset));
            line.split_whitespace().for_each(|word| emit(word, place.clone()));
        },
        |_word, places| places.collect::<Vec<_>>(),
    );
    let one = index.over(files(&place)).run().unwrap();
    let run = index.over(files(&place)).on(spark.clone()).run().unwrap();
    assert_eq!(run.partitions, one.partitions);

    let parity = MapReduce::new(
        |n: &u64, emit| emit(&(n % 2, n.is_multiple_of(3)), *n as f64 / 4.0),
        |_key, values| values.fold(f64::NEG_INFINITY, f64::max),
    )
    .partition(|key, n| key.0 as usize % n);
    let numbers: Vec<u64> = (0..1000).collect();
    let one = parity.over(numbers.clone()).run().unwrap();
    let run = parity.over(numbers).on(spark.clone()).run().unwrap();
    assert_eq!(run.partitions, one.partitions);

    std::fs::write(place.join("c.txt"), b"tea\n\xff\n").unwrap();
    let error =
        job.over(files(&place)).on(spark.clone()).run().unwrap_err().to_string();
    assert!(error.contains("c.txt") && error.contains("not UTF-8"), "{error}");
    let lossy = job.over(files(&place).lossy()).on(spark.clone()).run().unwrap();
    assert_eq!(lossy.get("\u{fffd}"), Some(&1));
    std::fs::remove_dir_all(place).unwrap();
}

#[test]
#[ignore = "needs Spark"]
fn an_ordinary_program_does_the_same() {
    let spark = spark();
    let program = super::map_reduce_stream::word_count();
    let text = Zipf::russian(2).text(50_000);
    let job = count().combine(|sum, n| *sum += n);
    let one = job.over(&text).run().unwrap();
    let run = job.over(&text).on(spark.clone().program(program)).run().unwrap();
    assert_eq!(run.partitions, one.partitions);
    assert_eq!(run.shuffled(), one.shuffled());
}

/// The job's first attempt at its only line does not come to its end, and the second does.
fn is_tried_again(name: &str, job: &Count) {
    let (spark, place) = (spark(), place(name));
    let run = job.over(place.to_str().unwrap()).on(spark.clone()).run().unwrap();
    assert_eq!(run.get("lines"), Some(&1));
    assert_eq!(outcomes(&run, Phase::Map), [TaskOutcome::Crashed, TaskOutcome::Done]);
    std::fs::remove_dir_all(place).unwrap();
}

#[test]
#[ignore = "needs Spark"]
fn a_mapper_that_exits_once_is_tried_again() {
    let job = MapReduce::new(
        |line: &str, emit| {
            if first_time(line) {
                std::process::exit(3);
            }
            emit("lines", 1);
        },
        |_, n| n.sum(),
    );
    is_tried_again("exit", &job);
}

#[test]
#[ignore = "needs Spark"]
fn a_mapper_that_a_signal_kills_is_tried_again() {
    let job = MapReduce::new(
        |line: &str, emit| {
            if first_time(line) {
                std::process::abort();
            }
            emit("lines", 1);
        },
        |_, n| n.sum(),
    );
    is_tried_again("signal", &job);
}

#[test]
#[ignore = "needs Spark"]
fn a_mapper_that_always_fails_is_quoted() {
    let spark = spark();
    let run =
        |job: Count| job.over("x").on(spark.clone()).run().unwrap_err().to_string();
    let panics = run(MapReduce::new(|_, _| panic!("no coffee left"), |_, n| n.sum()));
    assert!(panics.contains("map task 0 (x): the program exited with 101"), "{panics}");
    assert!(panics.contains("no coffee left"), "{panics}");
    let panics = within(Language::Russian, || {
        run(MapReduce::new(|_, _| panic!("no coffee left"), |_, n| n.sum()))
    });
    let told = "map-задача 0 (x): программа завершилась с кодом 101";
    assert!(panics.contains(told), "{panics}");
    let dies = run(MapReduce::new(|_, _| std::process::abort(), |_, n| n.sum()));
    assert!(dies.contains("killed by SIGABRT"), "{dies}");
    let fails =
        run(MapReduce::new(|_, emit| emit("x", 1), |_, _| panic!("no cups left")));
    assert!(fails.contains("reduce task") && fails.contains("no cups left"), "{fails}");
    let stalls = MapReduce::new(|_, _| wait(ms(60_000)), |_, n| n.sum());
    let stalls = run(stalls.task_timeout(ms(300)));
    assert!(stalls.contains("not done after 0.3 s"), "{stalls}");
}

#[test]
#[ignore = "needs Spark"]
fn much_data_and_much_talk_do_not_block_each_other() {
    let spark = spark();
    let job: Count = MapReduce::new(
        |line: &str, emit| {
            eprintln!("{}", "a lot to say ".repeat(1000));
            emit(line.repeat(20).as_str(), 1);
        },
        |_, n| n.sum(),
    );
    let text = "x".repeat(2_000) + "\n";
    let run = job.splits(2).over(text.repeat(500)).on(spark.clone()).run().unwrap();
    assert_eq!(run.partitions.concat()[0].1, 500);
}

/// Ends the executor and the worker that this program runs on, and wipes their disk.
fn lose_this_worker() {
    let parent = |pid: &str| {
        let stat = read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1).map(str::to_owned)
    };
    let is_java = |pid: &str| {
        let name = read_to_string(format!("/proc/{pid}/comm"));
        name.is_ok_and(|name| name.trim() == "java")
    };
    let mut pid = std::process::id().to_string();
    while !is_java(&pid) {
        pid = parent(&pid).expect("an executor above this program");
    }
    let worker = parent(&pid).expect("a worker above its executor");
    let disk = std::env::var("SPARK_EXECUTOR_DIRS").expect("the executor's disk");
    std::process::Command::new("kill").args(["-9", &worker, &pid]).status().unwrap();
    for dir in disk.split(':') {
        assert!(read_dir(dir).is_ok_and(|dir| dir.count() > 0), "nothing to wipe");
        std::fs::remove_dir_all(dir).unwrap();
    }
    std::process::abort();
}

/// Not on the cluster of the others: a worker is lost for good.
#[test]
#[ignore = "needs Spark"]
fn map_tasks_of_a_lost_worker_run_again() {
    let _alone = spark();
    let cluster = Cluster::up(2).unwrap();
    let spark = Spark::at(cluster.url());
    let place = place("lost");
    let job: Count = MapReduce::new(
        |line: &str, emit| {
            let (place, word) = line.split_once(' ').unwrap();
            let log = Path::new(place).join("maps");
            let mut log =
                OpenOptions::new().create(true).append(true).open(log).unwrap();
            std::io::Write::write_all(&mut log, b"x").unwrap();
            emit(place, 1);
            emit(word, 1);
        },
        |key, n| {
            if key.starts_with('/') && first_time(key) {
                lose_this_worker();
            }
            n.sum()
        },
    );
    let lines: Vec<String> =
        (0..8).map(|n| format!("{} word{n}", place.display())).collect();
    let text = lines.join("\n");
    let run = job.splits(8).over(&text).on(spark).run().unwrap();
    assert_eq!(run.get(place.to_str().unwrap()), Some(&8));
    assert_eq!(run.len(), 9);
    let maps = read_to_string(place.join("maps")).unwrap().len();
    assert!((9..=16).contains(&maps), "{maps} map attempts for 8 splits");
    let again = outcomes(&run, Phase::Map).len();
    assert!(again > 8, "{:?}", run.tasks);
    assert!(
        outcomes(&run, Phase::Reduce).contains(&TaskOutcome::Lost),
        "{:?}",
        run.tasks
    );
    cluster.down();
    std::fs::remove_dir_all(place).unwrap();
}

#[test]
#[ignore = "needs Spark"]
fn a_cluster_that_is_not_there_is_an_error() {
    let _alone = spark();
    let job = count().timeout(ms(20_000));
    let error = job.over("x").on(Spark::at("spark://127.0.0.1:1")).run().unwrap_err();
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
}
