//! The files that evcxr made objects of.
//!
//! Each cell is compiled in the same file. What a place in it means is told by that cell's
//! own: a closure in a variable, a thread or a child may run code of a cell long gone.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// How much of them is kept, in bytes; the oldest goes first.
const MOST: usize = 4 << 20;

/// The files of the cells before, by the numbers of their objects, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    kept: VecDeque<(u32, String)>,
    size: usize,
    /// The newest object that a cell before has made.
    last: u32,
    dir: Option<PathBuf>,
}

/// Which file an object was made of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Of<'a> {
    /// That of the present cell.
    Present,
    /// That of a cell before, which is this text.
    Before(&'a str),
    /// One that is no longer kept.
    Gone,
}

impl Objects {
    /// A cell has ended, whose file is `made`: keeps it, if evcxr made an object of it.
    pub(crate) fn note(&mut self, made: &Path) {
        let Some(target) = made.ancestors().nth(2).map(|dir| dir.join("target")) else {
            return;
        };
        if self.dir.is_none() {
            self.dir = dir_of_objects(&target);
        }
        let Some(dir) = &self.dir else { return };
        let before = self.last;
        while dir.join(name(self.last + 1)).exists() {
            self.last += 1;
        }
        if self.last > before
            && let Ok(made) = std::fs::read_to_string(made)
        {
            self.keep(made);
        }
    }

    /// Keeps the file of the newest object.
    fn keep(&mut self, made: String) {
        self.size += made.len();
        self.kept.push_back((self.last, made));
        while self.size > MOST {
            self.size -= self.kept.pop_front().map_or(0, |(_, made)| made.len());
        }
    }

    /// Which file the object of this number was made of.
    pub(super) fn of(&self, number: u32) -> Of<'_> {
        if number > self.last {
            return Of::Present;
        }
        let found = self.kept.iter().find(|(n, _)| *n == number);
        found.map_or(Of::Gone, |(_, made)| Of::Before(made))
    }
}

/// How evcxr calls its objects.
fn name(number: u32) -> String {
    format!("libcode_{number}{}", std::env::consts::DLL_SUFFIX)
}

/// Where below cargo's directory evcxr's first object is: there may be one of the machine's
/// kind in between.
fn dir_of_objects(target: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(target).ok()?.flatten();
    let dirs =
        entries.map(|entry| entry.path()).flat_map(|dir| [dir.join("debug"), dir]);
    dirs.into_iter().find(|dir| dir.join(name(1)).exists())
}

#[cfg(test)]
impl Objects {
    /// These files, of the objects 1, 2, …
    pub(super) fn of_files(files: &[&str]) -> Self {
        let mut objects = Objects::default();
        for file in files {
            objects.last += 1;
            objects.keep((*file).to_owned());
        }
        objects
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_cells_file_is_kept_when_an_object_was_made_of_it() {
        for between in ["x86_64-unknown-linux-gnu/debug", "debug"] {
            let dir = tempfile::tempdir().unwrap();
            let (made, target) = (
                dir.path().join("src/lib.rs"),
                dir.path().join("target").join(between),
            );
            fs::create_dir_all(made.parent().unwrap()).unwrap();
            fs::create_dir_all(&target).unwrap();
            let mut objects = Objects::default();
            let mut ended = |text: &str, number: Option<u32>| {
                fs::write(&made, text).unwrap();
                if let Some(number) = number {
                    fs::write(target.join(name(number)), "").unwrap();
                }
                objects.note(&made);
            };
            ended("nothing", None);
            ended("one", Some(1));
            ended("does not compile", None);
            // A cell that was compiled twice.
            fs::write(target.join(name(2)), "").unwrap();
            ended("three", Some(3));
            assert_eq!(objects.of(1), Of::Before("one"));
            assert_eq!(objects.of(2), Of::Gone);
            assert_eq!(objects.of(3), Of::Before("three"));
            assert_eq!(objects.of(4), Of::Present);
        }
    }

    #[test]
    fn what_is_too_much_goes_oldest_first() {
        let long = "x".repeat(MOST);
        let objects = Objects::of_files(&["a", &long]);
        assert_eq!(objects.of(1), Of::Gone);
        assert_eq!(objects.of(2), Of::Before(&long));
    }
}
