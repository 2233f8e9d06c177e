//! What a reader sees of the kernel below a cell, in each language.

use potok_words::{Language, within};

potok_words::words! {
    // Where.
    line(n): "line {n} of this cell", "строка {n} этой ячейки";
    line_of(n, item): "line {n} of the cell with `{item}`", "строка {n} ячейки с `{item}`";
    earlier: "code of an earlier cell", "код одной из прежних ячеек";
    // Behind "at", «в».
    at_line(n): "line {n} of this cell", "строке {n} этой ячейки";
    at_line_of(n, item):
        "line {n} of the cell with `{item}`", "строке {n} ячейки с `{item}`";
    at_earlier: "code of an earlier cell", "коде одной из прежних ячеек";
    in_std(file, line): "in the standard library: {file}, line {line}",
        "в стандартной библиотеке: {file}, строка {line}";
    in_file(file, line): "in {file}, line {line}", "в {file}, строка {line}";
    this_cell: "this cell", "эта ячейка";
    from_cell(n): "from cell {n}", "из ячейки {n}";

    // How a cell ended.
    by_question_mark: "returned by a `?` in this cell", "ошибку вернул `?` в этой ячейке";
    thread_panicked(words): "before that, a thread had panicked: {words}",
        "до этого паника случилась в потоке: {words}";
    panicked: "the cell panicked; what it said is on stderr",
        "в ячейке случилась паника; что она сказала, видно в stderr";
    gone: "Variables are gone; functions, types and imports are kept.",
        "Переменные пропали; функции, типы и импорты остались.";
    stopped: "the cell was stopped.", "ячейка остановлена.";
    process(how): "the process that runs the cells {how}.",
        "процесс, в котором выполняются ячейки, {how}.";
    segv: "was killed by SIGSEGV: it used memory that it has not",
        "убит сигналом SIGSEGV: обратился к памяти, которой у него нет";
    segv_hint: "Either `unsafe` code went wrong, or a thread's stack was too small for what it \
        did: a recursion that is too deep or has no end, a large array in a variable, a small \
        `stack_size`. Which of them it was, the system does not tell.",
        "Или ошибка в `unsafe`, или потоку не хватило стека: рекурсия слишком глубокая или без \
        конца, большой массив в переменной, маленький `stack_size`. Что из этого случилось, \
        система не говорит.";
    bus: "was killed by SIGBUS: it used memory that is not there",
        "убит сигналом SIGBUS: обратился к памяти, за которой ничего нет";
    abort: "ended itself by SIGABRT", "завершил себя сигналом SIGABRT";
    abort_hint: "So end a call of `abort`, a panic inside a panic, and a stack that is too \
        small for what its thread does.",
        "Так кончаются вызов `abort`, паника внутри паники и нехватка стека у потока.";
    ill: "was killed by SIGILL: not an instruction",
        "убит сигналом SIGILL: такой команды у процессора нет";
    fpe: "was killed by SIGFPE: an impossible division",
        "убит сигналом SIGFPE: деление, которое невозможно";
    kill: "was killed by SIGKILL", "убит сигналом SIGKILL";
    kill_hint: "The system does so when memory runs out; so does `kill -9`.",
        "Так делает система, когда кончается память; так делает и `kill -9`.";
    term: "was killed by SIGTERM: somebody told it to end",
        "убит сигналом SIGTERM: кто-то попросил его завершиться";
    exit(code): "ended with exit status {code}", "завершился с кодом {code}";
    exit_hint: "`std::process::exit` does that.", "Так делает `std::process::exit`.";
    ended(status): "ended ({status})", "завершился ({status})";
    compiled_anew(libraries): "{libraries} was compiled anew, since a `:dep` asks for other \
        features of what it is built on, or its sources changed. The process that runs the \
        cells starts anew with it: variables are gone; functions, types and imports are kept.",
        "{libraries} компилируется заново: `:dep` просит у её зависимостей другие features или \
        изменились её исходники. Процесс, в котором выполняются ячейки, запущен заново: \
        переменные пропали; функции, типы и импорты остались.";
    late_interrupt: "The interrupt came when its cell had just ended. It has ended the process \
        that runs the cells all the same: variables are gone; functions, types and imports \
        are kept.",
        "Прерывание пришло, когда ячейка только что закончилась, и всё равно завершило \
        процесс, в котором выполняются ячейки: переменные пропали; функции, типы и импорты \
        остались.";
    too_long(has, most): "this cell has {has} MB of code, and one may have {most} MB: put the \
        data into a file, and read it with std::fs::read",
        "в этой ячейке {has} МБ кода, а может быть не больше {most} МБ: положите данные в файл и \
        прочитайте его через std::fs::read";

    // A homework's check.
    not_checked(name, why): "not checked: the cell with `{name}` failed when it was run last \
        ({why}), so this would judge what stood there before. Mend that cell and run it, then \
        this one.",
        "не проверено: ячейка с `{name}` при последнем запуске не выполнилась ({why}), и \
        проверка судила бы о том, что стояло в ней раньше. Исправьте ту ячейку, запустите её, \
        затем эту.";

    // What a definition took away, and what stays.
    variable_lost(name): "The variable `{name}` is gone: its type was defined anew, and its \
        value was of the old one.",
        "Переменной `{name}` больше нет: её тип определён заново, а значение было прежнего \
        типа.";
    impls_gone(name, impls): "`{name}` is defined anew, and what stood behind it in its former \
        cell is gone with the old one: {impls}. Put what is still needed into this cell, below \
        `{name}`.",
        "`{name}` определено заново, и вместе со старым определением пропало то, что стояло за \
        ним в прежней ячейке: {impls}. Что ещё нужно, напишите в этой ячейке, после `{name}`.";
    impl_stays(head): "`{head}` was run before in a cell without its type, and such a cell cannot \
        be run again: restart the kernel, and put the `impl` into one cell with its type, below \
        it.",
        "`{head}` уже выполнен в ячейке без своего типа, а такую ячейку нельзя выполнить снова: \
        перезапустите ядро и поместите `impl` в одну ячейку со своим типом, после него.";

    // What does not compile.
    error(what): "error: {what}", "ошибка: {what}";
    and_more(first, n): "{first} (and {n} more)", "{first} (и ещё {n})";
    borrows(name): "{name} borrows from another variable, so it cannot stay for the next cell: \
        only what owns its data stays",
        "{name} заимствует данные другой переменной и не может остаться для следующей ячейки: \
        остаётся только то, что владеет своими данными";
    borrow(names): "{names} borrow from another variable, so they cannot stay for the next \
        cell: only what owns its data stays",
        "{names} заимствуют данные другой переменной и не могут остаться для следующей ячейки: \
        остаётся только то, что владеет своими данными";
    in_braces: "Use it up within one cell, in braces:",
        "Используйте это в одной ячейке, в фигурных скобках:";
    own_copy: "or keep a copy of its own:", "или сохраните собственную копию:";
    closure(name): "`{name}` is a closure: its type has no name, so it cannot stay for the next \
        cell",
        "`{name}` — замыкание: у его типа нет имени, и остаться для следующей ячейки оно не \
        может";
    function: "Write a function:", "Напишите функцию:";
    boxed: "or, where it captures something, a box with a type:",
        "или, если оно что-то захватывает, `Box` с типом:";
    or_in_braces: "or use it up within one cell, in braces.",
        "или используйте его в одной ячейке, в фигурных скобках.";
    captures(name): "this closure captures a `{name}`, which stays in this process: pass it as \
        the argument, or use `fork`, whose child has a copy of everything",
        "замыкание захватывает `{name}`, а это значение остаётся в этом процессе: передайте его \
        аргументом или возьмите `fork`, у потомка которого есть копия всего";
    captures_variables: "this closure captures variables, which stay in this process: pass them \
        as the argument, or use `fork`, whose child has a copy of everything",
        "замыкание захватывает переменные, а они остаются в этом процессе: передайте их \
        аргументом или возьмите `fork`, у потомка которого есть копия всего";
    pointer: "a pointer to a function (or what a closure captures by reference) is an address in \
        this process alone: write the function's own name, or send a number and choose there: \
        `|(i, x)| [f, g][i](x)`",
        "указатель на функцию (или то, что замыкание захватило по ссылке) — адрес только в этом \
        процессе: напишите имя самой функции или передайте число и выберите там: \
        `|(i, x)| [f, g][i](x)`";
    version(name, asked, version, write): "`{name} = \"{asked}\"` does not go together with \
        potok, which is compiled with {name} {version}: write `:dep {name} = \"{write}\"`",
        "`{name} = \"{asked}\"` не сочетается с potok, который собран с {name} {version}: \
        напишите `:dep {name} = \"{write}\"`";

    // Habits from other programs, from Python and IPython.
    comes_with_potok(name): "`{name}` comes with potok here: write `potok::{name}::…`, or `use \
        potok::{name};` once",
        "`{name}` здесь входит в potok: напишите `potok::{name}::…` или один раз `use \
        potok::{name};`";
    timing(name): "`%{name}` is IPython's: here a cell with `:timing` makes each cell say how \
        long it took",
        "`%{name}` — из IPython: здесь после ячейки с `:timing` каждая ячейка говорит, сколько \
        она работала";
    magic_pip: "`%pip` is IPython's: here `:dep name = \"version\"` brings a crate",
        "`%pip` — из IPython: здесь крейт подключает `:dep имя = \"версия\"`";
    magic(name): "`%{name}` is IPython's: here commands begin with a colon, and `:help` lists \
        them",
        "`%{name}` — из IPython: здесь команды начинаются с двоеточия, их список даёт `:help`";
    question(name): "`?{name}` is IPython's: here write `{name}` and press Shift-Tab, or `:doc \
        {name}`",
        "`?{name}` — из IPython: здесь напишите `{name}` и нажмите Shift-Tab или выполните `:doc \
        {name}`";
    prompt(prompt): "`{prompt}` is a prompt, not code: leave it out",
        "`{prompt}` — приглашение, а не код: уберите его";
    shell(command): "`!{command}` is for the shell: here such lines stand at the top of a cell, \
        before its code",
        "`!{command}` — для оболочки: здесь такие строки стоят в начале ячейки, до её кода";
    print: "`print` is a macro here: `println!(\"hi\")`, and `println!(\"{x:?}\")` shows a value",
        "`print` здесь макрос: `println!(\"hi\")`, а значение покажет `println!(\"{x:?}\")`";
    f_string: "`f\"…\"` is Python's: here `format!(\"{x}\")`, and `println!(\"{x}\")` prints it",
        "`f\"…\"` — из Python: здесь `format!(\"{x}\")`, а `println!(\"{x}\")` печатает строку";
    import: "`import` is Python's: here `use std::thread;` brings a name, and `:dep name = \
        \"version\"` a crate",
        "`import` — из Python: здесь имя вводит `use std::thread;`, а крейт — `:dep имя = \
        \"версия\"`";
    def: "`def` is Python's: here `fn name(x: u32) -> u32 { x + 1 }`",
        "`def` — из Python: здесь `fn name(x: u32) -> u32 { x + 1 }`";
    block: "a block stands in braces here, without a colon: `for i in 0..10 { … }`",
        "блок здесь стоит в фигурных скобках, без двоеточия: `for i in 0..10 { … }`";
    range: "`range(10)` is Python's: here `0..10`", "`range(10)` — из Python: здесь `0..10`";
    len: "`len(x)` is Python's: here `x.len()`", "`len(x)` — из Python: здесь `x.len()`";
    help: "`help` is Python's: here write the name and press Shift-Tab, or `:doc name`",
        "`help` — из Python: здесь напишите имя и нажмите Shift-Tab или выполните `:doc имя`";
    boolean(theirs, ours): "`{theirs}` is Python's: here `{ours}`",
        "`{theirs}` — из Python: здесь `{ours}`";
    comment: "a comment begins with `//` here, not with `#`",
        "комментарий здесь начинается с `//`, а не с `#`";
    pip: "`pip` is Python's: here `:dep name = \"version\"` brings a crate",
        "`pip` — из Python: здесь крейт подключает `:dep имя = \"версия\"`";
    binding(name): "a new variable needs `let` here: `let {name} = …;`",
        "новой переменной здесь нужен `let`: `let {name} = …;`";
}

/// What the library says at compile time of what cannot go to another process, where it can
/// speak English only.
pub(super) fn of_the_library(said: &str) -> &str {
    let known = [captures_variables, pointer];
    let found = known.iter().find(|words| within(Language::English, **words) == said);
    found.map_or(said, |words| words())
}
