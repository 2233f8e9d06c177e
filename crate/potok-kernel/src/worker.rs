//! The role `worker`: a process that runs functions of cells, for potok's `processes`.
//!
//! This binary knows nothing of potok but one name: it loads the object that it is told and
//! has potok in there call what is recorded at an offset, which does the rest.

use crate::Result;
use std::process::ExitCode;

mod sys;

/// Loads `object`, calls what is recorded at `offset` in it, and ends with what it returns.
pub(crate) fn run(object: &str, offset: &str) -> Result<ExitCode> {
    let code = sys::call(object, offset.parse()?)?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
