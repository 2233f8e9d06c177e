// fails: of four, one of them below zero
// fails: however they are merged
/// What is known of some measurements: enough to merge it with what is known of others.
type Part = (i64, u64);

/// What is known of one measurement.
fn part_of(value: i64) -> Part {
    (value.abs(), 1)
}

/// Merges `other` into `part`.
fn merge(part: &mut Part, other: Part) {
    part.0 += other.0;
    part.1 += other.1;
}

/// The mean of all measurements that went into a part.
fn mean_of(part: Part) -> f64 {
    part.0 as f64 / part.1 as f64
}
