//! The fixed words of the charts, in each language.

use potok_base::words;

words! {
    // All pictures.
    in_numbers: "In numbers", "В цифрах";
    nothing_to_draw: "Nothing to draw", "Нечего рисовать";
    empty_list: "an empty list of pictures", "пустой список картинок";
    cannot_draw(why): "cannot draw: {why}", "не рисуется: {why}";
    no_pixels(width, height, most):
        "a picture of {width} × {height} pixels; give it 1 to {most} in each direction",
        "картинка {width} × {height} точек; нужно от 1 до {most} по каждой стороне";
    no_words: "A drawing without words.", "Рисунок без слов.";
    words_in_it(words): "In it stands: {words}.", "На нём написано: {words}.";
    nothing_together:
        "nothing to draw together; give it two or more",
        "вместе рисовать нечего; дайте две картинки или больше";
    no_values(label):
        "`{label}` has no values; give it at least one",
        "у `{label}` нет значений; дайте хотя бы одно";
    too_many_values(label, most):
        "`{label}` has too many values; a slider takes at most {most}",
        "у `{label}` слишком много значений; их может быть не больше {most}";
    too_many_bytes(label, found, most):
        "the pictures for `{label}` take {found} MB, and a cell bears {most} MB; \
         give it fewer values or draw less",
        "картинки для `{label}` занимают {found} МБ, а ячейка вместит {most} МБ; \
         дайте меньше значений или рисуйте меньше";
    and_more(what): "and {what} more", "и ещё {what}";
    time_in(unit): "time, {unit}", "время, {unit}";
    running: "running", "работает";
    running_each: "running, each label in its colour", "работает: у каждой подписи свой цвет";
    waiting: "waiting", "ждёт";

    // Bars.
    smallest_to_largest:
        "from the smallest to the largest", "от наименьшего до наибольшего";
    first_bars(most, bars): "the first {most} of {bars}", "первые {most} из {bars}";
    no_value(what):
        "Bar chart of {what}: no value could be measured.",
        "Столбчатая диаграмма, {what}: ни одного значения не измерено.";
    one_value(what, value): "Bar chart of {what}: {value}.", "Столбчатая диаграмма, {what}: {value}.";
    values(n, what, least, most):
        "Bar chart of {n} values, {what}: from {least} to {most}.",
        "Столбчатая диаграмма, значений: {n}, {what}: от {least} до {most}.";
    smallest: "smallest", "наименьшее";
    largest: "largest", "наибольшее";
    not_measured: "not measured", "не измерено";
    logarithmic:
        " (logarithmic: each line is ten times the one before)",
        " (лог. шкала: каждая линия ×10)";
    no_bars(title):
        "`{title}` has no bars; give it at least one",
        "в `{title}` нет столбиков; дайте хотя бы один";
    bad_value(name, value):
        "the bar `{name}` is {value}; it must be a number from 0",
        "столбик `{name}` равен {value}; нужно число от 0";
    zero_on_log(name):
        "the bar `{name}` is 0, which a logarithmic axis does not have",
        "столбик `{name}` равен 0, а на логарифмической оси нуля нет";
    bad_range(name, value):
        "the bar `{name}` has a range that does not contain its value {value}",
        "размах столбика `{name}` не содержит его значения {value}";

    // Lengths of queues.
    longest_queue(name, n): "; the longest was {name} with {n}", "; самая длинная — {name}: {n}";
    nobody_waited: "; nobody ever waited", "; никто не ждал";
    first_drawn(most): "; the first {most} drawn", "; нарисованы первые {most}";
    queue: "queue", "очередь";
    longest: "longest", "самая длинная";
    first_at: "first at", "впервые";
    mean: "mean", "средняя";
    at_the_end: "at the end", "в конце";
    mean_and_most(mean, most): "mean {mean}, most {most}", "в среднем {mean}, до {most}";
    lengths_described(facts):
        "The length of each queue over time. {facts}.", "Длина каждой очереди во времени. {facts}.";
    how_many_waited: "How many were waiting", "Сколько ждало";
    no_queues(title):
        "`{title}` has no queues; give it at least one",
        "в `{title}` нет очередей; дайте хотя бы одну";
    back_in_time(name):
        "the changes of queue `{name}` go back in time; sort them",
        "изменения очереди `{name}` идут назад во времени; упорядочьте их";

    // Runs of a measurement.
    every_run(label): "Every run: {label}", "Все прогоны: {label}";
    run_facts(runs, median, min, max):
        "{runs}: median {median}, from {min} to {max}",
        "{runs}: медиана {median}, от {min} до {max}";
    several_runs:
        "several runs, fastest to slowest", "несколько прогонов, от быстрого до медленного";
    one_run: "one run", "один прогон";
    runs_described(facts):
        "The time of each run, in order. {facts}.", "Время каждого прогона по порядку. {facts}.";
    median: "median", "медиана";
    median_is(time): "median {time}", "медиана {time}";
    run_axis(unit): "run; time in {unit}", "прогон; время, {unit}";
    time: "time", "время";
    fastest_run: "fastest", "самый быстрый";
    slowest_run: "slowest", "самый медленный";
    run_number(n): "run {n}", "прогон {n}";

    // Speed-ups.
    speedup_of(label): "Speed-up: {label}", "Ускорение: {label}";
    measured: "measured", "измерено";
    slowest_to_fastest: "slowest to fastest run", "от медленного до быстрого прогона";
    ideal: "ideal", "идеал";
    machine_gave: "what this machine gave", "что дала машина";
    law(law): "Amdahl's law: {law}", "закон Амдала: {law}";
    law_described(law): " Amdahl's law: {law}.", " Закон Амдала: {law}.";
    law_fitted(law): "Amdahl's law fitted: {law}", "Закон Амдала по точкам: {law}";
    workers_axis: "workers", "число рабочих";
    cores_here(cores): "{cores} here", "здесь {cores}";
    and_on: " and on ", " и ";
    measured_on(machines, runs):
        "measured on {machines}; median of {runs}", "измерено: {machines}; медиана, прогонов: {runs}";
    speedup_described:
        "Speed-up over one worker, by number of workers.",
        "Ускорение относительно одного рабочего по числу рабочих.";
    at_best(label, times, workers):
        " {label}: at best {times} × with {workers}.",
        " {label}: в лучшем случае {times} ×, {workers}.";
    workers: "workers", "рабочие";
    speedup: "speed-up", "ускорение";
    slowest: "slowest", "худший";
    fastest: "fastest", "лучший";
    median_time: "median time", "медиана";
    runs: "runs", "прогоны";
    given: "cores given", "ядер дано";
    busy: "cores busy", "ядер занято";
    too_many_series(title, n, most):
        "`{title}` has {n} series; a chart of speed-ups takes 1 to {most}",
        "в `{title}` кривых: {n}; графику ускорений нужно от 1 до {most}";
    no_points(name):
        "the speed-up `{name}` has no points; measure it with [1, 2, 4] workers",
        "в ускорении `{name}` нет точек; измерьте его с [1, 2, 4] рабочими";
    zero_workers(name):
        "the speed-up `{name}` has a point for zero workers",
        "в ускорении `{name}` есть точка для нуля рабочих";

    // Timelines: what is seen.
    main_thread: "main thread", "главный поток";
    process(pid): "process {pid}", "процесс {pid}";
    cpu(cpus): "CPU {cpus}", "ядро {cpus}";
    running_only(what): "running: {what}", "работает: {what}";
    filled_part:
        "filled only to the part of its time that it was on a core",
        "закрашена только доля времени, проведённая на ядре";
    many_spans:
        "many short spans, the denser the busier", "много коротких отрезков: чем гуще, тем больше работы";
    not_ended: "not ended", "не завершилось";
    mark: "mark", "отметка";
    on_a_core(percent): "on a core {percent} % of it", "на ядре {percent} %";
    ran: "ran", "работал";
    waited: "waited", "ждал";
    tip(label, lane, verb, time, rest, from):
        "{label}: {lane} {verb} for {time}{rest}, from {from}",
        "{label}: {lane} {verb} {time}{rest}, начало {from}";

    // Timelines: what is told.
    timeline_described(facts):
        "Timeline: a lane for each thread, time to the right. {facts}.",
        "Временная диаграмма: дорожка на каждый поток, время идёт вправо. {facts}.";
    spans_in(spans, time): "{spans} in {time}", "{spans} за {time}";
    never_together:
        "; never two lanes running at the same time", "; ни разу две дорожки не работали одновременно";
    together(time):
        "; two or more lanes running for {time}", "; две дорожки или больше работали {time}";
    together_or_ready(time):
        "; two or more lanes running or ready to run for {time}",
        "; две дорожки или больше работали или были готовы работать {time}";
    on_core_in_all(time): "; on a core for {time} in all", "; на ядре всего {time}";
    open_spans(spans): "; {spans} not ended", "; не завершилось: {spans}";
    first_lanes(most): "; the first {most} lanes drawn", "; нарисованы первые дорожки: {most}";
    lane: "lane", "дорожка";
    on_core: "on a core", "на ядре";
    spans: "spans", "отрезки";
    marks: "marks", "отметки";
    cpus: "CPUs", "ядра";
    of_process(name, pid): "{name} (process {pid})", "{name} (процесс {pid})";
    of_them(n): "{n} of them", "{n} разных";
    lasted(time): "for {time}", "{time}";
    at: "at", "когда";
    label: "label", "подпись";
    in_all: "in all", "всего";
    and(what): "and {what}", "и {what}";
    empty_trace:
        "the trace is empty: no span or mark was recorded; \
         record one with `rec.span(\"name\", || …)`",
        "запись пуста: в ней нет ни отрезка, ни отметки; \
         добавьте их так: `rec.span(\"name\", || …)`";
    no_such_lane(label, lane, lanes):
        "`{label}` is on lane {lane}, but the trace has only {lanes}",
        "`{label}` на дорожке {lane}, а в записи только {lanes}";

    // The title of a timeline that has none.
    more: "more", "другое";
    some_marks: "Marks", "Отметки";
    on(what, lanes): "{what}, on {lanes}", "{what}: {lanes}";
    both(first, last): "{first} and {last}", "{first} и {last}";
}
