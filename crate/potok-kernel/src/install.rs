//! Writes the kernelspec: the few lines by which Jupyter finds the kernel.
//!
//! It goes into a venv, never into the user's own Jupyter directories. The name `rust` is
//! evcxr's own, so that the notebooks open in a stock evcxr as well.

use crate::{Result, say, template};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const LOGO: &str = include_str!("logo.svg");

/// Copies this program into `venv` and tells Jupyter about it.
pub(crate) fn install(venv: &str, potok: &str) -> Result<()> {
    template::make(potok)?;
    let venv = Path::new(venv).canonicalize().map_err(|e| format!("{venv}: {e}"))?;
    let potok = Path::new(potok).canonicalize().map_err(|e| format!("{potok}: {e}"))?;
    write(&venv, &potok).map_err(|error| {
        let venv = venv.display();
        format!("cannot install into {venv}: {error}; make it writable, or make another venv")
    })?;
    say("the kernel `rust` is ready");
    Ok(())
}

fn write(venv: &Path, potok: &Path) -> Result<()> {
    // Renamed into place: a kernel that runs keeps the file it was started from.
    let program = venv.join("bin/potok-kernel");
    let new = venv.join("bin/.potok-kernel.new");
    let this = std::env::current_exe()?;
    if this != program {
        fs::copy(this, &new)?;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755))?;
        fs::rename(&new, &program)?;
    }

    let spec = venv.join("share/jupyter/kernels/rust");
    fs::create_dir_all(&spec)?;
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
    use super::quoted;

    #[test]
    fn a_path_with_quotes_stays_one_json_string() {
        assert_eq!(quoted("/a \"b\"\\\n"), r#""/a \"b\"\\\u000a""#);
    }
}
