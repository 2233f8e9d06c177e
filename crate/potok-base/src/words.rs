//! What the data of a run says, in each language.

use crate::language::noun::{CORE, LANE, SPAN, plural};
use crate::language::{Language, current};
use crate::units::{count, count_of, fixed};
use crate::words;

words! {
    // Errors.
    timed_out(what, limit):
        "{what} did not finish within {limit}; give it more time or less work",
        "{what}: не хватило времени ({limit}); дайте больше времени или меньше работы";
    panicked(what, said): "{what} panicked: {said}", "{what}: паника: {said}";
    no_text:
        "(a value that is no text, of a type that is not known here: \
         `panic!(\"{value:?}\")` says what it is)",
        "(значение, а не текст, и его тип здесь не известен: его покажет \
         `panic!(\"{value:?}\")`)";
    make_folder(place): "make `{place}`", "создать `{place}`";
    write_file(path): "write `{path}`", "записать `{path}`";
    not_pinned(error):
        "this system does not let threads be pinned: {error}",
        "эта система не даёт закреплять потоки за ядром: {error}";
    not_nice(nice, error):
        "this system does not give a thread the nice value {nice}: {error}; \
         without privileges it can only be raised",
        "эта система не даёт потоку nice {nice}: {error}; \
         без привилегий его можно только увеличить";
    no_threads:
        "no threads to run; name at least one",
        "нет ни одного потока; назовите хотя бы один";
    starting_thread(name): "starting thread `{name}`", "запуск потока `{name}`";
    not_started(name): "thread `{name}` did not start", "поток `{name}` не запустился";
    thread(name): "thread `{name}`", "поток `{name}`";
    no_runs(label):
        "`{label}` has no runs; time it at least once",
        "у `{label}` нет прогонов; измерьте хотя бы один";
    no_workers(label):
        "no number of workers to measure `{label}` with; try [1, 2, 4]",
        "не сказано, с каким числом рабочих измерять `{label}`; попробуйте [1, 2, 4]";
    zero_workers(label):
        "`{label}` cannot run on zero workers; start from 1",
        "`{label}` не выполнить без рабочих; начните с 1";
    with_workers(label, n):
        "`{label}` with {n} workers", "`{label}`, число рабочих: {n}";

    // Names in a trace.
    main_thread: "main", "главный";
    thread_number(tid): "thread {tid}", "поток {tid}";
    process(pid): "process {pid}", "процесс {pid}";
    not_its_turn: "not its turn", "ждёт очереди";
    holds(what): "holds {what}", "держит: {what}";

    // A measurement.
    worker(n): "worker {n}", "рабочий {n}";
    labelled_workers(label, n): "{label}, {n} workers", "{label}, рабочих: {n}";
    build(level, checks):
        "opt-level {level}, debug checks {checks}",
        "opt-level {level}, отладочные проверки {checks}";
    on: "on", "включены";
    off: "off", "выключены";
    no_serial_part: "no serial part to be seen", "последовательной части не видно";
    serial(percent, limit):
        "{percent} % serial: at most {limit} × as fast",
        "последовательная часть {percent} %: ускорение не больше {limit} ×";

    // Why a job was as fast as it was.
    gave(cores, of):
        "the machine gave {cores} of {of} cores", "машина дала {cores} ядра из {of}";
    cores_used(reached, gave):
        "the cores were there and were used: {reached}, {gave}",
        "ядра были и работали: {reached}, {gave}";
    shared_nothing(reached, gave):
        "the program did not share out its work: {reached}, though {gave}",
        "программа не раздала свою работу: {reached}, хотя {gave}";
    shared_part(reached, gave):
        "the program did not share out all of its work: {reached}, though {gave}",
        "программа раздала не всю свою работу: {reached}, хотя {gave}";
    no_cores(reached, gave):
        "the cores were not there: {gave}, and {reached}",
        "ядер не было: {gave}, и {reached}";
    neither(reached, gave):
        "the cores were not there ({gave}), nor did the program share out its work: {reached}",
        "ядер не было ({gave}), да и программа не раздала свою работу: {reached}";
    disturbed(reached, gave):
        "the machine was disturbed: {reached}, though {gave}; do not trust this figure, \
         measure again when it is quiet",
        "машине мешали: {reached}, хотя {gave}; этому числу верить нельзя, \
         измерьте ещё раз, когда станет тихо";
    waits(reached, cores):
        "the job waits rather than computes, so cores do not bound it: {reached}, \
         on {cores} cores",
        "работа больше ждёт, чем считает, и дело не в ядрах: {reached}, занято ядер: {cores}";
    one_core(workers):
        "one core is all there is: {workers} workers share it",
        "ядро всего одно, его делят рабочие: {workers}";
    ready_waited(percent):
        "; ready threads waited {percent} % of the time",
        "; готовые потоки ждали {percent} % времени";
    stolen(percent):
        "; other machines took {percent} %", "; другие машины забрали {percent} %";
}

/// What so many workers reached.
pub(crate) fn reached(workers: usize, speedup: f64) -> String {
    match current() {
        Language::English => {
            format!("{workers} workers were {speedup:.2} × as fast as one")
        }
        Language::Russian => {
            let them = plural(workers, "рабочим", "рабочими", "рабочими");
            let times = fixed(speedup, 2);
            format!("с {workers} {them} ускорение {times} ×")
        }
    }
}

/// How many cores.
pub(crate) fn cores(n: usize) -> String {
    match current() {
        Language::English => format!("{n} core{}", if n == 1 { "" } else { "s" }),
        Language::Russian => count(n, CORE),
    }
}

/// What a trace is in place of its picture.
pub(crate) fn trace(spans: usize, lanes: usize, lasted: &str) -> String {
    match current() {
        Language::English => format!(
            "a trace of {} on {} in {lasted}; to see it, give the result a name, \
             `let run = …;`, and end the cell with `run.trace`",
            count(spans, SPAN),
            count(lanes, LANE)
        ),
        Language::Russian => format!(
            "запись из {} (дорожки: {lanes}, время: {lasted}); чтобы увидеть её, дайте \
             результату имя, `let run = …;`, и закончите ячейку словами `run.trace`",
            count_of(spans, SPAN)
        ),
    }
}

/// `7 of 8`.
pub(crate) fn progress(
    title: &str,
    done: usize,
    total: usize,
    seconds: &str,
) -> String {
    let of = match (total, current()) {
        (0, _) => String::new(),
        (_, Language::English) => format!(" of {total}"),
        (_, Language::Russian) => format!(" из {total}"),
    };
    let unit = crate::units::time_unit(1.0).name;
    format!("{title}: {done}{of}, {}", crate::units::with_unit(seconds, unit))
}
