"""Every student copy, run: placeholders stay open, the sources' own solutions pass."""

import nbformat
import pytest
from run_notebooks import execute, pages_in_toc
from student_copies import solved


@pytest.mark.parametrize("page", pages_in_toc(), ids=lambda page: page.stem)
def test_solved_copy_passes_and_the_placeholders_do_not(page, tmp_path):
    copy = tmp_path / page.name
    nbformat.write(solved(page), copy)
    (tmp_path / "requirements.lock").write_text("")
    ok, log, _, _ = execute(copy.relative_to(tmp_path), root=tmp_path, offline=False)
    assert ok, log
