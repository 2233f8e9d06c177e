//! Little's law: the number inside is the arrival rate times the time spent inside.

use crate::words;
use potok_base::units::decimal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// The three numbers of Little's law, L = λ · W, each measured on its own.
///
/// Over a day that begins and ends with an empty shop the law holds exactly, whatever the
/// order of service and however the customers came.
///
/// Source: John Little, "A Proof for the Queuing Formula: L = λW" (1961).
///
/// # Examples
/// ```
/// use potok::coffee::Shop;
/// use potok::prelude::*;
/// let little = Shop::queues(2).machines(1).customers(6).brew(ms(2)).run()?.little();
/// assert!((little.in_system - little.predicted()).abs() < 0.001 * little.in_system);
/// # Ok::<(), potok::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Little {
    /// L: how many were in the system on average.
    pub in_system: f64,
    /// λ: how many arrived per second.
    pub arrivals_per_second: f64,
    /// W: how long one of them stayed on average.
    pub time_in_system: Duration,
}

impl Little {
    /// λ · W, which the law says is L.
    pub fn predicted(&self) -> f64 {
        self.arrivals_per_second * self.time_in_system.as_secs_f64()
    }
}

/// As `L = 4.50; λ · W = 100.0/s · 45.0 ms = 4.50`.
impl fmt::Display for Little {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words::little(
            decimal(self.in_system, 2),
            decimal(self.arrivals_per_second, 1),
            decimal(self.time_in_system.as_secs_f64() * 1e3, 1),
            decimal(self.predicted(), 2),
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::coffee::Shop;
    use crate::workload::ms;

    #[test]
    fn the_law_holds_for_queues_machines_and_arrivals_of_all_kinds() {
        for (queues, machines, every) in [(1, 1, 0), (2, 1, 1), (2, 2, 0), (3, 2, 2)] {
            let shop = Shop::queues(queues).machines(machines).customers(7);
            let day = shop.arrive_every(ms(every)).order(ms(1)).brew(ms(1)).run();
            let little = day.unwrap().little();
            assert!((little.in_system - little.predicted()).abs() < 1e-6, "{little}");
        }
    }
}
