//! A template is a directory in which evcxr has already started once: potok and all it
//! needs are compiled there, and the pinned Cargo.lock lies beside.
//!
//! Its name is `<family>-<sources>`. The family is the compiler and evcxr: with another of
//! these nothing could be reused. The sources are the library's files, wherever they lie:
//! checkouts of the same contents share a template ([`sources`](mod@crate::sources)). When
//! only they have changed, an older template of the family is still a good start, since
//! cargo compiles just what differs.

mod kept;
mod shared;

use crate::owned::{self, Owned, Share, trouble};
use crate::sources::{self, Sources};
use crate::{Result, cargo, copy, paths, say, session};
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// The role that compiles, in a process of its own since evcxr reads the environment.
pub(crate) const COMPILE: &str = "compile-template";

/// The name of a template that is being made.
const MAKING: &str = ".making";

/// The file in a template that names the library for which it was made.
const OWNER: &str = "owner";

/// A directory with potok compiled.
#[derive(Debug)]
pub(crate) struct Template {
    dir: File,
    path: PathBuf,
    whose: Whose,
    /// What need not be copied: the compiler's notes for compiling potok again, half of
    /// the whole, are of use only where its sources have changed.
    without: Option<&'static str>,
}

/// Who starts from a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// This user, whose locks nobody else can hold.
    User,
    /// All users of this program.
    Everybody,
}

/// How well a template answers the present sources.
#[derive(Debug)]
pub(crate) enum Fit {
    /// Made from these very sources.
    Exact(Template),
    /// Same compiler, other sources.
    Older(Template),
    /// There is none that could be used.
    None,
}

impl Template {
    /// Finds the template for the library in `potok`, or the newest that comes close.
    pub(crate) fn find(potok: &Path) -> Result<Fit> {
        let (family, sources) = key(potok)?;
        if let Some(template) = Template::named(&format!("{family}-{sources}"))? {
            return Ok(Fit::Exact(template));
        }
        let templates = paths::templates()?;
        let newest = match by_age(&templates, &family)?.pop() {
            Some(name) => templates.found_dir(name)?,
            None => None,
        };
        Ok(newest.map_or(Fit::None, |dir| Fit::Older(Template::own(dir, None))))
    }

    /// The one of this name: of all users, or else this user's own.
    fn named(name: &str) -> Result<Option<Self>> {
        if let Some(shared) = shared::find(name) {
            return Ok(Some(shared));
        }
        let own = paths::templates()?.found_dir(name)?;
        Ok(own.map(|dir| Template::own(dir, Some("incremental"))))
    }

    fn own(dir: Owned, without: Option<&'static str>) -> Self {
        let (dir, path) = dir.into_parts();
        Template { dir: dir.into(), path, whose: Whose::User, without }
    }

    /// Copies it to an empty directory, in which the library in `potok` will be compiled.
    pub(crate) fn copy_to(&self, dir: &Owned, potok: &Path) -> Result<()> {
        if self.whose == Whose::Everybody {
            if shared::copy(self, dir)? {
                return Ok(());
            }
            say("the template for all users has just been replaced: compiling potok");
            dir.names()?.iter().try_for_each(|name| dir.remove(name))?;
            return Template::blank(dir, potok);
        }
        let _present = shelf(Hold::Reading)?;
        copy::tree(&self.dir, &self.path, dir, self.without)
    }

    /// What a template starts from: nothing compiled, versions pinned.
    pub(crate) fn blank(dir: &Owned, potok: &Path) -> Result<()> {
        dir.dir("crate")?;
        pin(&Sources::of(potok)?.lock(), dir)
    }
}

/// Compiles potok for the kernels to come, unless that is done already. Returns the
/// template's name.
pub(crate) fn make(potok: &str) -> Result<String> {
    let potok = Path::new(potok).canonicalize().map_err(|e| format!("{potok}: {e}"))?;
    session::sweep_and_tell()?;
    let (family, sources) = key(&potok)?;
    let name = format!("{family}-{sources}");
    let templates = paths::templates()?;
    // Nobody is waited for, where there is nothing to do.
    if let Fit::Exact(_) = Template::find(&potok)? {
        kept::note_use(&templates, &potok, &name)?;
        return Ok(name);
    }
    let _alone = shelf(Hold::Making)?;
    let base = match Template::find(&potok)? {
        Fit::Exact(_) => {
            kept::note_use(&templates, &potok, &name)?;
            return Ok(name);
        }
        Fit::Older(template) => Some(template),
        Fit::None => None,
    };
    owned::room(templates.path())?;
    say("compiling potok for the notebooks");
    templates.remove(MAKING)?;
    let making = templates.new_dir(MAKING)?;
    match base {
        Some(base) => base.copy_to(&making, &potok)?,
        None => Template::blank(&making, &potok)?,
    }
    session::configure(making.path(), &potok, session::PRELUDE)?;
    // It may have changed since; from now on it is this copy that counts.
    let copy = sources::stay(making.path())?;
    let name = format!("{family}-{:016x}", copy.hash()?);
    if Template::named(&name)?.is_some() {
        kept::note_use(&templates, &potok, &name)?;
        templates.remove(MAKING)?;
        return Ok(name);
    }
    pin(&copy.lock(), &making)?;
    making.write(OWNER, potok.as_os_str().as_encoded_bytes())?;
    let mut compile = Command::new(std::env::current_exe()?);
    cargo::tell_progress(&mut compile, Sources::of(&potok)?.workspace());
    let status = session::environment(making.path(), compile.arg(COMPILE))?.status()?;
    if !status.success() {
        owned::room(making.path())?;
        return Err("potok does not compile: `cargo check -p potok` shows where".into());
    }
    // From here on it is potok's own lock, without what only the workspace needs.
    pin(&making.path().join("crate/Cargo.lock"), &making)?;
    drop_cells(making.path())?;
    // These lead to this program; each session has its own.
    making.remove(cargo::TOOLS)?;
    // What was in the environment is nobody else's business.
    cargo::nothing_yet(making.path())?;
    let _unread = shelf(Hold::Moving)?;
    templates.rename(MAKING, &name)?;
    kept::note_use(&templates, &potok, &name)?;
    let unused = kept::unused(&templates)?;
    unused.iter().try_for_each(|name| templates.remove(name))?;
    Ok(name)
}

