"""What a text has in every language: its headings, lists, tables, links, code, numbers."""

import re
from collections import Counter

FENCE = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
COMMENT = re.compile(r"\s*(?:#|//) .*")
CODE = re.compile(r"`([^`\n]+)`")
GROUPED = re.compile(r"(?<=\d)[ ,\u00a0\u202f](?=\d{3}(?!\d))")


def form(text: str) -> dict[str, list]:
    """Each part of the form by its name. Comments in code are text, so they are left out."""
    bare = FENCE.sub("", text)
    words = CODE.sub("", bare)
    blocks = [
        (language, [COMMENT.sub("", line) for line in code.splitlines()])
        for language, code in FENCE.findall(text)
    ]
    return {
        "blocks of code": blocks,
        "headings": re.findall(r"^#+ ", bare, re.MULTILINE),
        "items": re.findall(r"^ *(?:\*|\d+\.) ", bare, re.MULTILINE),
        "rows": [line.count("|") for line in bare.splitlines() if line.startswith("|")],
        "quotations": re.findall(r"^> ", bare, re.MULTILINE),
        "paragraphs": [len(re.split(r"\n\n+", bare.strip()))],
        "links": sorted(re.findall(r"\]\(([^)]+)\)", bare)),
        "tags": re.findall(r"</?\w+>", words),
        "formulas": re.findall(r"\$\$.*?\$\$", bare, re.DOTALL),
        # One figure alone may be a word in another language.
        "numbers": sorted(re.findall(r"\d{2,}", GROUPED.sub("", words))),
    }


def differences(english: str, translated: str) -> list[str]:
    """What a translation has lost or added, or has otherwise."""
    theirs, ours = form(english), form(translated)
    told = [f"{part}: {theirs[part]} became {ours[part]}" for part in theirs
            if theirs[part] != ours[part]]
    names = [Counter(CODE.findall(FENCE.sub("", text))) for text in (english, translated)]
    # A translation may say `get` where the English says "a get"; it may not say less.
    told += [f"`{name}` is missing" for name in names[0] - names[1]]
    return told
