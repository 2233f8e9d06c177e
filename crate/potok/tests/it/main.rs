//! The crate seen from outside: one binary, one module a subject.

mod chart;
mod explore;
mod explore_bounds;
mod explore_std;
#[cfg(target_os = "linux")]
mod full;
#[cfg(target_os = "linux")]
mod homework;
mod language;
mod map_reduce;
mod map_reduce_faults;
mod map_reduce_input;
#[cfg(target_os = "linux")]
mod map_reduce_laws;
mod map_reduce_memory;
#[cfg(target_os = "linux")]
mod map_reduce_processes;
#[cfg(target_os = "linux")]
mod map_reduce_spark;
#[cfg(target_os = "linux")]
mod map_reduce_stream;
mod parallel;
#[cfg(target_os = "linux")]
mod processes_between;
#[cfg(target_os = "linux")]
mod processes_fork;
#[cfg(target_os = "linux")]
mod processes_hostile;
#[cfg(target_os = "linux")]
mod processes_pool;
#[cfg(target_os = "linux")]
mod processes_rayon;
#[cfg(target_os = "linux")]
mod processes_soak;
#[cfg(target_os = "linux")]
mod processes_spawn;
#[cfg(target_os = "linux")]
mod sys;
mod tidy;
mod unused;
