"""A few abuses of a real kernel; `make torture` does 200, and 10,000 from outside."""

import torture


def test_after_each_abuse_a_fresh_cell_answers_and_at_the_end_nothing_is_left():
    lines, left = torture.run(abuses=12, seed=5)
    assert len(lines) == 12
    assert not [line for line in lines if "broken" in line]
    assert not left


def test_what_comes_from_outside_costs_nothing_that_lasts():
    """Malformed bytes, greedy clients, cells of 100 MB, odd directories, faults of a pool."""
    lines, left = torture.run(abuses=0, seed=6, malformed=200, greedy=20, faults=20)
    assert not [line for line in lines if "broken" in line]
    (before, after) = next(line["memory"] for line in lines if "memory" in line)
    assert after <= torture.MEMORY * before, f"{before} bytes before, {after} after"
    assert len(lines) == 1 + 1 + 5 + 3 + 20 + 1 + 1, "of each kind, and the memory"
    assert not left
