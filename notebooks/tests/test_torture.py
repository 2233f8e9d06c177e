"""A few abuses of a real kernel; `make torture` does 200."""

import torture


def test_after_each_abuse_a_fresh_cell_answers_and_at_the_end_nothing_is_left():
    lines, left = torture.run(abuses=12, seed=5)
    assert len(lines) == 12
    assert not [line for line in lines if "broken" in line]
    assert not left
