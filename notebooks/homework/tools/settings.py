"""How nbgrader is set for notebooks in Rust. The course's nbgrader_config.py calls it.

nbgrader executes nothing: cells have run in the box before (mark.py). Here their outputs
are put into the notebook, and what a student may see of them into the feedback.
"""

import json
import os
import re
from pathlib import Path

import cells
from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbformat import from_dict
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    GetGrades,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)


def results(resources: dict) -> Path:
    """What mark.py found out of this submission."""
    told = resources["nbgrader"]
    course = Path(told["db_url"].removeprefix("sqlite:///")).parent
    return course / "results" / told["assignment"] / f"{told['student']}.json"


class Outputs(NbGraderPreprocessor):
    """In the place of nbgrader's own execution: the outputs of the box."""

    def preprocess(self, nb, resources):
        result = json.loads(results(resources).read_text())
        ran = {cell.get("id"): cell for cell in result["notebook"]["cells"]}
        for cell in nb.cells:
            found = ran.get(cell.get("id"))
            if found is None or found["source"] != cell.source:
                raise ValueError(f"{cell.get('id')} is not the cell that was run")
            if cell.cell_type == "code":
                cell.outputs = [from_dict(output) for output in found["outputs"]]
        return nb, resources


class HideHidden(NbGraderPreprocessor):
    """For feedback: checks as they were handed out. The card names hidden checks and tells no
    more; what the compiler says quotes them, so only its first line is kept."""

    def preprocess_cell(self, cell, resources, index):
        if cells.is_check(cell):
            cell.source = cells.without_hidden(cell.source)
            for output in cell.outputs:
                if output.output_type == "error":
                    output.evalue = first_line(output.evalue)
                    output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources


def first_line(text: str) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return (plain.strip().splitlines() or [""])[0]


def configure(c, course: str) -> None:
    c.CourseDirectory.root = course
    c.CourseDirectory.course_id = "potok"
    # A semicolon, so that a stub can stand in the middle of a function.
    c.ClearSolutions.code_stub = {"rust": "todo!();"}
    # As in the sources of the language that is released: see `course.with_questions`.
    c.ClearSolutions.text_stub = (
        "*Ваш ответ\N{NO-BREAK SPACE}— здесь.*" if os.environ.get("IN") == "ru"
        else "*Your answer here.*"
    )
    c.FileNameCollectorPlugin.named_regexp = cells.SUBMISSION
    c.Autograde.autograde_preprocessors = [
        Outputs,
        ClearMetadataPreprocessor,
        LimitOutput,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    # No number of a check's card is cut.
    c.LimitOutput.max_lines = 2000
    c.LimitOutput.max_traceback = 200
    c.GenerateFeedback.preprocessors = [GetGrades, HideHidden, CSSHTMLHeaderPreprocessor]
