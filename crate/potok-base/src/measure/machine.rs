//! What a measurement must say about where it was taken.

use crate::words;
use std::fmt;
use std::thread::available_parallelism;

/// The machine and the build that a measurement was taken with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Cores that this process may use.
    pub cores: usize,
    /// How potok was compiled, such as `opt-level 2, debug checks on`.
    pub build: String,
}

impl Machine {
    /// This machine, as this process may use it.
    ///
    /// # Examples
    /// ```
    /// let machine = potok::measure::Machine::here();
    /// assert!(machine.cores >= 1);
    /// assert!(machine.to_string().contains("core"));
    /// ```
    pub fn here() -> Self {
        let checks = if cfg!(debug_assertions) { words::on() } else { words::off() };
        Machine {
            // Where the system does not tell, one core is the cautious answer.
            cores: available_parallelism().map_or(1, usize::from),
            build: words::build(env!("POTOK_OPT_LEVEL"), checks),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", words::cores(self.cores), self.build)
    }
}
