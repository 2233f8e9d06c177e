//! A `:dep` at a version that does not go together with the library's own.

use crate::relay::words;

/// What cargo says where one version of a crate cannot serve all.
const FAILED: &str = "failed to select a version for `";

/// The crate that evcxr makes of a cell.
const CELL: &str = "package `ctx v";

const LIBRARY: &str = "package `potok";

/// The sentence for a crate that the cell and the library want at versions that exclude each
/// other, from cargo's many lines; nothing, if they speak of something else.
pub(super) fn sentence(said: &str) -> Option<String> {
    let (name, rest) = said.split_once(FAILED)?.1.split_once('`')?;
    let (wants, holds) = rest.split_once("previously selected package `")?;
    let (wanted, rest) = wants.split_once("the requirements `")?.1.split_once('`')?;
    let versions = rest.split_once(" are: ")?.1;
    let newest = versions.split([',', '\n']).next()?.trim();
    let (held, holders) = holds.split_once('`')?;
    let held = held.split_once(" v")?.1.split(' ').next()?;
    let required = holders.split_once(&format!("`{name} = \"")).map(|(_, it)| it);
    let (required, holder) = required?.split_once('"')?;
    // The line on who wants it goes up to the cell in either case.
    let of = |text: &str, what| {
        text.lines()
            .find(|it| it.contains("package `"))
            .is_some_and(|it| it.contains(what))
    };
    let (asked, ours, version) = match (of(wants, CELL), of(holder, CELL)) {
        (false, true) => (required, wanted, newest),
        (true, false) => (wanted, required, held),
        _ => return None,
    };
    let theirs = if of(wants, CELL) { holder } else { wants };
    if !theirs.contains(LIBRARY) {
        return None;
    }
    let write = ours.trim_start_matches('^');
    Some(words::version(name, asked, version, write))
}

#[cfg(test)]
mod tests {
    use super::sentence;

    /// cargo 1.95's words; where it meets the library first, and where it meets the cell first.
    const POTOK_WANTS: &str = "cargo metadata failed with output:
error: failed to select a version for `rayon`.
    ... required by package `potok v0.1.0 (/x/crate/potok)`
    ... which satisfies path dependency `potok` (locked to 0.1.0) of package `ctx v1.0.0 (/s)`
versions that meet the requirements `^1.12` (locked to 1.12.0) are: 1.12.0

all possible versions conflict with previously selected packages.

  previously selected package `rayon v1.5.0`
    ... which satisfies dependency `rayon = \"=1.5.0\"` (locked to 1.5.0) of package `ctx v1.0.0 (/s)`

failed to select a version for `rayon` which could resolve this conflict
";
    const CELL_WANTS: &str = "error: failed to select a version for `either`.
    ... required by package `ctx v1.0.0 (/s)`
versions that meet the requirements `=1.5.0` are: 1.5.0

all possible versions conflict with previously selected packages.

  previously selected package `either v1.15.0`
    ... which satisfies dependency `either = \"^1\"` (locked to 1.15.0) of package `potok v0.1.0 (/x)`
    ... which satisfies path dependency `potok` (locked to 0.1.0) of package `ctx v1.0.0 (/s)`
";

    #[test]
    fn whichever_cargo_meets_first_the_library_version_is_named() {
        assert_eq!(
            sentence(POTOK_WANTS).unwrap(),
            "`rayon = \"=1.5.0\"` does not go together with potok, which is compiled with \
             rayon 1.12.0: write `:dep rayon = \"1.12\"`"
        );
        assert_eq!(
            sentence(CELL_WANTS).unwrap(),
            "`either = \"=1.5.0\"` does not go together with potok, which is compiled with \
             either 1.15.0: write `:dep either = \"1\"`"
        );
    }

    #[test]
    fn other_words_are_left_alone() {
        for other in [
            "",
            "error: failed to select a version for `rayon`.",
            &POTOK_WANTS.replace("package `ctx", "package `other"),
            &CELL_WANTS.replace("requirements", "wishes"),
            &CELL_WANTS.replace("package `potok", "package `other"),
        ] {
            assert_eq!(sentence(other), None, "{other}");
        }
    }
}
