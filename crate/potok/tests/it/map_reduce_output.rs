//! Results in files: whole ones, or none.

use super::sys::fork;
use crate::map_reduce::{folder, word_count};
use potok::ErrorKind;
use potok::map_reduce::*;
use std::collections::BTreeSet;
#[cfg(target_os = "linux")]
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

#[test]
fn a_failed_write_leaves_no_part_behind() {
    let folder = folder("write");
    // A directory stands where the second part should go.
    std::fs::create_dir_all(folder.join("part-00001/full")).unwrap();
    let run = word_count().over(SLIDE).run().unwrap();
    let error = run.write(&folder).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    let left: BTreeSet<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(left.iter().all(|name| !name.starts_with('.')), "{left:?}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// A count that ends its process when it is written for the third time.
#[cfg(target_os = "linux")]
#[derive(Clone, Debug)]
struct Deadly(Arc<AtomicUsize>);

#[cfg(target_os = "linux")]
impl std::fmt::Display for Deadly {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.fetch_add(1, Ordering::Relaxed) == 2 {
            let pid = std::process::id().to_string();
            std::process::Command::new("kill").args(["-9", &pid]).status().unwrap();
        }
        f.write_str("written")
    }
}

#[cfg(target_os = "linux")]
#[test]
fn killed_in_the_middle_of_writing_it_leaves_whole_parts_only() {
    let folder = folder("killed-writing");
    std::fs::remove_dir(folder.join("below")).unwrap();
    let written = Arc::new(AtomicUsize::new(0));
    let job = MapReduce::new(
        |word: &&str, emit| emit(str::trim(word), ()),
        move |_, _| Deadly(Arc::clone(&written)),
    );
    // Two keys for each of two reducers: it dies in the middle of the second part.
    let job = job.reducers(2).partition(|key: &str, _| usize::from(key > "b"));
    let run = job.over(["a", "b", "c", "d"]).run().unwrap();
    let child = fork(|| run.write(&folder).is_ok()).unwrap();
    assert_eq!(child.join().unwrap_err().kind(), ErrorKind::Killed(9));
    let names = || -> BTreeSet<String> {
        let entries = std::fs::read_dir(&folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let visible = |name: &&String| !name.starts_with('.');
    assert_eq!(names().iter().filter(visible).collect::<Vec<_>>(), ["part-00000"]);
    let whole = std::fs::read_to_string(folder.join("part-00000")).unwrap();
    assert_eq!(whole, "a\twritten\nb\twritten\n");
    // Whoever writes next clears away what the dead one left.
    assert_eq!(names().len(), 2);
    word_count().over(SLIDE).run().unwrap().write(&folder).unwrap();
    assert!(names().iter().all(|name| name.starts_with("part-")), "{:?}", names());
    std::fs::remove_dir_all(folder).unwrap();
}
