//! The place of a panic, so that it can be found again.
//!
//! evcxr compiles each cell in the same file, `src/lib.rs`, with the items of the cells
//! before it: a line of it says nothing before it is known of which cell the file was. So
//! for potok's kernel, which keeps these files, the object is named that evcxr made of it.

use crate::sys;
use potok_base::kernel;
use std::panic::Location;
use std::path::Path;

/// Whether a place is in the file that evcxr makes of each cell.
pub(crate) fn is_cell(place: &Location<'_>) -> bool {
    place.file() == "src/lib.rs"
}

/// Which of the objects that evcxr made of cells a place is in.
pub(crate) fn object(place: &Location<'_>) -> Option<u32> {
    let path = is_cell(place).then(|| sys::object_of(place)).flatten()?;
    number(&path)
}

/// The place in words: `file.rs:3:5`, and behind one in a cell the object.
pub(crate) fn told(place: &Location<'_>) -> String {
    match object(place).filter(|_| kernel::reads()) {
        Some(number) => format!("{place} (libcode_{number})"),
        None => place.to_string(),
    }
}

/// evcxr counts its objects: `…/debug/libcode_7.so`.
fn number(object: &str) -> Option<u32> {
    let name = Path::new(object).file_name()?.to_str()?;
    name.strip_prefix("libcode_")?.split_once('.')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_evcxrs_is_known_by_its_name() {
        assert_eq!(number("/x/crate/target/debug/libcode_12.so"), Some(12));
        for other in ["", "/x/libcode_a.so", "/x/libc.so.6", "libcode_1.so/x"] {
            assert_eq!(number(other), None, "{other}");
        }
    }

    #[test]
    fn a_place_in_a_file_that_is_no_cells_is_told_as_it_is() {
        let here = Location::caller();
        assert!(!is_cell(here));
        assert_eq!(told(here), here.to_string());
    }
}
