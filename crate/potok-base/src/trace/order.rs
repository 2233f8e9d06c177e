//! The order of the lanes of a trace.

use super::Trace;
use crate::words;

impl Trace {
    /// Puts the workers of pools in the order of their numbers, among themselves: which of
    /// them first recorded something is chance.
    pub(super) fn order_workers(&mut self) {
        let here = std::process::id();
        let before = words::worker("");
        let is_elsewhere = |at: usize| self.lanes[at].pid != here;
        let number = |at: usize| {
            let name = self.lanes[at].name.strip_prefix(&*before)?;
            name.parse::<u32>().ok().filter(|_| is_elsewhere(at))
        };
        let workers = (0..self.lanes.len()).filter_map(|at| Some((at, number(at)?)));
        let (places, mut numbers): (Vec<usize>, Vec<u32>) = workers.unzip();
        numbers.sort_unstable();
        let mut names: Vec<String> =
            self.lanes.iter().map(|lane| lane.name.clone()).collect();
        for (at, number) in places.into_iter().zip(numbers) {
            names[at] = words::worker(number);
        }
        self.order_lanes(&names);
    }

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

#[cfg(test)]
mod tests {
    use super::super::{Lane, Mark, Trace};
    use std::time::Duration;

    #[test]
    fn workers_stand_in_the_order_of_their_numbers_where_they_stood() {
        let here = std::process::id();
        let lane = |(name, pid): (&str, u32)| Lane { name: name.into(), pid, tid: 1 };
        // `worker 9` is a thread of this process that is called so.
        let lanes = [
            ("worker 10", here + 1),
            ("main", here),
            ("worker 2", here + 2),
            ("worker 9", here),
            ("worker 1", here + 3),
        ];
        let mark = |lane| Mark { lane, label: "here".into(), at: Duration::ZERO };
        let mut trace = Trace {
            lanes: lanes.map(lane).to_vec(),
            marks: (0..5).map(mark).collect(),
            ..Trace::default()
        };
        trace.order_workers();
        let names: Vec<&str> = trace.lanes.iter().map(|lane| &*lane.name).collect();
        assert_eq!(names, ["worker 1", "main", "worker 2", "worker 9", "worker 10"]);
        // Each mark is still on the lane that it was on.
        let pids = trace.marks.iter().map(|mark| trace.lanes[mark.lane].pid);
        assert!(pids.eq(lanes.map(|(_, pid)| pid)));
    }
}
