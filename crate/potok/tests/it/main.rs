//! The crate seen from outside: one binary, one module a subject.

mod chart;
mod map_reduce;
#[cfg(target_os = "linux")]
mod processes_fork;
mod tidy;
