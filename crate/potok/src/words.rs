//! What the sections say, in each language: one table for all of them, so that a section is
//! read without it.

use potok_base::language::noun::{Noun, THREAD};
use potok_base::units::count;
use potok_base::words;

/// Files that a process has open.
pub(crate) const OPEN_FILE: Noun =
    Noun::new("open file", ["открытый файл", "открытых файла", "открытых файлов"]);

/// `2 threads`.
pub(crate) fn threads(n: usize) -> String {
    count(n, THREAD)
}

/// The heading of a table of turns.
pub(crate) fn turns() -> [&'static str; 7] {
    ["", cpu_time(), gaps(), longest(), migrations(), voluntary(), involuntary()]
}

/// The heading of a table of shares.
pub(crate) fn shared_core() -> [&'static str; 4] {
    [one_core(), cpu_time(), share(), column_promised()]
}

/// A thread that is named after its priority.
pub(crate) fn priority(name: &str) -> &'static str {
    match name {
        "high" => high(),
        "middle" => middle(),
        _ => low(),
    }
}

/// What such a thread does.
pub(crate) fn of_priority(name: &str) -> &'static str {
    if name == "middle" { computes() } else { has_lock() }
}

/// Whether the label is that of the job beside an interface, whatever was spoken then.
pub(crate) fn is_heavy_job(label: &str) -> bool {
    ["heavy job", "тяжёлая работа"].contains(&label)
}

/// Whether the label is that of a wait for the GIL, whatever was spoken then.
pub(crate) fn is_wait_for_gil(label: &str) -> bool {
    ["waits for the GIL", "ждёт GIL"].contains(&label)
}

/// Whether a lane is that of a client.
pub(crate) fn is_client(lane: &str) -> bool {
    ["client ", "клиент "].iter().any(|word| lane.starts_with(word))
}

