//! Speed-ups in words.

use crate::label;
use crate::table::Table;
use crate::units::{count, duration, fixed};
use crate::words;
use potok_base::language::noun::WORKER;
use potok_base::language::{Language, current};
use potok_base::measure::{Given, Speedup, SpeedupVerdict};

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
    let machines = machines.join(words::and_on());
    let runs = match current() {
        Language::English if runs == "1" => format!("{runs} run"),
        Language::English => format!("{runs} runs"),
        Language::Russian => runs,
    };
    let mut facts = words::measured_on(machines, runs);
    if let [one] = series
        && let Some(verdict) = one.verdict()
    {
        facts += &format!("\n{}", sentence(&verdict));
    }
    facts
}

pub(super) fn describe(series: &[Speedup]) -> String {
    let mut words = words::speedup_described().to_owned();
    for one in series {
        let best = one.medians().into_iter().zip(&one.points);
        if let Some((ratio, point)) = best.max_by(|a, b| a.0.total_cmp(&b.0)) {
            words += &words::at_best(
                label::short(&one.label, 60),
                fixed(ratio, 2),
                count(point.workers, WORKER),
            );
        }
        if let Some(verdict) = one.verdict() {
            words += &format!(" {}", sentence(&verdict));
        }
        if let Some(law) = one.amdahl() {
            words += &words::law_described(law);
        }
    }
    words
}

/// The last two are cores: those that the machine gave, those that the job kept busy.
fn columns() -> [&'static str; 8] {
    [
        words::workers(),
        words::speedup(),
        words::slowest(),
        words::fastest(),
        words::median_time(),
        words::runs(),
        words::given(),
        words::busy(),
    ]
}

/// What is to be learnt, as a sentence.
fn sentence(verdict: &SpeedupVerdict) -> String {
    let words = verdict.to_string();
    let first = words.chars().next().map(|c| c.to_uppercase().to_string());
    let rest = words.chars().skip(1).collect::<String>();
    format!("{}{rest}.", first.unwrap_or_default())
}

pub(super) fn table(series: &[Speedup]) -> String {
    let mut text = String::new();
    for one in series {
        let mut table = match one.points.iter().any(|point| point.given.is_some()) {
            true => Table::new(columns()),
            false => Table::new([0, 1, 2, 3, 4, 5].map(|column| columns()[column])),
        };
        let points = one.points.iter().zip(one.medians()).zip(one.ranges());
        for ((point, ratio), (low, high)) in points {
            let given = |what: fn(&Given) -> f64| {
                point.given.map_or_else(String::new, |given| fixed(what(&given), 2))
            };
            table.row([
                &point.workers.to_string(),
                &format!("{} ×", fixed(ratio, 2)),
                &format!("{} ×", fixed(low, 2)),
                &format!("{} ×", fixed(high, 2)),
                &duration(point.samples.median()),
                &point.samples.runs().len().to_string(),
                &given(|given| given.cores),
                &given(|given| given.busy),
            ]);
        }
        if !text.is_empty() {
            text.push('\n');
        }
        if series.len() > 1 {
            text += &format!("{}\n", label::short(&one.label, 80));
        }
        text += &table.lines();
        // That of a single one stands above.
        if series.len() > 1
            && let Some(verdict) = one.verdict()
        {
            text += &format!("{}\n", sentence(&verdict));
        }
        if let Some(law) = one.amdahl() {
            text += &(words::law_fitted(law) + "\n");
        }
    }
    text
}
