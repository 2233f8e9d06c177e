//! How a job's functions are found again in another process: each by the place of what
//! makes it.
//!
//! *What to notice*: a closure that captures nothing has no bytes, so whoever knows its type
//! has it. The type is known where the job is put together; a maker that is recorded there,
//! for that very type, remembers it.

use potok_process::{Maker, Place};

/// Where the maker of a function is recorded. `None`: the function captures something.
pub(super) type Recorded = Option<Place>;

/// Where each function of a job is recorded.
#[derive(Clone, Copy)]
pub(super) struct Recipe {
    pub(super) map: Recorded,
    pub(super) reduce: Recorded,
    /// The outer `None`: there is none.
    pub(super) combine: Option<Recorded>,
    pub(super) partition: Option<Recorded>,
}

/// A function of a job as what the engines call, `M`, and where it is recorded: `wrap` makes it
/// of one that captures nothing, and `own` of any other.
pub(super) fn recorded<F, M: 'static>(
    f: F,
    wrap: impl Fn(&'static F) -> M + Sync + 'static,
    own: impl FnOnce(F) -> M,
) -> (M, Recorded)
where
    F: Sync + 'static,
{
    match Maker::<M>::of(f, wrap) {
        Ok(maker) => (maker.code().make(), Some(maker.place())),
        Err(f) => (own(f), None),
    }
}
