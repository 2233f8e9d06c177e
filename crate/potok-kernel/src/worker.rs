//! The role `worker`: a process that runs functions of cells, for potok's `processes`.
//!
//! This binary knows nothing of potok: it loads the object that it is told and calls the
//! function at an offset in it. That function is potok's own, and does the rest.

use crate::Result;
use std::process::ExitCode;

mod sys;

/// Loads `object`, calls the function at `offset` in it, and ends with what it returns.
pub(crate) fn run(object: &str, offset: &str) -> Result<ExitCode> {
    let code = sys::call(object, offset.parse()?)?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
