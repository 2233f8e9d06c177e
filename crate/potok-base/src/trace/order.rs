//! The order of the lanes of a trace.

use super::Trace;

impl Trace {
    /// Puts the lanes of `names` first, in that order; the others follow as they were.
    pub fn order_lanes(&mut self, names: &[String]) {
        let place =
            |name: &str| names.iter().position(|n| n == name).unwrap_or(names.len());
        let mut order: Vec<usize> = (0..self.lanes.len()).collect();
        order.sort_by_key(|&lane| place(&self.lanes[lane].name));
        let mut new_place = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            new_place[old] = new;
        }
        self.lanes = order.iter().map(|&old| self.lanes[old].clone()).collect();
        for span in &mut self.spans {
            span.lane = new_place[span.lane];
        }
        for mark in &mut self.marks {
            mark.lane = new_place[mark.lane];
        }
        for message in &mut self.messages {
            message.from = new_place[message.from];
            message.to = new_place[message.to];
        }
    }
}
