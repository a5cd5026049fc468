"""The book build: strict, and a failed build stays failed."""

import shutil
from pathlib import Path

import build_book
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parents[2]
FINE = new_code_cell("1 + 1")


@pytest.fixture
def root(tmp_path):
    """A book of two pages with the course's own settings and extensions."""
    for name in (
        "_config.yml",
        "_ext",
        "_static",
        "_vendor",
        "interactive",
        "references.bib",
        "CITATION.cff",
    ):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    (tmp_path / "requirements.lock").write_text("")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: chapters/page\n"
    )
    (tmp_path / "index.md").write_text("# Start\n\nA formula: $x^2$.\n")
    write(tmp_path, new_code_cell("print(6 * 7)"))
    return tmp_path


def write(root: Path, *cells, text: str = "# Page\n\nWords.") -> None:
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    (root / "chapters").mkdir(exist_ok=True)
    notebook = new_notebook(cells=[new_markdown_cell(text), *cells], metadata=metadata)
    nbformat.write(notebook, root / "chapters" / "page.ipynb")


def html(root: Path, name: str = "chapters/page") -> str:
    return (root / "_build" / "html" / f"{name}.html").read_text()


def test_good_book_is_built_with_outputs_formulas_and_costs(root, capsys, monkeypatch):
    monkeypatch.setattr(build_book, "make_downloads", lambda root: 0)
    assert build_book.main(root) == 0
    assert "42" in html(root)
    assert "minute to read · runs in" in html(root)
    assert "<math " in html(root, "index")
    for name in ("chapters/page", "index"):
        assert '<p class="downloads"></p>' in html(root, name)
    assert (root / "_build/html/index.html").as_uri() in capsys.readouterr().out


def test_new_outputs_reach_the_page_although_its_source_is_the_same(root):
    write(root, new_code_cell("from pathlib import Path\nprint(Path('number').read_text())"))
    (root / "chapters" / "number").write_text("first result")
    assert build_book.build(root) == 0
    (root / "chapters" / "number").write_text("second result")
    build_book.Store(root).forget(Path("chapters/page.ipynb"))
    assert build_book.build(root) == 0
    assert "second result" in html(root)


def test_new_styles_and_extensions_reach_a_site_whose_pages_are_the_same(root):
    assert build_book.build(root) == 0
    with (root / "_static" / "site.css").open("a") as styles:
        styles.write("/* a new rule */\n")
    extension = root / "_ext" / "page_facts.py"
    extension.write_text(extension.read_text().replace("to read", "to read slowly"))
    assert build_book.build(root) == 0
    assert "a new rule" in (root / "_build/html/_static/site.css").read_text()
    assert "to read slowly" in html(root)


@pytest.mark.parametrize(
    ("cells", "text", "words"),
    [
        ([FINE], "# Page\n\nSee {ref}`ch-nowhere`.", "ch-nowhere"),
        ([FINE], "# Page\n\n$\\frac{1}$", "KaTeX cannot read"),
        ([FINE], "# Page\n\n![plot](../_static/logo.svg)", "alt text"),
        ([new_code_cell("1 / 0")], "# Page\n\nWords.", "ZeroDivisionError"),
    ],
    ids=["dead-reference", "bad-formula", "no-alt-text", "failing-cell"],
)
def test_bad_book_fails_and_an_unchanged_second_build_fails_too(root, capsys, cells, text, words):
    write(root, *cells, text=text)
    for _ in range(2):
        assert build_book.build(root) == 1
        assert words in capsys.readouterr().out
        assert not (root / "_build" / "html").exists()
