//! The picture of the result.

use super::Orders;
use crate::error::Result;
use crate::words;
use potok_chart::{Bar, Picture, Show, bars};

impl Show for Orders {
    fn picture(&self) -> Result<Picture> {
        let title = words::orders(self.counts.len(), self.possible, self.runs);
        let bar =
            |(order, count): &(String, usize)| Bar::new(order.clone(), *count as f64);
        bars(&title, words::runs_axis(), self.counts.iter().map(bar))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads;

    #[test]
    fn every_order_that_was_seen_has_a_bar() {
        let orders = threads::orders(30, ["ann", "bob"], || ()).unwrap();
        let picture = orders.picture().unwrap();
        assert!(orders.counts.iter().all(|(order, _)| picture.text.contains(order)));
    }
}
