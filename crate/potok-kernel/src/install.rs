//! Writes the kernelspec: the few lines by which Jupyter finds the kernel.
//!
//! `make` writes it into a checkout's own venv. Into somebody's own Jupyter it goes only
//! where they ask for it by `--user` or `--prefix`, and another kernel's is not replaced.
//! The name `rust` is evcxr's own, so that the notebooks open in a stock evcxr as well.

use crate::{Result, say, template};
use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const LOGO: &str = include_str!("logo.svg");

/// What is in each kernelspec of ours: the role that Jupyter starts.
const OURS: &str = "potok-kernel";

/// Whose Jupyter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A virtual environment's, which gets the program as well.
    Venv(PathBuf),
    /// The user's own.
    User,
    /// That of an environment which has the program, or uses it from elsewhere.
    Prefix(PathBuf),
}

impl Place {
    /// The place that arguments name, and what follows it.
    pub(crate) fn read<'a, 'b>(args: &'b [&'a str]) -> Option<(Self, &'b [&'a str])> {
        match args {
            ["--user", rest @ ..] => Some((Place::User, rest)),
            ["--prefix", prefix, rest @ ..] => {
                Some((Place::Prefix(prefix.into()), rest))
            }
            [venv, rest @ ..] if !venv.starts_with('-') => {
                Some((Place::Venv(venv.into()), rest))
            }
            _ => None,
        }
    }

    /// The kernelspec's directory.
    fn spec(&self) -> Result<PathBuf> {
        let data = match self {
            Place::Venv(prefix) | Place::Prefix(prefix) => prefix.join("share/jupyter"),
            Place::User => users_data()?,
        };
        Ok(data.join("kernels/rust"))
    }
}

/// Tells Jupyter about this program, for notebooks that import the library in `potok`.
pub(crate) fn install(place: &Place, potok: &str) -> Result<()> {
    let place = match place {
        Place::Venv(dir) => Place::Venv(there(dir)?),
        Place::Prefix(dir) => Place::Prefix(there(dir)?),
        Place::User => Place::User,
    };
    let spec = place.spec()?;
    if place == Place::User || matches!(place, Place::Prefix(_)) {
        free_or_ours(&spec)?;
    }
    template::make(potok)?;
    let potok = there(Path::new(potok))?;
    write(&place, &spec, &potok).map_err(|error| {
        let spec = spec.display();
        format!(
            "cannot write {spec}: {error}; make it writable, or choose another place"
        )
    })?;
    say(&format!("the kernel `rust` is ready, in {}", spec.display()));
    Ok(())
}

/// Takes the kernelspec away again.
pub(crate) fn uninstall(place: &Place) -> Result<()> {
    let spec = place.spec()?;
    free_or_ours(&spec)?;
    if spec.exists() {
        fs::remove_dir_all(&spec)
            .map_err(|error| format!("{}: {error}", spec.display()))?;
        say(&format!("removed {}", spec.display()));
    } else {
        say(&format!("nothing is in {}", spec.display()));
    }
    Ok(())
}

/// Refuses a directory with another kernel's kernelspec.
fn free_or_ours(spec: &Path) -> Result<()> {
    let file = spec.join("kernel.json");
    match fs::read_to_string(&file) {
        Ok(text) if !text.contains(OURS) => Err(format!(
            "{} is of another kernel, perhaps evcxr's own; to put this one there, first \
             remove it: jupyter kernelspec remove rust",
            spec.display()
        )
        .into()),
        _ => Ok(()),
    }
}

/// Where Jupyter keeps what is the user's own.
fn users_data() -> Result<PathBuf> {
    let set =
        |name| env::var_os(name).map(PathBuf::from).filter(|dir| dir.is_absolute());
    if let Some(dir) = set("JUPYTER_DATA_DIR") {
        return Ok(dir);
    }
    let home =
        env::home_dir().ok_or("no home directory: name a place with --prefix")?;
    if cfg!(target_os = "macos") {
        return Ok(home.join("Library/Jupyter"));
    }
    Ok(set("XDG_DATA_HOME").unwrap_or(home.join(".local/share")).join("jupyter"))
}

fn there(path: &Path) -> Result<PathBuf> {
    path.canonicalize().map_err(|error| format!("{}: {error}", path.display()).into())
}

fn write(place: &Place, spec: &Path, potok: &Path) -> Result<()> {
    let mut program = env::current_exe()?;
    if let Place::Venv(venv) = place {
        let inside = venv.join("bin/potok-kernel");
        if program != inside {
            // Renamed into place: a kernel that runs keeps the file it was started from.
            let new = venv.join("bin/.potok-kernel.new");
            fs::copy(program, &new)?;
            fs::set_permissions(&new, fs::Permissions::from_mode(0o755))?;
            fs::rename(&new, &inside)?;
        }
        program = inside;
    }
    fs::create_dir_all(spec)?;
    fs::write(spec.join("logo-svg.svg"), LOGO)?;
    let argv = [path_text(&program)?, "start", "{connection_file}", path_text(potok)?];
    let argv: Vec<String> = argv.iter().map(|arg| quoted(arg)).collect();
    let json = format!(
        "{{\n  \"argv\": [{}],\n  \"display_name\": \"Rust (potok)\",\n  \
         \"language\": \"rust\",\n  \"interrupt_mode\": \"message\"\n}}\n",
        argv.join(", "),
    );
    Ok(fs::write(spec.join("kernel.json"), json)?)
}

fn path_text(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| format!("not UTF-8: {}", path.display()).into())
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_quotes_stays_one_json_string() {
        assert_eq!(quoted("/a \"b\"\\\n"), r#""/a \"b\"\\\u000a""#);
    }

    #[test]
    fn a_place_is_a_venv_the_users_own_or_a_prefix() {
        let read =
            |args: &[&str]| Place::read(args).map(|(place, rest)| (place, rest.len()));
        assert_eq!(
            read(&[".venv", "crate/potok"]),
            Some((Place::Venv(".venv".into()), 1))
        );
        assert_eq!(read(&["--user"]), Some((Place::User, 0)));
        assert_eq!(
            read(&["--prefix", "/opt"]),
            Some((Place::Prefix("/opt".into()), 0))
        );
        assert_eq!(read(&["--prefix"]), None);
        assert_eq!(read(&["--system"]), None);
    }

    #[test]
    fn another_kernels_place_is_not_taken_and_ours_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::Prefix(dir.path().to_owned());
        let spec = place.spec().unwrap();
        fs::create_dir_all(&spec).unwrap();
        fs::write(spec.join("kernel.json"), r#"{"argv": ["evcxr_jupyter"]}"#).unwrap();
        let refused = install(&place, "crate/potok").unwrap_err().to_string();
        assert!(refused.contains("jupyter kernelspec remove rust"), "{refused}");
        assert!(uninstall(&place).is_err() && spec.exists());
        write(&place, &spec, dir.path()).unwrap();
        // Tests run as a program of another name.
        let text = fs::read_to_string(spec.join("kernel.json")).unwrap();
        fs::write(spec.join("kernel.json"), text + OURS).unwrap();
        uninstall(&place).unwrap();
        assert!(!spec.exists());
        uninstall(&place).unwrap();
    }
}
