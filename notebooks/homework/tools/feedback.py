"""Makes a page for each graded submission: the cells, the cards, staff's comments. Hidden
tests are not in it (settings.HideHidden).

    feedback.py
"""

import sys

import course
import grade


def main() -> int:
    every = [each for each in grade.collected() if each.result.is_file()]
    if not every:
        raise SystemExit("feedback: nothing is graded yet: make grade SUBMISSIONS=dir")
    api = grade.nbgraders()
    failed = 0
    for each in every:
        said = api.generate_feedback(each.homework, each.student, force=True)
        if not said["success"]:
            print(f"feedback: {each.homework} {each.student}: {said['log']}", file=sys.stderr)
            failed += 1
    print(f"{course.COURSE / 'feedback'}: {len(every) - failed} pages, in <student>/<homework>")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
