"""Two runs of a page: what must be the same, and what need not."""

from pathlib import Path

import nbformat
import pytest
from check_repeat import repeat
from nbformat.v4 import new_code_cell, new_notebook
from run_notebooks import Store, run

PAGE = Path("page.ipynb")


def write(root: Path, source: str, tags=()) -> None:
    cell = new_code_cell(source, metadata={"tags": list(tags)})
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(new_notebook(cells=[cell], metadata=metadata), root / PAGE)


@pytest.fixture(autouse=True)
def lock(tmp_path):
    (tmp_path / "requirements.lock").write_text("numpy==2.0\n")


CHANCE = "import random\nrandom.random()"


def test_chance_is_found(tmp_path):
    write(tmp_path, CHANCE)
    (found,) = repeat(PAGE, tmp_path)
    assert "first" in found


def test_seeded_chance_addresses_and_temporary_folders_are_the_same(tmp_path):
    chance = "import random, tempfile\nrandom.seed(1)\nprint(object(), tempfile.mkdtemp())"
    write(tmp_path, f"{chance}\nrandom.random()")
    assert repeat(PAGE, tmp_path) == []


def test_a_tagged_cell_may_vary(tmp_path):
    write(tmp_path, CHANCE, tags=["varies"])
    assert repeat(PAGE, tmp_path) == []


def test_a_page_that_fails_does_not_pass(tmp_path):
    write(tmp_path, "1 / 0")
    (found,) = repeat(PAGE, tmp_path)
    assert "ZeroDivisionError" in found


def test_the_run_that_the_book_shows_is_the_first(tmp_path, capsys):
    write(tmp_path, CHANCE)
    assert run([PAGE], jobs=1, store=Store(tmp_path)) == 0
    (shown,) = Store(tmp_path).executed(PAGE).cells[0].outputs
    (found,) = repeat(PAGE, tmp_path)
    assert f"first  {[shown.data['text/plain']]}" in found
