// fails: of one measurement
// fails: of three
// fails: of four, one of them below zero
// fails: groups of different sizes
// fails: however they are merged
/// What is known of some measurements: enough to merge it with what is known of others.
type Part = (i64, u64);

/// What is known of one measurement.
fn part_of(value: i64) -> Part {
    (0, 0)
}

/// Merges `other` into `part`.
fn merge(part: &mut Part, other: Part) {
}

/// The mean of all measurements that went into a part.
fn mean_of(part: Part) -> f64 {
    0.0
}
