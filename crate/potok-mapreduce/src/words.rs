//! What a map-reduce job says, in each language.

use potok_base::words;

words! {
    // The picture.
    title: "Map-reduce", "Map-reduce";
    input: "Input", "Вход";
    splitting: "Splitting", "Разбиение";
    mapping: "Mapping", "Map";
    shuffling: "Shuffling", "Shuffle";
    reducing: "Reducing", "Reduce";
    final_result: "Final result", "Результат";
    by_worker(phase, n, worker): "{phase} {n} · worker {worker}", "{phase} {n} · рабочий {worker}";
    more(n): "{n} more", "ещё {n}";
    pairs_in(n): "{n} pairs", "пар: {n}";
    sent(n): "{n} sent", "→ {n}";
    tasks(n): "{n} tasks", "задач: {n}";
    keys_in(n): "{n} keys", "ключей: {n}";
    no_input:
        "a run over no input at all: no split, no map task",
        "прогон без всякого входа: ни одной части, ни одной map-задачи";
    combiner: "combiner on", "комбайнер включён";
    no_combiner: "no combiner", "без комбайнера";
    through_disk(size): "; {size} through a disk", "; через диск {size}";
    flow(records, splits, emitted, pairs, size, reducers, keys):
        "{records} → {splits} → {emitted} emitted → {pairs} ({size}) shuffled → {reducers} → {keys}",
        "{records} → {splits} → выдано: {emitted} → shuffle: {pairs} ({size}) → {reducers} → {keys}";
    described(maps, pairs, reduces, keys, busiest, skew):
        "{maps} emit {pairs}, which {reduces} gather under {keys}. Reduce task {busiest} gets \
         the most pairs, {skew} times as many as the average.",
        "{maps} выдают {pairs}; {reduces} собирают их: {keys}. Больше всего пар у \
         reduce-задачи {busiest}: в {skew} раза больше среднего.";
    split: "split", "часть";
    worker: "worker", "рабочий";
    emitted: "emitted", "выдано";
    key: "key", "ключ";
    values: "values", "значения";
    result: "result", "результат";
    reducer: "reducer", "редьюсер";
    size: "size", "размер";
    records: "records", "записи";
    pairs: "pairs", "пары";
    keys: "keys", "ключи";
    and_more(n): "and {n} more", "и ещё {n}";
    bytes: "B", "Б";
    kilobytes: "kB", "КБ";
    megabytes: "MB", "МБ";
    gigabytes: "GB", "ГБ";
    thousand: "k", "тыс.";
    million: "M", "млн";

    // A run in words, and its trace.
    told(records, splits, emitted, pairs, bytes, reducers, keys):
        "{records} records in {splits} splits, {emitted} pairs emitted, {pairs} pairs \
         ({bytes} bytes) shuffled to {reducers} reducers, {keys} keys",
        "записей: {records}, частей входа: {splits}, выдано пар: {emitted}, через shuffle пар: \
         {pairs} ({bytes} байт), редьюсеров: {reducers}, ключей: {keys}";
    worker_number(n): "worker {n}", "рабочий {n}";
    process(pid): "process {pid}", "процесс {pid}";
    given_up: "given up", "брошена";
    not_needed: "not needed any more", "больше не нужна";
    died: "died", "упала";
    backup(phase, task, n): "{phase} {task}, backup {n}", "{phase} {task}, резервная {n}";
    again(phase, task, n): "{phase} {task}, try {n}", "{phase} {task}, попытка {n}";
    attempt(n): "attempt {n}", "попытка {n}";
    some_files(name, n): "{name} and {n} more", "{name} и ещё {n}";
    record(n): "record {n}", "запись {n}";
    records_range(from, to): "records {from} to {to}", "записи {from}–{to}";
    blocks_of(worker): "blocks of worker {worker}", "блоки рабочего {worker}";

    // Errors.
    the_job: "the job", "задание";
    failed_once(phase, task, n):
        "{phase} task {task} failed once ({n})", "{phase}-задача {task} не удалась ни разу (попыток: {n})";
    failed_each_time(phase, task, n):
        "{phase} task {task} failed each time ({n})",
        "{phase}-задача {task} не удалась ни разу (попыток: {n})";
    attempt_cancelled: "the attempt was cancelled", "попытка отменена";
    crash: "a crash on purpose", "намеренное падение";
    no_reducers: "a job with 0 reducers; start from 1", "задание без редьюсеров; начните с 1";
    no_splits: "a job with 0 splits; start from 1", "задание без частей входа; начните с 1";
    no_attempts: "a job with 0 attempts; start from 1", "задание без попыток; начните с 1";
    no_threads:
        "`Threads(0)` has no workers; use at least 1", "в `Threads(0)` нет рабочих; нужен хотя бы 1";
    no_processes:
        "`Processes(0)` has no workers; use at least 1",
        "в `Processes(0)` нет рабочих; нужен хотя бы 1";
    count_without_workers:
        "a word count with 0 workers; use at least 1", "подсчёт слов без рабочих; нужен хотя бы 1";
    bad_partition(partition, key, n):
        "partition {partition} for key {key}, but there are {n} reducers, from 0",
        "партиция {partition} для ключа {key}, а редьюсеров {n}, считая от 0";
    no_files(pattern, here):
        "no files match `{pattern}`; relative paths start at `{here}`",
        "нет файлов по образцу `{pattern}`; относительные пути начинаются в `{here}`";
    no_sources:
        "the sources of the standard library are not here; run \
         `rustup component add rust-src`",
        "исходников стандартной библиотеки здесь нет; выполните \
         `rustup component add rust-src`";
    cannot_read(path): "cannot read `{path}`", "не прочитать `{path}`";
    cannot_write(path): "cannot write `{path}`", "не записать `{path}`";
    not_utf8(offset, path):
        "byte {offset} of `{path}` is not UTF-8; `files(…).lossy()` reads such bytes as �",
        "байт {offset} в `{path}` — не UTF-8; `files(…).lossy()` читает такие байты как �";
    input_changed:
        "the input changed while its words were counted", "вход изменился, пока в нём считали слова";
    disk_is_full(length, limit):
        "{length} bytes of pairs would exceed the {limit} bytes of disk that this job may \
         use; allow more with `disk`, or emit less with a combiner",
        "{length} байт пар не влезут в {limit} байт диска, разрешённые этому заданию; \
         разрешите больше через `disk` или выдавайте меньше с комбайнером";
    no_file_in(dir): "cannot make a file in `{dir}`", "не создать файл в `{dir}`";
    pairs_not_written(length, dir):
        "cannot write {length} bytes of pairs to `{dir}`", "не записать {length} байт пар в `{dir}`";
    pairs_not_read: "cannot read pairs back from disk", "не прочитать пары с диска";
    damaged_run:
        "pairs on disk are damaged: they are not as they were written; run the job again, with \
         `scratch` on another disk if it happens again",
        "пары на диске повреждены: они не такие, какими были записаны; запустите задание ещё \
         раз, а если это повторится — со `scratch` на другом диске";
    starting_worker(n): "cannot start worker {n}", "не запустить рабочего {n}";
    worker_exited: "the worker exited", "рабочий завершился";

    // A cluster.
    no_spark:
        "Apache Spark is not installed; `make setup-spark` does it (about 540 MB, \
         Java 17), or let POTOK_SPARK name a virtual environment with pyspark",
        "Apache Spark не установлен; его ставит `make setup-spark` (около 540 МБ, Java 17), \
         или укажите в POTOK_SPARK виртуальное окружение с pyspark";
    starting_cluster: "starting the cluster", "запуск кластера";
    connecting(master): "connecting to `{master}`", "подключение к `{master}`";
    driver_ended(why): "Spark's driver ended: {why}", "драйвер Spark завершился: {why}";
    cluster_size(workers):
        "a cluster of {workers} workers; from 1 to 64 fit on one machine",
        "кластер, рабочих: {workers}; на одной машине помещается от 1 до 64";
    no_faults:
        "injected faults are for `Threads` and `Processes`; on a cluster, kill a worker",
        "намеренные сбои бывают только у `Threads` и `Processes`; на кластере завершите рабочего";
    captures(what):
        "the {what} function captures variables, which stay in this process; on a \
         cluster it has the record, constants and statics. Put what it needs there, \
         or run the job on `Threads` or `Processes`",
        "функция {what} захватывает переменные, а они остаются в этом процессе; на \
         кластере ей доступны только запись, константы и static. Положите нужное туда \
         или выполните задание на `Threads` или `Processes`";
    the_shell: "the shell", "оболочка";
    no_rustc: "cannot run `rustc`", "не запустить `rustc`";
    no_work: "no work was given out", "работу никто не раздавал";

    // A cluster's answers, and programs for the shell.
    no_log: "cannot open a log", "не открыть журнал";
    no_spark_python: "cannot start Spark's Python", "не запустить Python для Spark";
    no_thread: "cannot start a thread", "не запустить поток";
    driver_is_gone: "Spark's driver has ended", "драйвер Spark уже завершился";
    other_keys(n, keys, returned):
        "reduce task {n} reports {keys} keys, but returned {returned}",
        "reduce-задача {n}: ключей в отчёте — {keys}, а вернула она {returned}";
    no_task_report(phase, n): "{phase} task {n} has no report", "у {phase}-задачи {n} нет отчёта";
    no_answer(name): "cannot read the answer's `{name}`", "не прочитать `{name}` из ответа";
    not_a_result(line):
        "`{line}` is not a key, a tab and a result", "`{line}` — не ключ, табуляция и результат";
    not_a_pair(line):
        "`{line}` is not a key, a tab and a value", "`{line}` — не ключ, табуляция и значение";
    not_a_line:
        "a line of a file should come as its file, a tab, its place, a tab and its text",
        "строка файла приходит так: файл, табуляция, место, табуляция, текст";
    line_break(value):
        "a line break in `{value}`; Spark is told of a job line by line",
        "в `{value}` есть перевод строки, а задание передаётся в Spark построчно";
    no_cluster_program(path, error):
        "no program for the cluster: `{path}`: {error}",
        "нет программы для кластера: `{path}`: {error}";
    no_job(variable):
        "`{variable}` does not say where the job is", "`{variable}` не говорит, где задание";
    half_a_job(variable):
        "`{variable}` has no map or no reduce function",
        "в `{variable}` нет функции map или функции reduce";
    no_ldd:
        "cannot ask `ldd` what a cell needs", "не спросить у `ldd`, что нужно ячейке";
    which_half:
        "name the half of the job to run: `map` or `reduce`; on a cluster, also \
         `--partitions` and their number",
        "назовите половину задания: `map` или `reduce`; на кластере ещё и `--partitions` \
         с их числом";
    no_input_left: "cannot read standard input", "не прочитать стандартный ввод";
    no_output: "cannot write to standard output", "не записать в стандартный вывод";
    input_not_utf8(at):
        "byte {at} of the input is not UTF-8; `files(…).lossy()` reads it as �",
        "байт {at} на входе — не UTF-8; `files(…).lossy()` читает его как �";
    no_text(name, error):
        "a `{name}` cannot be turned into text: {error}", "`{name}` не превратить в текст: {error}";
    not_its_text(shown, name, why):
        "`{shown}` is not the text of a `{name}`: {why}",
        "`{shown}` — не текст значения `{name}`: {why}";
    not_hex: "not bytes in hex", "не шестнадцатеричные байты";
    unknown_escape: "an unknown escape", "неизвестная escape-последовательность";
    plain_text:
        "a word or a number, where something else was expected",
        "слово или число, а ждали другое";
    not_plain_text: "neither a word nor a number", "не слово и не число";
    no_shell_program: "cannot make a program for the shell", "не создать программу для оболочки";
    no_bash: "cannot run `bash`", "не запустить `bash`";
    shell_wrote(written, most):
        "the shell wrote {written} bytes, and a text may have {most}; let the line write to \
         a file of yours (`> file`), or end in `| head`",
        "оболочка написала {written} байт, а в тексте может быть {most}; пусть строка пишет \
         в ваш файл (`> файл`) или кончается на `| head`";
    shell_exited(code, last):
        "the shell exited with code {code}: {last}", "оболочка завершилась с кодом {code}: {last}";
}
