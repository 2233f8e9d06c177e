//! Amdahl's law: the part of a job that cannot be shared out bounds its speed-up.

use std::fmt;

/// A job of which the fraction `serial` cannot be shared out.
///
/// Source: Gene Amdahl, "Validity of the single processor approach to achieving large
/// scale computing capabilities" (1967).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amdahl {
    /// The serial fraction, from 0 (all of it can be shared) to 1 (nothing can).
    pub serial: f64,
    /// Processors there are: more workers than these share them and gain nothing.
    pub processors: usize,
}

impl Amdahl {
    /// The speed-up that the law predicts for `workers` workers.
    ///
    /// # Examples
    /// ```
    /// use potok::measure::Amdahl;
    /// let half = Amdahl { serial: 0.5, processors: 64 };
    /// assert_eq!(half.speedup(1), 1.0);
    /// assert!((half.speedup(2) - 4.0 / 3.0).abs() < 1e-9);
    /// assert!(half.speedup(64) < half.limit());
    /// ```
    pub fn speedup(&self, workers: usize) -> f64 {
        let p = workers.min(self.processors).max(1) as f64;
        1.0 / (self.serial + (1.0 - self.serial) / p)
    }

    /// What no number of processors can exceed: 1 / serial.
    pub fn limit(&self) -> f64 {
        1.0 / self.serial
    }

    /// The serial fraction that fits `(workers, time)` points best, by least squares.
    ///
    /// A job takes `a + b / p` on `p` processors; the fitted fraction is `a / (a + b)`.
    /// Returns `None` if the points do not tell: fewer than two different numbers of
    /// processors, or times that are not positive.
    ///
    /// # Examples
    /// ```
    /// use potok::measure::Amdahl;
    /// // 1 s serial and 3 s that can be shared out, on four processors
    /// let times = [(1, 4.0), (2, 2.5), (4, 1.75), (8, 1.75)];
    /// let fit = Amdahl::fit(times, 4).unwrap();
    /// assert!((fit.serial - 0.25).abs() < 1e-9);
    /// ```
    pub fn fit(
        points: impl IntoIterator<Item = (usize, f64)>,
        processors: usize,
    ) -> Option<Self> {
        let points: Vec<(f64, f64)> = points
            .into_iter()
            .map(|(workers, time)| {
                (1.0 / workers.clamp(1, processors.max(1)) as f64, time)
            })
            .collect();
        if points.iter().any(|&(_, time)| !time.is_finite() || time <= 0.0) {
            return None;
        }
        let n = points.len() as f64;
        let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
        let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
        let spread: f64 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
        let common: f64 = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum();
        if points.len() < 2 || spread < 1e-12 {
            return None;
        }
        let shared = common / spread;
        let serial = mean_y - shared * mean_x;
        // Noise can push the line past either end; the law knows only 0 to 1.
        Some(Amdahl {
            serial: (serial / (serial + shared)).clamp(0.0, 1.0),
            processors,
        })
    }
}

/// As `4 % serial: at most 25 × faster`.
impl fmt::Display for Amdahl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.serial * 100.0;
        if percent < 0.05 {
            write!(f, "no serial part to be seen")
        } else {
            write!(f, "{percent:.1} % serial: at most {:.1} × faster", self.limit())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(serial: f64, processors: usize) -> Vec<(usize, f64)> {
        let law = Amdahl { serial, processors };
        [1, 2, 4, 8, 16].map(|n| (n, 3.0 / law.speedup(n))).to_vec()
    }

    #[test]
    fn too_few_points_do_not_tell() {
        assert_eq!(Amdahl::fit([], 4), None);
        assert_eq!(Amdahl::fit([(1, 2.0)], 4), None);
        assert_eq!(Amdahl::fit([(4, 2.0), (8, 2.0)], 4), None);
        assert_eq!(Amdahl::fit([(1, f64::NAN), (2, 1.0)], 4), None);
    }

    #[test]
    fn a_job_that_gets_slower_is_all_serial() {
        assert_eq!(Amdahl::fit([(1, 1.0), (2, 1.5), (4, 1.9)], 4).unwrap().serial, 1.0);
    }

    proptest::proptest! {
        #[test]
        fn the_fit_finds_the_fraction_again(serial in 0.0f64..1.0, processors in 2usize..32) {
            let fit = Amdahl::fit(times(serial, processors), processors).unwrap();
            assert!((fit.serial - serial).abs() < 1e-6, "{serial} became {}", fit.serial);
        }
    }
}
