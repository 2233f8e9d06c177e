//! What an exploration says, in each language. What a program calls stays as it is written:
//! `counter.load`, `join`.

use potok_base::words;

words! {
    // Threads and objects.
    thread(id): "thread {id}", "поток {id}";
    main: "main", "главный";
    atomic: "atomic", "атомик";
    lock: "lock", "мьютекс";
    condvar: "condvar", "условие";
    barrier: "barrier", "барьер";
    free: "free", "свободен";
    held_by(who): "held by {who}", "у {who}";
    and_held_by(value, who): "{value}, held by {who}", "{value}, у {who}";
    nobody: "nobody", "никто";
    asleep(who): "{who} asleep", "спит {who}";
    of(n, size): "{n} of {size}", "{n} из {size}";

    // Steps.
    asleep_on(what): "asleep on {what}", "спит на {what}";
    time_out_of(what): "{what}.time-out", "{what}.тайм-аут";
    time_out: "time-out", "тайм-аут";
    awake: "lock (awake)", "lock (снова)";
    to_nobody(verb): "{verb} → nobody", "{verb} → никому";

    // Endings.
    panic: "panic", "паника";
    deadlock: "deadlock", "взаимная блокировка";
    livelock: "livelock", "livelock";
    not_finished: "not finished", "не закончено";
    stuck: "stuck", "застрял";
    panicked(name, words): "`{name}` panicked: {words}", "`{name}` запаниковал: {words}";
    waits_for(who, what, holders):
        "{who} waits for {what}, held by {holders}", "{who} ждёт {what}, его держит {holders}";
    sleeps_on(who, what):
        "{who} sleeps on {what}, and no thread is left to notify it",
        "{who} спит на {what}, а разбудить его больше некому";
    waits_at(who, what):
        "{who} waits at {what}, and no other thread will arrive",
        "{who} ждёт у {what}, а других потоков не будет";
    waits_for_end(who, holders): "{who} waits for the end of {holders}", "{who} ждёт конца {holders}";
    no_end(steps): "no end after {steps} steps", "нет конца и после шагов: {steps}";
    yield_hint:
        "; a loop that waits for others needs `thread::yield_now()` in it",
        "; циклу, который ждёт других, нужен `thread::yield_now()`";
    ends_later(steps):
        "cut after {steps} steps; it ends with more",
        "прервано, шагов: {steps}; если дать больше, кончится";
    cut_after(steps):
        "cut after {steps} steps; the simplest of them ends with more, which \
         `Explorer::steps` allows",
        "прервано, шагов: {steps}; простейшее кончится, если дать больше через \
         `Explorer::steps`";

    // Errors, and what keeps an exploration from going on.
    too_many_threads(most):
        "a program to be explored has at most {most} threads",
        "в программе для перебора не больше {most} потоков";
    cannot_start: "cannot start the thread that explores", "не запустить поток перебора";
    cannot_start_thread(error): "cannot start a thread: {error}", "поток не запустить: {error}";
    explorer_ended:
        "the program ended the thread that explores it",
        "программа завершила поток, который её перебирает";
    no_step_for(thread, time):
        "`{thread}` took no step for {time}: it computes on and on, sleeps, or waits \
         for something of `std`; use the threads, locks and atomics of `potok::explore`, \
         and `yield_now` in a loop that waits",
        "`{thread}` не делает шагов уже {time}: он всё считает, спит или ждёт чего-то \
         из `std`; берите потоки, мьютексы и атомики из `potok::explore` \
         и `yield_now` в цикле, который ждёт";
    other_steps:
        "the program took other steps when it was run again under the same schedule: it \
         depends on something outside, like a clock, a random number, or a value that it changes",
        "в том же расписании программа сделала другие шаги: она зависит от чего-то извне — \
         от часов, случайного числа или значения, которое сама меняет";
    no_step:
        "no step of a thread was seen, so there was nothing to explore: the \
         program uses no locks, atomics or threads of `potok::explore::sync` and \
         `potok::explore::thread`; those of `std` are not seen",
        "ни одного шага не видно, перебирать нечего: в программе нет мьютексов, атомиков и \
         потоков из `potok::explore::sync` и `potok::explore::thread`; те, что из `std`, \
         отсюда не видны";
    ended_early(steps, planned):
        "the program ended after {steps} of {planned} choices; leave out the rest",
        "программа кончилась после {steps} выборов из {planned}; уберите остальные";
    not_recorded: "the run was not recorded", "прогон не записан";
    bad_choice(number, wanted, possible):
        "step {number} cannot be `{wanted}`; possible: {possible}",
        "шаг {number} не может быть `{wanted}`; возможны: {possible}";
    no_thread(letter):
        "`{letter}` does not name a thread; write a schedule as one digit for each step, \
         like \"1122\"",
        "`{letter}` — не поток; расписание пишут по цифре на шаг, например \"1122\"";
    ends_with_wake:
        "the schedule ends with `>`; name the thread that is woken",
        "расписание кончается на `>`; назовите поток, который разбудить";
    no_such_program(path):
        "`{path}` is not one of `explore::programs`; `programs::source` knows those by \
         their names, as in `programs::source(programs::aba)`",
        "`{path}` нет среди `explore::programs`; `programs::source` знает их по именам, \
         например `programs::source(programs::aba)`";
    no_receiver: ", no receiver", ", получателя нет";
    no_sender: ", no sender", ", отправителя нет";
    waiting_in_channel(n, gone): "{n} waiting{gone}", "ждёт {n}{gone}";
    run_has_ended: "the thread's run has ended", "прогон этого потока кончился";

    // The picture of outcomes.
    nothing_tried: "nothing was tried", "ничего не проверено";
    no_outcomes(why): "there are no outcomes: {why}", "исходов нет: {why}";
    nothing_explored: "Nothing was explored", "Перебирать было нечего";
    stopped_early: "The exploration stopped early", "Перебор остановился раньше времени";
    nothing_unexpected: "Nothing unexpected came out", "Ничего неожиданного не вышло";
    can_go_wrong: "This can go wrong", "Это может кончиться плохо";
    some_not_finished: "Some schedules were not finished", "Некоторые расписания не закончены";
    more_can_come:
        "An outcome that no sequential run gives",
        "Исход, которого не бывает, если потоки работают по одному";
    of_orders(n, all): "{n} of {all} orders", "порядков: {n} из {all}";
    simplest: "The simplest schedule", "Простейшее расписание";
    expected: "expected", "ожидаемо";
    open: "open", "не закончено";
    surprising: "surprising", "сюрприз";
    forbidden: "forbidden", "нельзя";
    open_not_explored: "open: not explored", "не закончено: перебора не было";
    open_cut: "open: cut before its end", "не закончено: прервано до конца";
    never_right: "forbidden: never right", "нельзя: всегда ошибка";
    only_preempted:
        "surprising: only after a preemption", "сюрприз: только после вытеснения";
    one_run(time): "one run, no step seen; {time}", "один прогон, шагов не видно; {time}";
    cut_at(steps): ", cut at {steps} steps", ", прервано, шагов: {steps}";
    all(tried): "all {tried}", "все: {tried}";
    preemptions(tried, most, others):
        "{tried}: all with at most {most}{others}", "{tried}: все, где не больше {most}{others}";
    and_others: ", and some others", ", и некоторые другие";
    not_all(tried): "{tried}, not all", "{tried}, не все";
    random(n, seed):
        ", {n} of them random (seed {seed})", ", из них случайных: {n} (зерно {seed})";
    not_shown_more(what): "{what} more are not shown", "ещё не показано: {what}";
    came_out(ending, word, n):
        "{ending} ({word}) came out under {n}", "{ending} ({word}) — при {n}";
    of_schedules(schedules, told, caveat):
        "Of {schedules}, {told}. {caveat}", "Из {schedules}: {told}. {caveat}";
    verdict: "verdict", "вердикт";
    schedules: "schedules", "расписаний";
    outcome: "outcome", "исход";

    // What a report does not prove.
    another_result:
        "Another run may give another result: nothing was explored.",
        "Другой прогон может дать другой результат: перебора не было.";
    all_tried: "All schedules were tried", "Проверены все расписания";
    at_most_tried(n, others):
        "All schedules of at most {n} preemptions were tried{others}",
        "Проверены все расписания, где вытеснений не больше {n}{others}";
    some_tried: "Only some schedules were tried", "Проверены только некоторые расписания";
    steps_of_each(n): ", {n} steps of each", ", в каждом шагов: {n}";
    consistency(tried, cut):
        "{tried}{cut}, for this input, and with every step seen by all threads at once \
         (sequential consistency). What weaker orderings such as Relaxed allow on \
         real processors is not shown; loom or the hardware itself can.",
        "{tried}{cut} — для этого входа и так, что каждый шаг сразу видят все потоки \
         (последовательная согласованность). Что разрешают на настоящем процессоре более \
         слабые порядки вроде Relaxed, здесь не видно; это покажет loom или само железо.";
    yielded_once:
        " A thread that has yielded yields again only after another took a step.",
        " Поток, уступивший очередь, уступает снова только после чужого шага.";
    no_spurious:
        " Spurious wake-ups, which std allows, were not tried.",
        " Ложные пробуждения, которые разрешает std, не проверялись.";

    // The picture of a schedule.
    not_shown(what): "{what} not shown", "не показано: {what}";
    a_schedule: "A schedule", "Расписание";
    after(steps): "After {steps}", "Сделано: {steps}";
    that_gives(what, value): "{what} that gives {value}", "{what} с исходом {value}";
    that_was_cut(what): "{what} that was cut", "{what}, прервано";
    that_ends(what, word): "{what} that ends in a {word}", "{what}, в конце — {word}";
    from_here_wrong:
        "from here on every tried order goes wrong",
        "отсюда любой проверенный порядок кончается плохо";
    cannot_go_on: "cannot go on", "идти дальше не может";
    start: "start", "начало";
    next: "next", "дальше";
    waits: "waits", "ждёт";
    choose: "Choose the next thread.", "Выберите следующий поток.";
    returned(value): "Returned {value}", "Результат {value}";
    from_step(step):
        "From step {step} on every order that was tried went wrong. ",
        "С шага {step} любой проверенный порядок кончался плохо. ";
    and_so_on: "And so on.", "И так далее.";

    // Stepping by hand.
    step_by_hand: "Step by hand", "Пройти по шагам";
    step_back: "One step back", "Шаг назад";
    to_the_start: "To the start", "В начало";
    copy_schedule: "Copy", "Скопировать";
    copied: "Copied", "Скопировано";
    schedule_string: "schedule", "расписание";
    has_yielded:
        "has yielded: another thread goes first", "уступил очередь: сначала ход другого потока";
    untried: "was not tried", "не проверялось";
    steps_taken: "Steps taken", "Сделанные шаги";
    too_many_states:
        "The program has more states than a page can carry: step through it with \
         `step(program, \"12\")`, one digit more in each cell.",
        "У программы больше состояний, чем уместится на странице: пройти её по шагам можно через \
         `step(program, \"12\")`, в каждой ячейке на цифру больше.";

    // Columns.
    column_thread: "thread", "поток";
    column_step: "step", "шаг";
    values_after: "values after it", "значения после него";
    goes_wrong: " ◀ from here on it goes wrong", " ◀ отсюда всё кончается плохо";
}