/// Compiles potok, and lets all users of this program start from that.
pub(crate) fn share(potok: &str) -> Result<()> {
    let name = make(potok)?;
    let _present = shelf(Hold::Reading)?;
    match Template::named(&name)? {
        Some(template) => shared::publish(&template, &name),
        None => Err("the template has just been removed: try again".into()),
    }
}

/// Puts a lock of versions in a template. Not by a copy of the file: what may only be read
/// in a checkout has to be written here.
fn pin(lock: &Path, dir: &Owned) -> Result<()> {
    let text = fs::read(lock).map_err(|error| trouble(lock, &error))?;
    dir.write("Cargo.lock", &text)
}

/// Starts evcxr once, as a kernel does, in the directory that the environment names.
pub(crate) fn compile() -> Result<()> {
    start_evcxr().map(drop)
}

/// Starts evcxr in this process, in the directory that the environment names.
pub(crate) fn start_evcxr() -> Result<evcxr::CommandContext> {
    cargo::home::hold()?;
    let (mut evcxr, outputs) = evcxr::CommandContext::new()?;
    // What cells print while loading says nothing new, but must be taken.
    std::thread::spawn(move || for _ in outputs.stdout {});
    std::thread::spawn(move || {
        for line in outputs.stderr {
            say(&line);
        }
    });
    evcxr.execute(":load_config --quiet")?;
    Ok(evcxr)
}

/// The cells compiled on the way are of no use to another session. evcxr puts them beside
/// the file that cargo names, or beside what rustc made.
fn drop_cells(template: &Path) -> Result<()> {
    let target = template.join("crate/target");
    for triple in fs::read_dir(&target)? {
        let debug = triple?.path().join("debug");
        for dir in [debug.join("deps"), debug] {
            for file in fs::read_dir(dir).into_iter().flatten() {
                let path = file?.path();
                let name =
                    path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
                if name.starts_with("libcode_") {
                    fs::remove_file(path)?;
                }
            }
        }
    }
    Ok(())
}

/// The two halves of a template's name: what a kernel depends on.
pub(crate) fn key(potok: &Path) -> Result<(String, String)> {
    let compiler = Command::new("rustc").arg("-vV").output();
    let compiler =
        compiler.map_err(|e| format!("rustc: {e}; see https://rustup.rs"))?;
    let mut family = DefaultHasher::new();
    compiler.stdout.hash(&mut family);
    include_str!("../Cargo.toml").hash(&mut family); // evcxr's version is in it
    session::FIRST.hash(&mut family);
    let sources = Sources::of(potok)?.hash()?;
    Ok((format!("{:016x}", family.finish()), format!("{sources:016x}")))
}

/// The names of a family's templates, oldest first. What cannot be one is left alone.
fn by_age(templates: &Owned, family: &str) -> Result<Vec<String>> {
    let mut found: Vec<(SystemTime, String)> = Vec::new();
    for name in templates.names()? {
        let Some(name) = name.to_str().filter(|name| is_template(name)) else {
            continue;
        };
        if !name.starts_with(family) {
            continue;
        }
        let path = templates.path().join(name);
        let seen =
            fs::symlink_metadata(&path).map_err(|error| trouble(&path, &error))?;
        if seen.is_dir() {
            found.push((seen.modified()?, name.to_owned()));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, name)| name).collect())
}

/// Whether a template can have this name: two numbers of 16 digits.
fn is_template(name: &str) -> bool {
    let number =
        |text: &str| text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    name.split_once('-')
        .is_some_and(|(family, sources)| number(family) && number(sources))
}

/// What a process is about to do with the templates.
#[derive(Debug, Clone, Copy)]
enum Hold {
    /// Copy one.
    Reading,
    /// Put one in place or throw one away.
    Moving,
    /// Compile one, which takes long and disturbs no reader.
    Making,
}

/// Waits until that may be done; the returned file holds the lock.
fn shelf(hold: Hold) -> Result<File> {
    let templates = paths::templates()?;
    match hold {
        // A copy takes a second or two, a compilation minutes.
        Hold::Reading => {
            templates.lock(".lock", Share::Shared, Duration::from_secs(60))
        }
        Hold::Moving => templates.lock(".lock", Share::Alone, Duration::from_secs(120)),
        Hold::Making => {
            let alone =
                |patience| templates.lock(".making.lock", Share::Alone, patience);
            alone(Duration::from_secs(2)).or_else(|_| {
                say("waiting: another checkout compiles potok on this machine");
                alone(Duration::from_secs(1800))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_stays_in_a_template_and_all_else_does() {
        let dir = tempfile::tempdir().unwrap();
        let debug = dir.path().join("crate/target/some-triple/debug");
        fs::create_dir_all(debug.join("deps")).unwrap();
        let cells = ["libcode_1.so", "deps/libcode_2.so"].map(|name| debug.join(name));
        let others =
            ["libpotok.so", "deps/libpotok-1.rlib"].map(|name| debug.join(name));
        for file in cells.iter().chain(&others) {
            fs::write(file, "").unwrap();
        }
        drop_cells(dir.path()).unwrap();
        assert!(cells.iter().all(|cell| !cell.exists()));
        assert!(others.iter().all(|other| other.exists()));
    }
}
