//! Bad data is an error; odd data is drawn.

use super::data::*;
use super::well_formed;
use potok::chart::{self, Axis, Bar, Picture};
use potok::prelude::*;

#[test]
fn bad_data_is_an_error_that_names_the_thing() {
    let error = |picture: potok::Result<Picture>| picture.unwrap_err().to_string();
    assert!(error(chart::timeline("x", &Trace::default())).contains("no span"));
    let mut lost = few();
    lost.spans[1].lane = 9;
    assert!(error(chart::timeline("x", &lost)).contains("`compute` is on lane 9"));
    for value in [f64::NAN, f64::INFINITY, -1.0] {
        let bars = chart::bars("x", "y", [Bar::new("ann", value)]);
        assert!(error(bars).contains("`ann`"));
    }
    assert!(error(chart::bars("x", "y", Vec::<Bar>::new())).contains("no bars"));
    let off = Bar::new("ann", 3.0).range(4.0, 5.0);
    assert!(error(chart::bars("x", "y", [off])).contains("range"));
    let zero = chart::bars("x", Axis::from("y").log(), [Bar::new("ann", 0.0)]);
    assert!(error(zero).contains("logarithmic"));
    let no_points = Speedup { points: vec![], ..primes(2) };
    assert!(error(chart::speedup(&no_points)).contains("no points"));
    assert!(error(chart::speedups("none", &[])).contains("0 series"));
    assert!(error(chart::sequence("x", &few())).contains("no messages"));
    let lost = with_messages(few(), &[(0, 5, "hello", 1, 2)]);
    assert!(error(chart::sequence("x", &lost)).contains("`hello`"));
    assert!(error(chart::lengths("x", &[])).contains("no queues"));
    let backwards = queue("till", &[(5, 1), (3, 0)], 9);
    assert!(error(chart::lengths("x", &[backwards])).contains("`till`"));
}

#[test]
fn odd_but_valid_data_is_drawn() {
    let none = [Bar::missing("ann", ""), Bar::missing("bob", "not here")];
    well_formed(&chart::bars("nothing measured", "y", none).unwrap());
    well_formed(&chart::bars("zero", Axis::time("t"), [Bar::new("ann", 0.0)]).unwrap());
    well_formed(&chart::speedup(&measured("one point", 1, &[(1, &[5])])).unwrap());
    well_formed(
        &chart::speedup(&measured("too fast", 1, &[(1, &[0]), (2, &[0])])).unwrap(),
    );
    well_formed(
        &chart::speedup(&measured("wide", 64, &[(1, &[9]), (1_000, &[1])])).unwrap(),
    );
    well_formed(&chart::runs(&samples("no time", &[0])).unwrap());
    let still = with_messages(trace(&[("a", 1), ("b", 1)], &[]), &[(1, 0, "", 0, 0)]);
    well_formed(&chart::sequence("no time at all", &still).unwrap());
    let early = with_messages(still.clone(), &[(0, 1, "before it was sent", 5, 2)]);
    well_formed(&chart::sequence("back in time", &early).unwrap());
    well_formed(&chart::lengths("no time", &[queue("x", &[(0, 3)], 0)]).unwrap());
    let mut marks = Trace { spans: vec![], ..few() };
    well_formed(&chart::timeline("only marks", &marks).unwrap());
    marks.marks = vec![mark(0, "at the very start", 0)];
    well_formed(&chart::timeline("no time at all", &marks).unwrap());
}
