//! What the explorer found, as pictures.

use super::{golden, russian, well_formed};
use potok::explore::sync::atomic::{AtomicU32, Ordering::SeqCst};
use potok::explore::{Explorer, explore, programs, replay, step};
use potok::prelude::Show;
use std::time::Duration;

#[test]
fn what_was_found_is_drawn() {
    let mut report = explore(programs::one_condvar_notify_one);
    report.time = Duration::from_micros(2_500);
    golden("outcomes_deadlock", report.picture());
    let worst = report.worst().unwrap().schedule.as_ref().unwrap();
    golden("schedule_deadlock", worst.picture());
    golden("schedule_lost_update", replay(programs::lost_update, "1221").picture());
    golden("schedule_by_hand", step(programs::check_then_act, "12").picture());
}

#[test]
fn pictures_of_any_exploration_can_be_drawn() {
    for report in [
        explore(programs::lost_update),
        explore(programs::aba),
        explore(programs::one_condvar_notify_one).expect(["all done"]),
        Explorer::new().steps(3).explore(programs::double_checked),
    ] {
        let pictures = report.pictures();
        assert_eq!(pictures.len(), 2);
        for picture in pictures {
            well_formed(&picture.unwrap());
        }
    }
    let empty = Explorer::new().timeout(Duration::ZERO).explore(programs::lost_update);
    assert!(empty.picture().is_ok());
    let hostile = explore(|| {
        let x = AtomicU32::new(0).named("<script>\n\u{202e}x");
        x.store(1, SeqCst);
        panic!("]]></text>\n&{}", "long ".repeat(500))
    } as fn() -> ());
    for picture in hostile.pictures() {
        well_formed(&picture.unwrap());
    }
}

#[test]
fn what_is_stepped_by_hand_speaks_the_language() {
    for report in [
        explore(programs::lost_update),
        explore(programs::locks_in_opposite_order),
        explore(programs::semaphore_checks_once),
    ] {
        let pieces = report.pieces();
        let (_, called) = pieces.last().unwrap().html.rsplit_once("})(").unwrap();
        // The first is the class of its place.
        let said: Vec<&str> = called.split('"').skip(3).step_by(2).collect();
        assert!(said.len() > 20);
        russian::is_said(&said.join("; "));
    }
}
