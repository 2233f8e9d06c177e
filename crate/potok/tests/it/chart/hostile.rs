//! Whatever a label is, and however odd a trace, the picture is harmless.

use super::data::*;
use super::well_formed;
use potok::chart::{self, Bar};
use proptest::prelude::*;

fn any_label() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just("<script>alert(1)</script>".to_owned()),
        Just("\"]]>--><!-- & ' \u{0}\u{1b}\n\r\t\u{ffff}".to_owned()),
        Just("поток ".repeat(2_000)),
        Just("😀👩‍👩‍👧".repeat(40)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_label_breaks_a_picture(a in any_label(), b in any_label(), t in any_label()) {
        let mut marked = trace(
            &[(&a, 1), (&b, 2)],
            &[(0, &a, 0, 900, 0), (0, &b, 100, 400, 1), (1, "~wait", 0, 800, 0), (1, &b, 800, 0, 0)],
        );
        marked.marks = vec![mark(0, &a, 50), mark(1, &b, 700)];
        well_formed(&chart::timeline(&t, &marked).unwrap());
        let bars = [Bar::new(&*a, 1.0).note(&*b).group(&*t), Bar::missing(&*b, &*a)];
        well_formed(&chart::bars(&t, &*a, bars).unwrap());
        let one = measured(&a, 2, &[(1, &[10]), (2, &[6])]);
        let two = measured(&b, 2, &[(1, &[10]), (4, &[3])]);
        well_formed(&chart::speedup(&one).unwrap());
        well_formed(&chart::speedups(&t, &[one, two]).unwrap());
        well_formed(&chart::runs(&samples(&a, &[1, 2, 3])).unwrap());
        let messages = with_messages(marked, &[(0, 1, &a, 5, 9), (1, 0, &b, 6, 8), (1, 1, &b, 9, 9)]);
        well_formed(&chart::sequence(&t, &messages).unwrap());
        let queues = [queue(&a, &[(1, 2)], 5), queue(&b, &[], 5)];
        well_formed(&chart::lengths(&t, &queues).unwrap());
    }

    #[test]
    fn no_trace_breaks_a_timeline(
        rows in proptest::collection::vec((0usize..5, 0u64..5_000, 0u64..5_000, 0u16..5), 1..300)
    ) {
        let rows: Vec<Row<'_>> =
            rows.into_iter().map(|(lane, start, end, depth)| (lane, "~x", start, end, depth)).collect();
        let lanes = [("a", 1), ("b", 1), ("c", 2), ("d", 2), ("e", 1)];
        well_formed(&chart::timeline("any", &trace(&lanes, &rows)).unwrap());
    }
}
