//! [`std::thread`], explored; see [`super`] for what is missing.

pub use crate::thread::{
    Builder, JoinHandle, Result, Scope, ScopedJoinHandle, scope, spawn, yield_now,
};
pub use ::std::thread::{
    AccessError, LocalKey, Thread, ThreadId, available_parallelism, current, panicking,
};

/// Lets others go first. In an exploration time does not pass: a program that needs the
/// sleep to be right is found wrong. Elsewhere it is [`std::thread::sleep`].
///
/// # Examples
/// ```
/// use potok::explore::{explore, std::thread, std::time::Duration};
/// let report = explore(|| {
///     thread::sleep(Duration::from_secs(3600));
///     "awake"
/// });
/// assert_eq!(report.outcomes[0].ending.detail(), "\"awake\"");
/// assert!(report.time < Duration::from_secs(60));
/// ```
pub fn sleep(time: ::std::time::Duration) {
    if crate::context::context().is_some() {
        yield_now();
    } else {
        ::std::thread::sleep(time);
    }
}
