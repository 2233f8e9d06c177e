//! Whether a spare is what a kernel would start by itself.

use crate::{Result, template};
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// Everything that cells can tell a spare from a fresh kernel by, as one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fit(pub(super) u64);

impl Fit {
    /// What a kernel for the library in `potok` would be, started here and now.
    pub(super) fn of(potok: &Path) -> Result<Self> {
        let mut fit = DefaultHasher::new();
        std::env::current_dir()?.hash(&mut fit);
        // Checkouts of the same contents have one key, and each a library to follow.
        (potok, template::key(potok)?).hash(&mut fit);
        let program = std::env::current_exe()?;
        fs::metadata(&program)?.modified()?.hash(&mut fit);
        program.hash(&mut fit);
        // A home directory may be on several machines.
        fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default().hash(&mut fit);
        environment(std::env::vars_os()).hash(&mut fit);
        Ok(Fit(fit.finish()))
    }
}

/// The variables without those that differ from one kernel of a server to the next, or
/// that a shell or a terminal sets.
fn environment(
    all: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, OsString)> {
    const OWN: [&str; 7] =
        ["_", "PWD", "OLDPWD", "SHLVL", "LINES", "COLUMNS", super::SETTING];
    let mut all: Vec<_> = all
        .filter(|(name, _)| {
            let name = name.to_string_lossy();
            !OWN.contains(&&*name) && !name.starts_with("JPY_")
        })
        .collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notebooks_name_makes_no_difference_and_a_compiler_flag_does() {
        let kept = |vars: &[(&str, &str)]| {
            environment(vars.iter().map(|(n, v)| (n.into(), v.into())))
        };
        let plain = kept(&[("A", "1"), ("B", "2")]);
        assert_eq!(plain, kept(&[("B", "2"), ("JPY_SESSION_NAME", "x"), ("A", "1")]));
        assert_ne!(plain, kept(&[("A", "1"), ("B", "2"), ("RUSTFLAGS", "-O")]));
    }
}
