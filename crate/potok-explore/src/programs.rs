//! Small programs that go wrong under some schedule, each followed by its cure.
//!
//! ```
//! use potok::explore::{explore, programs};
//! assert!(!explore(programs::lost_update).passed());
//! assert!(explore(programs::one_step_update).passed());
//! ```
//!
//! *What to notice*: none of them is contrived. Each looks right when you read it, and gives
//! the right answer nearly every time you run it.
//!
//! A broken program and its cure are two plain functions: read them side by side. Lines
//! that differ are marked `// New`. [`source`] shows one in a notebook.
//!
//! | broken | cured |
//! |---|---|
//! | [`lost_update`] | [`one_step_update`], [`updates_under_lock`] |
//! | [`check_then_act`] | [`check_under_lock`] |
//! | [`locks_in_opposite_order`] | [`locks_in_one_order`] |
//! | [`flag_before_value`] | [`double_checked`] |
//! | [`one_condvar_notify_one`] | [`two_condvars`] |
//! | [`semaphore_checks_once`] | [`semaphore_checks_again`] |
//! | [`reused_barrier`] | [`barrier_with_generations`] |
//! | [`aba`] | [`version_beside_top`] |

mod buffer;
mod counter;
mod locks;
mod rounds;
mod source;
mod stack;

pub use buffer::{one_condvar_notify_one, two_condvars};
pub use counter::{
    check_then_act, check_under_lock, lost_update, one_step_update, updates_under_lock,
};
pub use locks::{
    double_checked, flag_before_value, locks_in_one_order, locks_in_opposite_order,
};
pub use rounds::{
    barrier_with_generations, reused_barrier, semaphore_checks_again,
    semaphore_checks_once,
};
pub use source::source;
pub use stack::{aba, version_beside_top};
