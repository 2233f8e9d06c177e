//! The crate seen from outside: one binary, one module a subject.

mod chart;
mod explore;
mod map_reduce;
#[cfg(target_os = "linux")]
mod processes_between;
#[cfg(target_os = "linux")]
mod processes_fork;
#[cfg(target_os = "linux")]
mod processes_pool;
#[cfg(target_os = "linux")]
mod processes_spawn;
#[cfg(target_os = "linux")]
mod sys;
mod tidy;
