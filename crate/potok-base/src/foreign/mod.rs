//! Programs that are not ours, such as Python and `bash`: a folder for each, and an end to
//! all that it started.

mod folder;
mod group;

pub use folder::Folder;
pub use group::{Group, end_group};
