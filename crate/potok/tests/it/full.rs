//! Where there is no room: on the disk, and in `/dev/shm`.
//!
//! The test runs itself once more where `/dev/shm` is a small disk of its own, full to the
//! last page. Root can do so, and where the system lets them, others; elsewhere it is
//! skipped with a note.

use crate::map_reduce::{by_hand, word_count};
use crate::sys::fork;
use potok::map_reduce::{Processes, Threads, Zipf};
use potok::prelude::*;
use potok::processes::{SharedSlice, Start};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

const PLACE: &str = "/dev/shm";
const INSIDE: &str = "POTOK_TEST_FULL";

/// With a `/dev/shm` of its own, if that is allowed.
fn apart() -> Option<Command> {
    let unshare = || {
        let mut command = Command::new("unshare");
        if !nix::unistd::Uid::effective().is_root() {
            command.args(["--user", "--map-root-user"]);
        }
        command.args(["--mount", "sh", "-c"]);
        command
    };
    const MOUNT: &str = "mount -t tmpfs -o size=2m tmpfs /dev/shm";
    let allowed = unshare().arg(MOUNT).status();
    let mut command = unshare();
    command.arg(format!("{MOUNT} && exec \"$0\" \"$@\""));
    allowed.is_ok_and(|status| status.success()).then_some(command)
}

#[test]
fn without_room_there_is_an_error_that_names_the_place_and_nothing_else_is_lost() {
    if std::env::var_os(INSIDE).is_some() {
        return without_room();
    }
    let Some(mut again) = apart() else {
        eprintln!("skipped: this user may not mount a small disk");
        return;
    };
    let name = "full::without_room_there_is_an_error_that_names_the_place_and_nothing_else_is_lost";
    again.arg(std::env::current_exe().unwrap()).args(["--exact", name, "--nocapture"]);
    let done = again.env(INSIDE, "1").output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned()
        + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

fn without_room() {
    let filler = Path::new(PLACE).join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    while file.write_all(&[7; 1024]).is_ok() {}

    // What processes share has no name there, and needs no room.
    let shared = SharedSlice::<u64>::new(100_000).unwrap();
    fork(|| shared.set(99_999, 7)).unwrap().join().unwrap();
    assert_eq!(shared.get(99_999), 7);
    for start in [Start::Fork, Start::Spawn] {
        let pool = processes::Pool::start(2, start).unwrap();
        let long = pool.map([100_000, 200_000], |n: usize| vec![1_u8; n]).unwrap();
        assert_eq!(long.iter().map(Vec::len).sum::<usize>(), 300_000);
    }

    let text = Zipf::english(4).text(3_000_000);
    let job = word_count().memory(10_000).scratch(PLACE);
    let on_threads = job.over(&text).on(Threads(2)).run();
    let on_processes = job.over(&text).on(Processes(2)).run();
    for result in [on_threads, on_processes] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        let said = error.to_string();
        assert!(said.contains(PLACE) && said.contains("No space left"), "{said}");
    }

    let memory = Memory::at(Path::new(PLACE).join("memory")).unwrap();
    let calls = memory.cache("text", 1, |n: usize| "x".repeat(n));
    let error = calls.call(20_000).unwrap_err();
    let said = error.to_string();
    assert!(said.contains(PLACE) && said.contains("No space left"), "{said}");
    let left = fs::read_dir(Path::new(PLACE).join("memory")).unwrap().count();
    assert_eq!(left, 0, "half a result");

    // With room again both do what they did before.
    drop(file);
    fs::remove_file(filler).unwrap();
    assert_eq!(calls.call(20_000).unwrap().len(), 20_000);
    assert_eq!(memory.len().unwrap(), 1);
    let short = Zipf::english(4).text(20_000);
    let run = job.over(&short).on(Threads(2)).run().unwrap();
    assert_eq!(run.to_map(), by_hand(&short));
}
