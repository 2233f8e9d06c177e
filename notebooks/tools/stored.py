"""What a stored output says, read from its text form.

Claims are made in English. Where the Russian edition says it in other words, those are here:
a heading or a label of a row, or a phrase of a text. What the code itself says, titles and
names, is in the edition's own list.
"""

import re
from pathlib import Path

UNITS = {
    "ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0,
    "нс": 1e-9, "мкс": 1e-6, "мс": 1e-3, "с": 1.0, "мин": 60.0,
    "×": 1.0, "%": 0.01, "": 1.0,
}  # fmt: skip
SPACES = "\u00a0\u2009\u202f "
QUANTITY = re.compile(rf"(-?\d[\d{SPACES}]*(?:\.\d+)?)[{SPACES}]?(ns|µs|ms|s|min|нс|мкс|мс|с|мин|×|%)?")

LABELS = {
    "speed-up": "ускорение",
    "smallest": "наименьшее",
    "largest": "наибольшее",
    "runs": "запуски",
    "share": "доля",
    "waited": "ждал",
    "references counted": "насчитано ссылок",
    "load, then store": "чтение, запись",
    "one atomic addition": "атомарно",
    "one thread": "один поток",
    "a thread per request": "поток на запрос",
    "an event loop": "цикл событий",
    "ran": "работал",
    "on a core": "на ядре",
}  # fmt: skip
ENGLISH = {russian: english for english, russian in LABELS.items()}
OF_CODE = Path(__file__).resolve().parents[1] / "ru" / "labels.tsv"

# As regular expressions: a noun stands in the form that its number asks for.
PHRASES = {
    "never two lanes running at the same time": "ни разу две дорожки не работали одновременно",
    "two or more lanes running": "две дорожки или больше работали",
    "the machine was disturbed": "[Мм]ашине мешали",
    "running or ready to run": "работали или были готовы работать",
    "spans in": r"отрез(?:ок|ка|ков)\sза",
    "longest freeze": "самая долгая пауза",
    "handovers:": "передачи:",
    "The cores were there and were used": "Ядра были и работали",
    "Amdahl's law fitted:": "Закон Амдала по точкам:",
    "6 messages": r"6\sсообщений",
    "(process ": r"\(процесс ",
    "CPython.* threads$": "CPython.*: потоки$",
    "processes$": "процессы$",
    "^Rust threads$": "^Rust: потоки$",
    "^atomic$": "^атомик$",
    "deadlock": "взаимная блокировка",
    "Nothing unexpected came out": "Ничего неожиданного не вышло",
}  # fmt: skip


def number(text: str) -> float:
    """`31.6 ms` is 0.0316, `1 000 467` is 1000467, `90 %` is 0.9."""
    found = QUANTITY.fullmatch(text.strip())
    if not found:
        raise ValueError(f"`{text}` is no number with a unit")
    digits = re.sub(f"[{SPACES}]", "", found[1])
    return float(digits) * UNITS[found[2] or ""]


def after(pattern: str, text: str) -> float:
    """The first number that follows what matches `pattern` in a text."""
    start = re.search(pattern, text)
    if not start:
        raise ValueError(f"nothing says `{pattern}`")
    found = QUANTITY.search(text, start.end())
    if not found:
        raise ValueError(f"no number follows `{pattern}`")
    return number(found[0])


def table(text: str, title: str = "") -> dict[str, dict[str, float]]:
    """The first table from the line on that matches `title`: row by label, column by heading.

    Columns stand two spaces apart and end where their heading ends; the first one begins
    where its heading begins. Cells that hold no number are left out.
    """
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if re.search(title, line)), None)
    if start is None:
        raise ValueError(f"no line matches `{title}`")
    for n in range(start, len(lines) - 1):
        headings = columns(lines[n])
        rows = rows_below(lines[n + 1 :], headings)
        if len(headings) > 1 and rows:
            return rows
    raise ValueError("there is no table")


def columns(line: str) -> list[tuple[str, int]]:
    """What stands in a line, two spaces or more apart, and where each ends."""
    return [(found[0], found.end()) for found in re.finditer(r"\S+(?:[^\S\n]\S+)*", line)]


def rows_below(lines: list[str], headings: list[tuple[str, int]]) -> dict:
    ends = {end: heading for heading, end in headings}
    rows = {}
    for line in lines:
        if not line.strip():
            break
        label, *cells = columns(line)
        row = {}
        for cell, end in cells:
            try:
                row[ends[end]] = number(cell)
            except (KeyError, ValueError):
                continue
        if row:
            rows[label[0]] = row
    return rows


def of_code() -> dict[str, str]:
    """What the Russian pictures show for what the code says; `{}` stands for a number."""
    lines = OF_CODE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def in_english(label: str, of_code: dict[str, str]) -> str:
    """A heading, a title or a label of a Russian output as the English one has it."""
    if label in ENGLISH:
        return ENGLISH[label]
    for code, shown in of_code.items():
        pattern = re.escape(shown).replace(re.escape("{}"), r"(\d+)")
        if found := re.fullmatch(pattern, label):
            return code.format(*found.groups()) if "{}" in code else code
    return label


class Outputs:
    """The outputs of a notebook's cells, by the cell's id, as text."""

    def __init__(self, notebook, russian: bool = False):
        self.russian = russian
        self.of_code = of_code() if russian else {}
        self.cells = {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}

    def __getitem__(self, cell: str) -> str:
        if cell not in self.cells:
            raise ValueError(f"there is no cell `{cell}`")
        texts = []
        for output in self.cells[cell].outputs:
            texts.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
        text = "".join(texts)
        if not self.russian:
            return text
        # As long as before: columns stay where they are.
        text = re.sub(r"(?<=\d),(?=\d)", ".", text)
        # A title stands alone on its line.
        lines = [in_english(line, self.of_code) for line in text.split("\n")]
        return "\n".join(lines)

    def pattern(self, words: str, plain: bool = True) -> str:
        """What the outputs have for these words, or for this regular expression."""
        labels = (LABELS | self.of_code).items()
        known = PHRASES | {english: re.escape(russian) for english, russian in labels}
        if self.russian and words in known:
            return known[words]
        return re.escape(words) if plain else words

    def says(self, cell: str, words: str) -> bool:
        return re.search(self.pattern(words), self[cell]) is not None

    def table(self, cell: str, title: str = "") -> dict[str, dict[str, float]]:
        """The first table below what matches `title`, under English headings and labels."""
        rows = table(self[cell], self.pattern(title, plain=False))
        name = lambda label: in_english(label, self.of_code)
        english = lambda row: {name(heading): row[heading] for heading in row}
        return {name(label): english(row) for label, row in rows.items()}

    def column(self, cell: str, heading: str) -> dict[str, float]:
        """A column of the first table that has it, by the labels of its rows."""
        rows = self.table(cell, rf"(?:^|\s){self.pattern(heading)}(?:\s|$)").items()
        return {label: row[heading] for label, row in rows if heading in row}

    def after(self, cell: str, words: str, title: str = "") -> float:
        """The first number that follows `words`, from the text `title` on."""
        text = self[cell]
        # A title that the code gives is read in English; one of the library's is not.
        forms = re.escape(title), self.pattern(title)
        start = next(filter(None, (re.search(form, text) for form in forms)), None)
        if not start:
            raise ValueError(f"nothing says `{title}`")
        return after(self.pattern(words), text[start.start() :])
