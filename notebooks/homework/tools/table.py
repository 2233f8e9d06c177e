"""What came out, as text: a line for each submission, and which checks were answered wrong."""

import json
from collections import Counter


def points(result: dict) -> tuple[float, float]:
    """Earned, and to be earned without a person."""
    scores = result["scores"].values()
    return sum(each["score"] for each in scores), sum(each["points"] for each in scores)


def text(marked: list) -> str:
    parts = []
    for homework in sorted({each.homework for each in marked}):
        these = [each for each in marked if each.homework == homework]
        results = {each: json.loads(each.result.read_bytes()) for each in these}
        parts.append(of_homework(homework, {each.student: results[each] for each in these}))
    return "\n\n".join(parts)


def of_homework(homework: str, results: dict[str, dict]) -> str:
    """Marks by exercise, wrong answers by check, and what staff should know."""
    names = list(next(iter(results.values()))["scores"])
    rows = [["student", *(name.removesuffix("-check") for name in names), "all", "of"]]
    for student, result in results.items():
        earned, most = points(result)
        each = [f"{result['scores'][name]['score']:g}" for name in names]
        rows.append([student, *each, f"{earned:g}", f"{most:g}"])
    parts = [homework, aligned(rows)]
    wrong = Counter()
    for result in results.values():
        for name, scored in result["scores"].items():
            exercise = name.removesuffix("-check")
            if "why" in scored:
                wrong[exercise, f"(not run) {scored['why']}"] += 1
            for check in scored["checks"]:
                wrong[exercise, check["name"]] += not check["passed"]
    told = [(name, check, n) for (name, check), n in wrong.most_common() if n]
    if told:
        of = len(results)
        rows = [["wrong", "exercise", "check"]]
        rows += [[f"{n} of {of}", name, check] for name, check, n in told]
        parts.append(aligned(rows))
    notes = [f"{student}: {note}" for student, it in results.items() for note in it["notes"]]
    if notes:
        parts.append("to be known\n" + "\n".join("  " + note for note in notes))
    return "\n\n".join(parts)


def aligned(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths)) for row in rows)
    return "\n".join("  " + line.rstrip() for line in lines)
