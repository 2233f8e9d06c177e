//! From a value to its place, and the round values that are worth a tick.

use super::units::{TimeUnit, fixed, time_unit};

/// Maps values to pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    from: f64,
    to: f64,
    pixels: (f64, f64),
}

impl Scale {
    /// Values from `from` to `to` on pixels from the first to the second.
    pub(crate) fn linear((from, to): (f64, f64), pixels: (f64, f64)) -> Self {
        // A range of nothing still needs a place.
        let to = if to > from { to } else { from + 1e-9 };
        Scale { from, to, pixels }
    }

    /// The place of a value; the nearest end for a value outside.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let share = (value - self.from) / (self.to - self.from);
        let (first, last) = self.pixels;
        first + share.clamp(0.0, 1.0) * (last - first)
    }

    /// Round values within the range, at most about `most` of them.
    pub(crate) fn ticks(&self, most: usize) -> Vec<f64> {
        let step = self.step(most);
        let first = (self.from / step).ceil() as i64;
        let last = (self.to / step + 1e-6).floor() as i64;
        (first..=last).map(|n| n as f64 * step).collect()
    }

    /// The distance of ticks: 1, 2 or 5 times a power of ten.
    fn step(&self, most: usize) -> f64 {
        let rough = (self.to - self.from) / most.max(1) as f64;
        let power = 10_f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|n| n * power);
        steps.into_iter().find(|step| *step >= rough * 0.999).unwrap_or(rough)
    }

    /// Ticks with their labels, as plain numbers.
    pub(crate) fn labelled(&self, most: usize) -> Vec<(f64, String)> {
        let label = |tick: f64| {
            let step = self.step(most);
            let decimals = (-(step * 1.001).log10().floor()).clamp(0.0, 9.0) as usize;
            let decimals = if tick == 0.0 { 0 } else { decimals };
            (tick, fixed(tick, decimals))
        };
        self.ticks(most).into_iter().map(label).collect()
    }

    /// Ticks with their labels, for values that are seconds, and the unit of the labels.
    pub(crate) fn labelled_times(&self, most: usize) -> (Vec<(f64, String)>, TimeUnit) {
        let unit = time_unit(self.to);
        // Round in the unit, not in seconds.
        let scale = Scale {
            from: self.from / unit.seconds,
            to: self.to / unit.seconds,
            ..*self
        };
        let ticks = scale.labelled(most).into_iter();
        (ticks.map(|(tick, label)| (tick * unit.seconds, label)).collect(), unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: Vec<(f64, String)>) -> Vec<String> {
        ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let scale = Scale::linear((0.0, 9.7), (0.0, 100.0));
        assert_eq!(labels(scale.labelled(5)), ["0", "2", "4", "6", "8"]);
        let scale = Scale::linear((0.0, 0.5), (0.0, 100.0));
        assert_eq!(labels(scale.labelled(5)), ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]);
        let (ticks, unit) = Scale::linear((0.0, 0.0123), (0.0, 1.0)).labelled_times(4);
        assert_eq!((labels(ticks).join(" "), unit.name), ("0 5 10".into(), "ms"));
    }

    #[test]
    fn a_range_of_nothing_has_a_place() {
        let scale = Scale::linear((0.0, 0.0), (10.0, 20.0));
        assert_eq!(scale.at(0.0), 10.0);
        assert!(!scale.ticks(5).is_empty());
    }
}