words! {
    // Names of threads, with a number behind.
    thread: "thread", "поток";
    client: "client", "клиент";
    handler: "handler", "обработчик";
    worker(n): "worker {n}", "рабочий {n}";
    item(n): "item {n}", "элемент {n}";
    items(first, last): "items {first}–{last}", "элементы {first}–{last}";
    of_thread(name): "thread `{name}`", "поток `{name}`";
    starting_worker: "starting a worker", "запуск рабочего";

    // why: an interface beside a job.
    heavy_job: "heavy job", "тяжёлая работа";
    job: "job", "работа";
    the_job: "the job", "работа";
    starting_job: "starting thread `job`", "запуск потока для работы";
    interface: "interface", "интерфейс";
    next_frame: "until the next frame", "до следующего кадра";
    frame: "frame", "кадр";
    draw: "draw", "рисует";
    frames(frames, missed, freeze, job):
        "{frames} frames, {missed} missed; longest freeze {freeze}; job {job}",
        "кадров {frames}, пропущено {missed}; самая долгая пауза {freeze}; работа {job}";
    freeze(time):
        "A frame every 16 ms, and a job: longest freeze {time}",
        "Кадр каждые 16 мс и работа: самая долгая пауза {time}";

    // why: a server and its clients.
    one_thread: "one thread", "один поток";
    thread_per_request: "a thread per request", "поток на запрос";
    an_event_loop: "an event loop", "цикл событий";
    served_by(clients, server): "{clients} served by {server}", "{clients}, обслуживает {server}";
    server: "server", "сервер";
    the_server: "the server", "сервер";
    starting_server: "starting thread `server`", "запуск потока сервера";
    listening: "listening on 127.0.0.1", "ожидание соединений на 127.0.0.1";
    for_client(name): "for {name}", "для: {name}";
    database: "database", "база данных";
    runs_task: "runs a task", "выполняет задачу";
    waits_for_events: "waits for events", "ждёт событий";
    waits_for_client: "waits for a client", "ждёт клиента";
    waits_for_answer: "waits for its answer", "ждёт ответа";
    no_load(n):
        "{n} clients are not a load; each is a thread here: use 1 to 500",
        "клиентов {n} — не нагрузка; каждый здесь поток: возьмите от 1 до 500";
    wrong_answer(name, answer): "{name} got the answer {answer}", "{name} получил ответ {answer}";
    the_request(name): "the request of {name}", "запрос, который шлёт {name}";

    // scheduling.
    taking_turns: "Threads taking turns", "Потоки работают по очереди";
    runs: "runs", "работает";
    cpu(n): "CPU {n}", "ядро {n}";
    cpu_time: "CPU time", "время ЦП";
    gaps: "gaps", "перерывы";
    longest: "longest", "самый долгий";
    migrations: "migrations", "миграции";
    voluntary: "voluntary", "добровольные";
    involuntary: "involuntary", "вынужденные";
    high: "high", "высокий";
    middle: "middle", "средний";
    low: "low", "низкий";
    computes: "computes", "считает";
    has_lock: "has the lock", "держит блокировку";
    takes_lock: "takes the lock", "берёт блокировку";
    wants_lock: "wants the lock", "хочет блокировку";
    inversion(waited, held):
        "high waited {waited} for a lock that was held for {held} of work",
        "высокий ждал {waited} блокировку; работы под ней — {held}";
    by_priority: "One core, shared by priority", "Одно ядро делят по приоритету";
    promised(percent): "by weight {percent}", "по весу {percent}";
    shares: "Shares of the core", "Доли ядра";
    percent_of_cpu: "% of CPU time", "% времени ЦП";
    one_core: "one core", "одно ядро";
    share: "share", "доля";
    column_promised: "by weight", "по весу";
    not_nice(nice):
        "{nice} is not a nice value; they range from -20 to 19",
        "{nice} — не значение nice; они от -20 до 19";
    cannot_watch(wall):
        "cannot watch threads for {wall}; try ms(200), at most a minute",
        "следить за потоками {wall} нельзя; попробуйте ms(200), самое большее минуту";
    no_name: "no name", "без имени";
    ids(pid, tid, name):
        "process {pid}, thread {tid} ({name})", "процесс {pid}, поток {tid} ({name})";
    refers_to: "refers to", "указывает на";
    no_list_of_files(error):
        "this system does not list open files in /proc/self/fd: {error}",
        "эта система не перечисляет открытые файлы в /proc/self/fd: {error}";
    a_process(name): "A process: {name}", "Процесс: {name}";
    two_processes(names): "Two processes: {names}", "Два процесса: {names}";
    and: " and ", " и ";
    what_is_listed: "what the system lists for it", "что о нём знает система";
    nothing_in_common: "they have no open file in common", "общих открытых файлов нет";
    in_common:
        "lines join the pipes and sockets that both have; a name alone proves nothing",
        "линии соединяют общие каналы pipe и сокеты; одно имя ничего не доказывает";
    name_and_pid(name, pid): "{name} · process {pid}", "{name} · процесс {pid}";
    pid_of(name, pid): "{name}: process {pid}", "{name}: процесс {pid}";
    address(name, at): "{name} at {at}", "{name}, адрес {at}";
    address_space: "address space", "адресное пространство";
    file_table: "table of open files", "таблица открытых файлов";
    part_threads: "threads", "потоки";
    and_more(n): "and {n} more", "и ещё {n}";
    kib(n): "{n} KiB", "{n} КиБ";
    mib(n): "{n} MiB", "{n} МиБ";
    process_has(name, files, threads):
        "{name} has an address space, {files} and {threads}.",
        "{name}: адресное пространство, {files}, {threads}.";
    heap: "heap", "куча";
    stack: "main thread's stack", "стек главного потока";
    program: "program and libraries", "программа и библиотеки";
    other_memory: "other memory", "прочая память";
    no_list(error):
        "this system does not list a process in /proc/self: {error}",
        "эта система не описывает процесс в /proc/self: {error}";

    // threads.
    orders(seen, possible, runs):
        "Who finished first? {seen} of {possible} orders in {runs} runs",
        "Кто закончил первым? Порядков {seen} из {possible}, запусков {runs}";
    runs_axis: "runs", "запуски";
    order_of_finishing: "order of finishing", "порядок окончания";
    seen_orders(seen, possible, runs):
        "{seen} of {possible} possible orders in {runs} runs",
        "порядков: {seen} из {possible} возможных, запусков: {runs}";
    zero_runs: "zero runs show no order; try 100", "без запусков порядка не видно; попробуйте 100";

    // gil.
    holds_gil: "holds the GIL", "держит GIL";
    waits_for_gil: "waits for the GIL", "ждёт GIL";
    wait: "waits without the GIL", "ждёт без GIL";
    under_gil(threads, handovers): "{threads} under the GIL: {handovers}", "{threads} под GIL: {handovers}";
    without_gil(threads): "{threads} without a GIL", "{threads} без GIL";
    handovers(n, asked, longest):
        "handovers: {n}, asked for after the switch interval: {asked}\n\
         longest wait for the lock: {longest}",
        "передачи: {n}, из них по просьбе после интервала переключения: {asked}\n\
         самое долгое ожидание блокировки: {longest}";
    python_code: "Python code", "код на Python";
    under_the_gil: "a thread under the GIL", "поток под GIL";
    load_then_store: "load, then store", "чтение, запись";
    same_under_gil: "the same under the GIL", "то же под GIL";
    same_comma_under_gil: "the same, under the GIL", "то же под GIL";
    atomic_addition: "one atomic addition", "атомарно";
    row_atomic_addition: "atomic addition", "атомарное сложение";
    some_lost(lost, times): "{lost} lost, {times}", "потеряно {lost}, {times}";
    took(time, alone): "{time}; one thread {alone}", "{time}; один поток {alone}";
    references_taken(n):
        "{n} references taken: how many were counted?", "Взято ссылок: {n}. Сколько насчитали?";
    references_counted: "references counted", "насчитано ссылок";
    references: "references", "ссылки";
    taken: "taken", "взято";
    counted: "counted", "насчитано";
    lost: "lost", "потеряно";
    alone: "one thread", "один поток";
    time: "time", "время";

    // python.
    no_python(why):
        "no Python to run ({why}); install Python 3.10 or newer (on Debian: \
         apt install python3), or let POTOK_PYTHON name one",
        "нет Python ({why}); установите Python 3.10 или новее (в Debian: \
         apt install python3) или назовите его в POTOK_PYTHON";
    there_is_no(program): "there is no `{program}`", "нет `{program}`";
    starting(program): "starting `{program}`", "запуск `{program}`";
    waiting_for_python: "waiting for Python", "ожидание Python";
    python_killed(signal): "Python was killed by signal {signal}", "Python убит сигналом {signal}";
    python_silent(code):
        "Python exited with code {code} and printed no error",
        "Python завершился с кодом {code} и не напечатал ошибки";
    python_exited(code, lines):
        "Python exited with code {code}:\n{lines}", "Python завершился с кодом {code}:\n{lines}";
    with_gil: "with the GIL", "с GIL";
    no_gil: "without the GIL", "без GIL";
    computing: "computing", "вычисления";
    waiting: "waiting", "ожидание";
    rust_threads: "Rust threads", "Rust: потоки";
    python_threads(python): "{python} threads", "{python}: потоки";
    python_processes(python): "{python} processes", "{python}: процессы";
    comparison(job):
        "{job}: threads and processes of CPython, threads of Rust",
        "{job}: потоки и процессы CPython, потоки Rust";
    rust_alone(job):
        "{job}: Rust alone, there is no Python here", "{job}: только Rust, Python здесь нет";
    python_missing(error): "no Python: {error}", "нет Python: {error}";
    bad_workers(label):
        "`{label}` needs numbers of workers from 1; try [1, 2, 4]",
        "для `{label}` нужно число рабочих от 1; попробуйте [1, 2, 4]";
    labelled_workers(label, n): "{label}, {n} workers", "{label}, рабочих: {n}";

    // parallel.
    the_loop: "the loop", "цикл";
    the_loop_at(n): "the loop (at item {n})", "цикл (на элементе {n})";
    item_failed(n, error): "item {n}: {error}", "элемент {n}: {error}";
    the_input: "the input", "вход";
    no_jobs: "zero jobs do nothing; use `.jobs(1)` or more", "без заданий ничего не сделать; нужно `.jobs(1)` или больше";
    too_many_jobs:
        "more than 1024 jobs; use about one for each core",
        "больше 1024 заданий; возьмите примерно по одному на ядро";
    no_batch: "batches of zero items; use `.batch(1)` or more", "пачки без элементов; нужно `.batch(1)` или больше";

    // memory.
    the_argument(name, error): "the argument of `{name}`: {error}", "аргумент `{name}`: {error}";
    the_answer(name, error): "the answer of `{name}`: {error}", "ответ `{name}`: {error}";
    damaged(file, name):
        "note: {file} is damaged, so `{name}` is computed again",
        "примечание: файл {file} испорчен, так что `{name}` вычисляется заново";
    no_directory(path): "creating the directory {path}", "создание папки {path}";
    not_removed(path): "removing {path}", "удаление {path}";
    not_read(path): "reading {path}", "чтение {path}";
    not_written(path): "writing {path}", "запись {path}";

    // sharing.
    atomic: "atomic", "атомик";
    sharded: "sharded", "по счётчику на поток";
    nothing_to_count: "nothing to count; use at least one increment", "считать нечего; нужно хотя бы одно прибавление";
    cannot_count(n, most): "{n} threads cannot count; use 1 to {most}", "{n} потоков не посчитают; возьмите от 1 до {most}";
    left_first: "left fork first", "сначала левая вилка";
    lower_first: "lower fork first", "сначала вилка с меньшим номером";
    with_waiter: "with a waiter", "с официантом";
    philosophers(n, cure): "{n} philosophers, {cure}", "Философы ({n}), {cure}";
    stuck_philosophers(n):
        "{n} philosophers: each holds a fork and waits for the next",
        "Философы ({n}): каждый держит вилку и ждёт следующую";
    cannot_dine(n):
        "{n} philosophers cannot dine; seat 2 to 26 of them", "{n} философов не пообедают; посадите от 2 до 26";
    starting_philosopher: "starting a philosopher's thread", "запуск потока философа";
    the_dinner: "the dinner", "обед";
    a_seat: "a seat", "место";
    fork(n): "fork {n}", "вилка {n}";
    eats: "eats", "ест";
    waits_for(who, what, holder): "{who} waits for {what}, which {holder} holds", "{who} ждёт: {what}, держит {holder}";

    // channels.
    queue_full:
        "the queue is full; another thread has to take a value out",
        "очередь заполнена; другой поток должен забрать из неё значение";
    put_closed: "the queue is closed; put values in before `close`", "очередь закрыта; кладите значения до `close`";
    queue_empty:
        "the queue is empty; another thread has to put a value in",
        "очередь пуста; другой поток должен положить в неё значение";
    get_closed: "the queue is closed and empty; no value will come", "очередь закрыта и пуста; значений больше не будет";
    too_many_done:
        "task_done was called more often than values were put in",
        "task_done вызван больше раз, чем положено значений";
    tasks_left(n): "the queue with {n} tasks left", "очередь, где осталось задач: {n}";
    through(items, stages): "{items} through {stages}", "{items}: {stages}";
    before(stage): "before {stage}", "перед «{stage}»";
    full: "full", "заполнена";
    empty: "empty", "пуста";
    no_stage:
        "a pipeline needs a stage, and each stage a worker; add `.stage(\"name\", 1, ms(5))`",
        "конвейеру нужна стадия, а каждой стадии рабочий; добавьте `.stage(\"name\", 1, ms(5))`";
    no_room: "a queue of at most 0 items; use `.maxsize(1)`", "очередь не длиннее 0; возьмите `.maxsize(1)`";
    too_many_workers: "more than 256 workers; use fewer", "больше 256 рабочих; возьмите меньше";
    too_long_run:
        "this run could last more than a minute; use fewer items or shorter stages",
        "этот запуск может длиться больше минуты; возьмите меньше элементов или стадии короче";

    // coffee.
    machine(n): "machine {n}", "кофемашина {n}";
    machine_of(n, who): "machine {n}: {who}", "кофемашина {n}: {who}";
    queue(name): "queue {name}", "очередь {name}";
    in_line: "in line", "в очереди";
    orders_now: "orders", "заказывает";
    next: "next", "следующий";
    in_shop: "in the shop", "в кофейне";
    by_customer: "customer by customer", "по покупателям";
    by_cup: "cup by cup", "по чашкам";
    the_day(queues, machines, seen): "{queues}, {machines}: the day {seen}", "{queues}, {machines}: день {seen}";
    little(l, rate, time, predicted):
        "L = {l}; λ · W = {rate}/s · {time} ms = {predicted}", "L = {l}; λ · W = {rate}/с · {time} мс = {predicted}";
    scene_facts(customers):
        "{customers} in all; a circle is a customer, a filled box is a machine at work",
        "всего {customers}; кружок — покупатель, закрашенный прямоугольник — кофемашина за работой";
    scene(queues, machines, time, served, all):
        "{queues} and {machines}. After {time} {served} of {all} have a cup.",
        "{queues} и {machines}. Через {time} с чашкой {served} из {all}.";
    after(time, served): "after {time}: {served} served", "через {time} обслужено: {served}";
    in_queue(name, who): "  queue {name}: {who}", "  очередь {name}: {who}";
    at_machine(n, who): "  machine {n}: {who}", "  кофемашина {n}: {who}";
    nobody: "nobody", "никого";
    no_day: "a day that never began", "день, который не начался";
    starting_queue: "starting a queue's thread", "запуск потока очереди";
    a_queue: "a queue", "очередь";
    the_wait(n): "the wait of customer {n}", "ожидание покупателя {n}";
    empty_shop:
        "a coffee shop needs a queue, a machine, a customer and a first order of a cup; \
         set each to 1 or more",
        "кофейне нужны очередь, кофемашина, покупатель и хотя бы чашка в первом заказе; \
         задайте каждое не меньше 1";
    full_shop:
        "the shop has room for at most 64 queues, 64 machines and 10 000 customers",
        "в кофейне помещается не больше 64 очередей, 64 кофемашин и 10 000 покупателей";
    too_long_day:
        "this day could last more than a minute; let fewer customers come, or make \
         order, brew and arrive_every shorter",
        "этот день может длиться больше минуты; пусть покупателей будет меньше или сделайте \
         короче order, brew и arrive_every";
}
