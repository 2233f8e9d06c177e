//! Speed-ups in words.

use crate::label;
use crate::table::Table;
use crate::units::{count, duration, fixed};
use potok_base::measure::Speedup;

pub(super) fn facts(series: &[Speedup]) -> String {
    let runs = series.iter().flat_map(|s| &s.points).map(|p| p.samples.runs().len());
    let (least, most) = (runs.clone().min().unwrap_or(0), runs.max().unwrap_or(0));
    let runs =
        if least == most { most.to_string() } else { format!("{least}–{most}") };
    let mut machines: Vec<String> = vec![];
    for one in series {
        let machine = one.machine.to_string();
        if !machines.contains(&machine) {
            machines.push(machine);
        }
    }
    format!("measured on {}; median of {runs} runs", machines.join(" and on "))
}

pub(super) fn describe(series: &[Speedup]) -> String {
    let mut words = String::from("Speed-up over one worker, by number of workers.");
    for one in series {
        let best = one.medians().into_iter().zip(&one.points);
        if let Some((ratio, point)) = best.max_by(|a, b| a.0.total_cmp(&b.0)) {
            words += &format!(
                " {}: at best {} × with {}.",
                label::short(&one.label, 60),
                fixed(ratio, 2),
                count(point.workers, "worker"),
            );
        }
        if let Some(law) = one.amdahl() {
            words += &format!(" Amdahl's law: {law}.");
        }
    }
    words
}

pub(super) fn table(series: &[Speedup]) -> String {
    let mut text = String::new();
    for one in series {
        let mut table = Table::new([
            "workers",
            "speed-up",
            "slowest",
            "fastest",
            "median time",
            "runs",
        ]);
        let points = one.points.iter().zip(one.medians()).zip(one.ranges());
        for ((point, ratio), (low, high)) in points {
            table.row([
                &point.workers.to_string(),
                &format!("{} ×", fixed(ratio, 2)),
                &format!("{} ×", fixed(low, 2)),
                &format!("{} ×", fixed(high, 2)),
                &duration(point.samples.median()),
                &point.samples.runs().len().to_string(),
            ]);
        }
        if !text.is_empty() {
            text.push('\n');
        }
        if series.len() > 1 {
            text += &format!("{}\n", label::short(&one.label, 80));
        }
        text += &table.lines();
        if let Some(law) = one.amdahl() {
            text += &format!("Amdahl's law fitted: {law}\n");
        }
    }
    text
}
