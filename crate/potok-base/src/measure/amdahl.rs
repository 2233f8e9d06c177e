//! Amdahl's law: the part of a job that cannot be shared out bounds its speed-up.

use crate::units::decimal;
use crate::words;
use std::fmt;

/// A job of which the fraction `serial` cannot be shared out.
///
/// Source: Gene Amdahl, "Validity of the single processor approach to achieving large
/// scale computing capabilities" (1967).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amdahl {
    /// The serial fraction, from 0 (all of it can be shared) to 1 (nothing can).
    pub serial: f64,
}

impl Amdahl {
    /// The speed-up that the law predicts for `workers` workers with a processor each.
    ///
    /// The law knows no end of processors: a machine with two of them follows it up to two
    /// workers.
    ///
    /// # Examples
    /// ```
    /// use potok::measure::Amdahl;
    /// let half = Amdahl { serial: 0.5 };
    /// assert_eq!(half.speedup(1), 1.0);
    /// assert!((half.speedup(2) - 4.0 / 3.0).abs() < 1e-9);
    /// assert!(half.speedup(64) < half.limit());
    /// ```
    pub fn speedup(&self, workers: usize) -> f64 {
        self.on(workers.max(1) as f64)
    }

    /// The same between whole numbers of processors, for a smooth curve.
    pub fn on(&self, processors: f64) -> f64 {
        1.0 / (self.serial + (1.0 - self.serial) / processors)
    }

    /// What no number of processors can exceed: 1 / serial.
    pub fn limit(&self) -> f64 {
        1.0 / self.serial
    }

    /// The serial fraction that fits `(processors, time)` points best, by least squares.
    ///
    /// A job takes `a + b / p` on `p` processors; the fitted fraction is `a / (a + b)`.
    /// Processors are those that a run really had, which may be a fraction: eight workers
    /// on two processors had two. Returns `None` if the points do not tell: no two of
    /// them that differ by a fifth of a processor, or times that are not positive.
    ///
    /// # Examples
    /// ```
    /// use potok::measure::Amdahl;
    /// // 1 s serial and 3 s that can be shared out; the last with 8 workers on 4 processors
    /// let times = [(1.0, 4.0), (2.0, 2.5), (4.0, 1.75), (4.0, 1.75)];
    /// let fit = Amdahl::fit(times).unwrap();
    /// assert!((fit.serial - 0.25).abs() < 1e-9);
    /// ```
    pub fn fit(points: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let points: Vec<(f64, f64)> = points.into_iter().collect();
        let processors = points.iter().map(|p| p.0);
        let most = processors.clone().fold(f64::MIN, f64::max);
        let least = processors.fold(f64::MAX, f64::min);
        if least <= 0.0 || most - least < 0.2 {
            return None;
        }
        let points: Vec<(f64, f64)> =
            points.into_iter().map(|(p, time)| (1.0 / p, time)).collect();
        if points.iter().any(|&(_, time)| !time.is_finite() || time <= 0.0) {
            return None;
        }
        let n = points.len() as f64;
        let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
        let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
        let spread: f64 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
        let common: f64 = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum();
        let shared = common / spread;
        let serial = mean_y - shared * mean_x;
        // Noise can push the line past either end; the law knows only 0 to 1.
        Some(Amdahl { serial: (serial / (serial + shared)).clamp(0.0, 1.0) })
    }
}

/// As `4 % serial: at most 25 × faster`.
impl fmt::Display for Amdahl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.serial * 100.0;
        if percent < 0.05 {
            f.write_str(words::no_serial_part())
        } else {
            let limit = decimal(self.limit(), 1);
            f.write_str(&words::serial(decimal(percent, 1), limit))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(serial: f64, processors: usize) -> Vec<(f64, f64)> {
        let law = Amdahl { serial };
        let had = [1, 2, 4, 8, 16].map(|n: usize| n.min(processors));
        had.map(|n| (n as f64, 3.0 / law.speedup(n))).to_vec()
    }

    #[test]
    fn too_few_points_do_not_tell() {
        assert_eq!(Amdahl::fit([]), None);
        assert_eq!(Amdahl::fit([(1.0, 2.0)]), None);
        assert_eq!(Amdahl::fit([(4.0, 2.0), (4.0, 2.0)]), None);
        // A machine that gave a tenth of a processor more does not tell either.
        assert_eq!(Amdahl::fit([(1.0, 2.0), (1.1, 1.9)]), None);
        assert_eq!(Amdahl::fit([(1.0, f64::NAN), (2.0, 1.0)]), None);
    }

    #[test]
    fn a_job_that_gets_slower_is_all_serial() {
        let times = [(1.0, 1.0), (2.0, 1.5), (4.0, 1.9)];
        assert_eq!(Amdahl::fit(times).unwrap().serial, 1.0);
    }

    #[test]
    fn the_law_does_not_end_at_any_number_of_processors() {
        let law = Amdahl { serial: 0.1 };
        assert!(law.speedup(1_000) > law.speedup(100));
        assert!(law.on(2.5) > law.speedup(2) && law.on(2.5) < law.speedup(3));
    }

    proptest::proptest! {
        #[test]
        fn the_fit_finds_the_fraction_again(serial in 0.0f64..1.0, processors in 2usize..32) {
            let fit = Amdahl::fit(times(serial, processors)).unwrap();
            assert!((fit.serial - serial).abs() < 1e-6, "{serial} became {}", fit.serial);
        }
    }
}
