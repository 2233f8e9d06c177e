//! Proves of every homework below `notebooks/homework/source` that it can be graded: the
//! stub earns nothing, the solution everything, and each wrong answer below
//! `notebooks/homework/wrong` fails the checks that it names and no other.
//!
//! `build.rs` takes the notebooks apart and makes one module of each answer, so that all of
//! them are compiled together and no notebook kernel is needed. `tests/proof.rs` runs them.

use potok::homework::Grade;

/// The checks of a solution all pass, and it earns the points that the notebook says.
///
/// # Panics
/// They do not.
pub fn solves(grade: &Grade, points: f64) {
    assert!(grade.checks().iter().all(|check| check.verdict.passed()), "{grade}");
    assert!(grade.checks().len() > 1, "one check is soon passed by luck: {grade}");
    assert_eq!((grade.score(), grade.points()), (points, points));
}

/// A stub earns nothing.
///
/// # Panics
/// It does.
pub fn earns_nothing(grade: &Grade) {
    assert_eq!(grade.score(), 0.0, "{grade}");
}

/// The checks with these names fail, and no other but those that may: an answer that is
/// right or wrong by chance can be caught by an early check too.
///
/// # Panics
/// Others do, or they do not.
pub fn fails(grade: &Grade, names: &[&str], may: &[&str]) {
    let failed = grade.checks().iter().filter(|check| !check.verdict.passed());
    let failed = failed.map(|check| check.name.as_str());
    let failed: Vec<&str> = failed.filter(|name| !may.contains(name)).collect();
    let told: Vec<String> = grade
        .checks()
        .iter()
        .map(|check| format!("{}: {}", check.name, check.verdict.text()))
        .collect();
    assert_eq!(failed, names, "{told:#?}");
}
