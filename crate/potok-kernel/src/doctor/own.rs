//! What the kernel itself keeps: sessions and templates.

use super::Finding;
use crate::session;
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
    let dead = session::dead();
    match (dead, fix) {
        (Ok(dead), _) if dead.is_empty() => Finding::good(what, fine(0)),
        (Ok(dead), true) => match session::sweep() {
            Ok(()) => Finding::good(what, fine(dead.len())),
            Err(error) => Finding::note(
                what,
                format!("cannot be removed: {error}"),
                "ls -la ~/.cache",
            ),
        },
        (Ok(dead), false) => {
            let said = format!("left by killed kernels: {}", list(&dead));
            Finding::note(what, said, "make doctor FIX=1")
        }
        (Err(error), _) => Finding::note(
            what,
            format!("cannot be looked through: {error}"),
            "ls -la ~/.cache",
        ),
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
