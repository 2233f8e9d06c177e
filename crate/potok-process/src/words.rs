//! What processes say, in each language.

use potok_base::words;

words! {
    process(pid): "process {pid}", "процесс {pid}";

    // How a process ended.
    panicked_at(what, place, words): "{what} panicked at {place}: {words}", "{what}: паника в {place}: {words}";
    panicked_in_thread(what, place, words):
        "{what} panicked in a thread at {place}: {words}", "{what}: паника в потоке в {place}: {words}";
    exited(who, code, words):
        "{who} exited with code {code} before it gave its result{words}",
        "{who} завершился с кодом {code}, не отдав результата{words}";
    no_result(who): "{who} gave no result", "{who} не отдал результата";
    too_much_cpu(who, limit):
        "{who} used more than its {limit} of processor time",
        "{who} занял больше процессорного времени, чем можно ({limit})";
    too_much_memory(who, mib):
        "{who} wanted more than its {mib} MiB of memory", "{who} превысил свой предел: {mib} МиБ памяти";
    too_much_output(who, bytes):
        "{who} printed more than its {bytes} bytes; print less or allow more",
        "{who} напечатал больше своих {bytes} байт; печатайте меньше или разрешите больше";
    killed(who, signal, meaning, words):
        "{who} was killed by {signal}{meaning}{words}", "{who} убит сигналом {signal}{meaning}{words}";
    foreign_memory: " (it touched memory that is not its own)", " (он тронул чужую память)";
    gave_up: " (it called `abort`)", " (вызвал `abort`)";
    ended_by_somebody:
        " (somebody ended it, or the system ran out of memory)",
        " (его кто-то завершил, или в системе кончилась память)";
    asked_to_end: " (it was asked to end)", " (его попросили завершиться)";
    it_said(words): "; it said: {words}", "; его слова: {words}";
    too_large_result(limit):
        "a result of more than {limit} bytes; send less",
        "результат больше {limit} байт; отправьте меньше";

    // What cannot be started.
    no_more_processes:
        "fork: the system gives this user no more processes (or memory for one); end \
         some, or raise the limit: `ulimit -u`, `Limits::processes`",
        "fork: система больше не даёт этому пользователю процессов (или памяти для них); \
         завершите какие-нибудь или поднимите предел: `ulimit -u`, `Limits::processes`";
    no_program:
        "this process does not know how to start a worker: in a notebook use the \
         kernel that `make setup` installs; in a program call `processes::init()` \
         first in `main`; or use `fork`, which needs neither",
        "этот процесс не знает, как запустить рабочего: в тетради нужно ядро, которое ставит \
         `make setup`; в программе вызовите `processes::init()` первым в `main`; или возьмите \
         `fork`, которому не нужно ни того, ни другого";
    no_worker(program, error):
        "start the worker `{program}`: {error}", "запустить рабочего `{program}`: {error}";
    pool_of_none:
        "a pool of no workers would never finish a task",
        "пул без рабочих не закончит ни одной задачи";

    // Messages.
    a_message: "waiting for a message", "ожидание сообщения";
    sending: "sending a message", "отправка сообщения";
    sending_to_queue: "sending to a queue", "отправка в очередь";
    sending_to_full_queue: "sending to a full queue", "отправка в заполненную очередь";
    a_task: "a task", "задача";
    pipe_gone: "the other end of the pipe is gone", "другого конца канала больше нет";
    side_gone:
        "the other side is gone; nobody can receive this", "другой стороны нет; получить это некому";
    queue_closed: "the queue is closed", "очередь закрыта";
    queue_holds(most): "a queue holds 1 to {most} messages", "в очереди от 1 до {most} сообщений";
    cancelled: "cancelled", "отменено";
    pool_dropped: "the pool was dropped", "пула больше нет";
    result_taken: "the result was taken already", "результат уже забрали";
    nothing_came: "no result", "нет результата";
    no_bytes(name, error):
        "a `{name}` cannot be turned into bytes: {error}", "`{name}` не превратить в байты: {error}";
    too_large:
        "more than 1 GiB in one piece; send several, or share memory",
        "больше 1 ГиБ одним куском; отправьте по частям или возьмите общую память";
    not_a_value(n, name, why):
        "{n} bytes that arrived are not a `{name}` ({why}); \
         check that its `Deserialize` reads what its `Serialize` writes",
        "пришло байт: {n}, и это не `{name}` ({why}); \
         проверьте, что его `Deserialize` читает то, что пишет `Serialize`";
    other_shared(sent, wanted):
        "shared memory of `{sent}` arrived where `{wanted}` was expected",
        "пришла общая память из `{sent}`, а ждали `{wanted}`";
    too_much_shared(length):
        "{length} values are more memory than there is", "{length} значений — больше памяти, чем есть";
    no_shared_bytes: "shared memory of no bytes", "общая память без единого байта";

    // The picture of messages.
    sequence_described(facts):
        "Messages between lanes, time downwards. {facts}.",
        "Сообщения между дорожками, время идёт вниз. {facts}.";
    no_messages:
        "the trace has no messages: nothing that was sent was also received",
        "в записи нет сообщений: ничто отправленное не было получено";
    no_such_lane(message, from, to, lanes):
        "message `{message}` goes from lane {from} to lane {to}, but the trace has only {lanes}",
        "сообщение `{message}` идёт с дорожки {from} на дорожку {to}, а в записи только {lanes}";
    too_many_lanes(n, most):
        "{n} lanes send or receive; a sequence diagram has room for {most}",
        "отправляют и получают дорожек: {n}; на диаграмме есть место для {most}";
    one_took(time): ", on its way for {time}", ", в пути {time}";
    each_took(time): ", each on its way for {time}", ", каждое в пути {time}";
    took_from_to(least, most):
        ", on their way from {least} to {most}", ", в пути от {least} до {most}";
    first_drawn(most): "; the first {most} drawn", "; нарисованы первые {most}";
    by_order: "; rows by order, not to scale", "; строки по порядку, не в масштабе";
    message_key:
        "message, and how long it was on its way", "сообщение и сколько оно было в пути";
    running: "running", "работает";
    waiting: "waiting", "ждёт";
    sent: "sent", "отправлено";
    received: "received", "получено";
    took: "took", "в пути";
    from: "from", "от кого";
    to: "to", "кому";
    message: "message", "сообщение";
    messages: "messages", "сообщения";
    more_of_lanes(pairs): "and {pairs} more of lanes", "и ещё дорожек: {pairs}";
    // What the system refuses.
    workers_not_watched: "cannot watch the workers", "не уследить за рабочими";
    process_not_watched(pid): "cannot watch process {pid}", "не уследить за процессом {pid}";
    parent_not_watched:
        "cannot watch the parent process", "не уследить за родительским процессом";
    child_not_prepared: "cannot prepare a child process", "не подготовить дочерний процесс";
    not_limited(what): "cannot set the limit {what}", "не установить предел {what}";
    no_file(path, error): "cannot read `{path}`: {error}", "не прочитать `{path}`: {error}";
    no_pipe: "cannot make a pipe", "не создать канал";
    no_sockets: "cannot make a pair of sockets", "не создать пару сокетов";
    no_own_socket: "a worker cannot take its socket", "рабочий не может взять свой сокет";
    still_blocking:
        "cannot make a descriptor non-blocking", "не сделать дескриптор неблокирующим";
    not_sent: "cannot send a message", "не отправить сообщение";
    not_received: "cannot receive a message", "не получить сообщение";
    not_sent_to_queue: "cannot send to the queue", "не отправить в очередь";
    not_received_from_queue: "cannot receive from the queue", "не получить из очереди";
    message_not_written: "cannot put a message into memory", "не положить сообщение в память";
    message_not_read: "cannot read a message from memory", "не прочитать сообщение из памяти";
    no_own_program: "cannot find this program's file", "не найти файл этой программы";
    no_such_role(name, role):
        "`{name}={role}`: no such role; remove it from the environment",
        "`{name}={role}`: такой роли нет; уберите это из окружения";

    // Shared memory.
    no_shared_memory(length):
        "cannot get {length} bytes of shared memory", "не получить {length} байт общей памяти";
    not_shared_again: "cannot share memory once more", "не поделиться памятью ещё раз";
    shared_unseen: "cannot look at shared memory", "не посмотреть на общую память";
    shared_not_mapped: "cannot map shared memory", "не отобразить общую память";
    shared_too_short(length, there):
        "{length} bytes of shared memory are asked for, and its file has {there} bytes",
        "от общей памяти нужно {length} байт, а в её файле их {there}";
    shared_unsealed:
        "shared memory that could be cut short; potok's own is sealed against it",
        "общая память, которую можно укоротить; своя у potok от этого запечатана";

    // What came, and is not what was expected.
    only_to_worker: "it can only go to a worker", "это можно отправить только рабочему";
    no_descriptor: "no descriptor left", "дескрипторы кончились";
    no_descriptor_came: "its descriptor did not arrive", "его дескриптор не пришёл";
    not_the_argument(name, error):
        "an argument arrived that is not a `{name}`: {error}",
        "пришёл аргумент, который не `{name}`: {error}";
    no_greeting: "a worker got no greeting", "рабочий не получил приветствия";
    no_report: "garbage from a worker: no report", "от рабочего пришёл мусор, а не отчёт";
    garbage_in_pipe(length):
        "garbage in a pipe: no message has {length} bytes",
        "в канале мусор: сообщений в {length} байт не бывает";
    garbage_in_queue(most):
        "garbage in a queue: no message has more than {most} bytes",
        "в очереди мусор: сообщений длиннее {most} байт не бывает";
    bytes_left(n): "{n} too many", "лишних {n}";
    results_cut_short: "results cut short", "результаты обрываются";
    item_lost: "an item without a result", "элемент без результата";
    workers_die: "workers die as soon as they are started", "рабочие умирают, едва запустившись";

    // Code that travels.
    captures: "a function that captures variables", "функция, которая захватывает переменные";
    code_from_nowhere:
        "the system does not tell where this code was loaded from",
        "система не говорит, откуда загружен этот код";
    code_not_loaded(path, why):
        "cannot load the code in `{path}`: {why}", "не загрузить код из `{path}`: {why}";
    no_headers: "it has no headers", "у него нет заголовков";
    zero_in_name: "a zero byte in its name", "нулевой байт в его имени";
    loader_silent: "the loader does not say why", "загрузчик не говорит почему";
    loader_lost: "the loader does not say where it is", "загрузчик не говорит, где он";
    the_program: "the program", "программа";
    no_code_at(place, there, wanted):
        "no code to call at {place}: {there}, and a record of a `{wanted}` was expected; \
         both processes have to run the same files",
        "нет кода, который можно вызвать, в {place}: {there}, а ждали запись о `{wanted}`; \
         оба процесса должны работать с одними и теми же файлами";
    object_too_small: "no object is as large", "таких больших объектов нет";
    not_a_constant:
        "that is not in its memory for constants", "это не в его памяти для констант";
    unaligned: "a record cannot begin there", "запись не может там начинаться";
    something_else: "there is something else", "там что-то другое";
    other_code: "there is code of another type", "там код другого типа";
}

/// Why a process that is not alone is not forked, and the call that does it all the same.
pub(crate) fn not_alone(others: usize, call: &str) -> String {
    let run = match others {
        1 => "1 other thread runs".to_owned(),
        n => format!("{n} other threads run"),
    };
    not_alone_in(&run, others, call)
}

words! {
    not_alone_in(run, others, call):
        "fork: {run}, and the child would have none of them: a lock that one of them \
         holds would stay locked there for ever. Join them first; or use `spawn`, whose \
         child is no copy; or, if the child needs none of their locks, \
         `{call}`",
        "fork: работают и другие потоки (их {others}), а у потомка их не будет: блокировка, \
         которую держит один из них, осталась бы там запертой навсегда. Сначала дождитесь их; \
         или возьмите `spawn`, чей потомок не копия; или, если их блокировки потомку не нужны, \
         `{call}`";
}
