//! What the kernel itself keeps: sessions and templates.

use super::Finding;
use crate::session::{self, Found};
use crate::template::{Fit, Template};
use std::path::Path;

/// Directories of kernels that were killed; removed with `fix`.
pub(super) fn stale(fix: bool) -> Finding {
    let what = "sessions";
    let fine = |dead: usize| match dead {
        0 => "nothing is left of kernels that are gone".to_owned(),
        1 => "removed what a killed kernel had left".to_owned(),
        n => format!("removed what {n} killed kernels had left"),
    };
    let found = if fix { session::sweep() } else { session::dead() };
    match found {
        Err(error) => Finding::bad(what, error.to_string(), &[]),
        // Each says itself what helps.
        Ok(Found { odd, .. }) if !odd.is_empty() => {
            Finding::bad(what, odd.join("; "), &[])
        }
        Ok(Found { dead, .. }) if dead.is_empty() => Finding::good(what, fine(0)),
        Ok(Found { dead, .. }) if fix => Finding::good(what, fine(dead.len())),
        Ok(Found { dead, .. }) => {
            let said = format!("left by killed kernels: {}", list(&dead));
            Finding::note(what, said, "make doctor FIX=1")
        }
    }
}

fn list(dead: &[impl AsRef<Path>]) -> String {
    let shown: Vec<_> =
        dead.iter().take(3).map(|path| path.as_ref().display().to_string()).collect();
    match dead.len() {
        0..=3 => shown.join(", "),
        n => format!("{} and {} more", shown.join(", "), n - 3),
    }
}

/// Whether kernels start from what is compiled.
pub(super) fn template(potok: &Path) -> Finding {
    let what = "template";
    let found = potok
        .canonicalize()
        .map_err(|e| format!("{}: {e}", potok.display()).into())
        .and_then(|potok| Template::find(&potok));
    match found {
        Ok(Fit::Exact(_)) => Finding::good(what, "potok is compiled in advance"),
        Ok(Fit::Older(_)) => Finding::note(
            what,
            "potok has changed since it was compiled: each kernel compiles the change",
            "make setup",
        ),
        Ok(Fit::None) => Finding::note(
            what,
            "potok is not compiled in advance: each kernel compiles it, in a minute or two",
            "make setup",
        ),
        Err(error) => Finding::bad(what, error.to_string(), &["make setup"]),
    }
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn a_long_list_is_cut() {
        assert_eq!(list(&["a", "b"]), "a, b");
        assert_eq!(list(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }
}
