"""Settings of nbgrader for the assignments of this course."""

import os

from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    OverwriteCells,
    OverwriteKernelspec,
)


class RestoreCells(OverwriteCells):
    """Put graded cells that a student has deleted back, at the end of the notebook.

    nbgrader looks for the place where they were, and fails if the cell above them is gone too. Here
    the place does not matter: a test asks for an answer by its name.
    """

    def add_missing_grade_cells(self, nb, resources):
        """Append the missing cells in their order."""
        there = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells}
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        graded = {cell.name: cell.max_score for cell in source.grade_cells}
        editable = {cell.name for cell in source.solution_cells}
        for cell in source.source_cells:
            if cell.name in graded and cell.name not in there:
                points, text = graded[cell.name], cell.name in editable
                restored = self.missing_cell_transform(cell, points, is_solution=text)
                restored["id"] = cell.name
                nb.cells.append(restored)
        return nb, resources


c = get_config()  # noqa: F821, nbgrader defines it
c.CourseDirectory.course_id = "neural_networks"
# The answer cells keep their dots; nothing more is needed in place of a solution.
c.ClearSolutions.code_stub = {"python": ""}
c.ClearSolutions.text_stub = "*Write your answer here.*"
c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    DeduplicateIds,
    OverwriteKernelspec,
    RestoreCells,
    CheckCellMetadata,
]
c.RestoreCells.add_missing_cells = True
c.RestoreCells.missing_cell_notification = ""  # a changed cell would no longer count as empty
# Seconds for one cell. A cell that takes longer is interrupted, and the rest goes on.
c.Execute.timeout = 120
# Modules that came with a submission are not imported.
c.Execute.extra_arguments = ["--IPKernelApp.ignore_cwd=True"]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's log is no error of a student
