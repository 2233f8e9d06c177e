//! Other programs, such as Python and `bash`: a temporary directory for each, and an end to
//! everything that it started.

mod folder;
mod group;

pub use folder::Folder;
pub use group::{NOT_YET, ProcessGroup, end_group, end_left_behind};
