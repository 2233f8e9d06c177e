"""Russian typography that a translator need not type: where a line must not break.

A dash, a word of one letter, a number and a particle cling to their neighbour by a space
that does not break; so does a number to the word that it numbers (`поток 2`) or to its
preposition (`до 64`), and a fraction holds together. Code, formulas, the targets of links
and tags stay as they are.
"""

import re

SPACE = "\u00a0"

UNTOUCHED = re.compile(
    r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|\]\([^)\n]*\)|<[^>\n]*>|https?://\S+",
    re.DOTALL,
)

# What stands before the space, and what behind it.
CLINGING = [
    (r"\S", "—"),
    (r"(?<![\w-])[вскоуияаВСКОУИЯА]", r"\S"),
    (r"\d", r"\d{3}(?!\d)|[А-Яа-яЁё%×]"),
    (r"[а-яё]", r"(?:бы|же|ли|б|ж)(?![а-яё])"),
    (r"\bт\.", r"[едпк]\."),
    (r"(?<!\w)(?:по|до|от|из|за|на|во|со|или)", r"\d"),
    (r"(?<!\w)(?:тетрад|элемент|поток|процесс|клиент|шаг)[а-яё]{0,3}", r"\d"),
    (r"\d", r"/ \d"),
    (r"\d[ \u00a0]/", r"\d"),
]


def clung(text: str) -> str:
    """The text with spaces that do not break, where there were ordinary ones."""
    kept = [(found.start(), found.end()) for found in UNTOUCHED.finditer(text)]
    inside = {at for start, end in kept for at in range(start, end)}
    letters = list(text)
    for before, behind in CLINGING:
        for found in re.finditer(rf"(?:{before})(?P<space> )(?={behind})", text):
            at = found.start("space")
            if at not in inside:
                letters[at] = SPACE
    return "".join(letters)
