"""Glossary terms: the first mention on a page becomes a link with the definition."""

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from run_notebooks import ROOT

sys.path.insert(0, str(ROOT / "_ext"))

from glossary_links import Entry, Finder

CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "_ext")!r})
extensions = ["myst_parser", "sphinx_exercise", "glossary_links"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
exclude_patterns = ["_build"]
glossary_other_senses = ["step", "unit matrix"]
"""
GLOSSARY = """# Words

:::{glossary}
:sorted:

Adam
  An {term}`optimiser` with *two* means; it divides "by hand".

  Introduced elsewhere.

batch
batch size
  The number of samples that go through together.

optimiser
optimizer
  What takes a {term}`step`.

step
  One update.

unit
neuron
  A weighted sum and a bend.
:::
"""
PAGE = """# The optimiser

Optimisers move. An optimizer moves again, and so does Adam the man; adam is nobody.

A `unit` in $unit$, a [unit](https://example.org) and the unit matrix; units come last.

```
a batch
```

| batch |
| --- |
| batch |

<details class="quick-question">
<summary><strong>Quick question.</strong> A batch?<br>(a) 3<br>(b) 4</summary>

(a) Wrong: the batch.

(b) Right: count.

</details>

:::{exercise}
:label: ex
Take a step.
:::

:::{solution} ex
The batch.
:::

## References

A paper on the batch.
"""


def write(folder: Path) -> Path:
    files = {"conf.py": CONF, "words.md": GLOSSARY, "part/page.md": PAGE}
    files["index.md"] = "# Start\n\n```{toctree}\nwords\npart/page\n```\n\nNo word of it.\n"
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def project(tmp_path):
    return write(tmp_path)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = write(tmp_path_factory.mktemp("built"))
    assert build(folder) == ""
    return folder


def build(project: Path) -> str:
    """Build the project and return what it complained about."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "_build"],
        cwd=project, capture_output=True, text=True, timeout=120, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


def links(project: Path, name: str = "part/page") -> list:
    page = BeautifulSoup((project / "_build" / f"{name}.html").read_text(), "html.parser")
    return page.select("a.glossary-term")


def test_first_mentions_in_prose_are_linked_once_per_entry(built):
    assert [(a.get_text(), a["href"]) for a in links(built)] == [
        ("Optimisers", "../words.html#term-optimiser"),
        ("Adam", "../words.html#term-Adam"),
        ("units", "../words.html#term-unit"),
    ]


def test_links_carry_the_first_paragraph_of_the_definition(built):
    said = links(built)[1]["data-definition"]
    assert said == "An optimiser with two means; it divides “by hand”."


def test_a_term_that_the_author_marks_is_linked_whatever_else_it_means(project):
    page = project / "part/page.md"
    page.write_text(PAGE.replace("come last", "take a {term}`step`, a {term}`step`"))
    build(project)
    marked = [a for a in links(project) if a["href"].endswith("#term-step")]
    assert [a["data-definition"] for a in marked] == ["One update."] * 2


def test_the_glossary_and_pages_without_terms_need_no_script(built):
    assert links(built, "words") == links(built, "index") == []
    for page, times in {"part/page": 1, "words": 0, "index": 0}.items():
        html = (built / "_build" / f"{page}.html").read_text()
        assert len(re.findall(r'<script[^>]*defer="defer"[^>]*glossary\.js', html)) == times


def test_no_more_than_two_links_in_a_paragraph(project):
    page = project / "part/page.md"
    page.write_text("# A\n\nAn optimiser, Adam, units, a batch size.\n\nUnits and a batch size.\n")
    build(project)
    assert [a.get_text() for a in links(project)] == ["optimiser", "Adam", "Units", "batch size"]


def test_pages_are_written_anew_when_a_definition_changed(project):
    build(project)
    (project / "words.md").write_text(GLOSSARY.replace("A weighted sum", "A sum"))
    assert build(project) == ""
    assert links(project)[2]["data-definition"] == "A sum and a bend."


def test_a_sense_that_no_term_has_is_a_warning(project):
    (project / "conf.py").write_text(CONF.replace("unit matrix", "identity matrix"))
    assert "glossary_other_senses: no term of the glossary is in: identity matrix" in build(project)


def test_the_script_is_small(built):
    assert len(gzip.compress((built / "_build/_static/glossary.js").read_bytes())) < 2048


def entry(*terms: str) -> Entry:
    return Entry("words", terms[0], terms, "")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("batches of one batch size", ["batches", "batch size"]),
        ("mini-batch and batch-wise and batched", []),
        ("Penalties, BATCH", ["Penalties", "BATCH"]),
        ("he said; He et al.", ["He"]),
        ("Hebb’s rule", ["Hebb’s rule"]),
        ("the batch\nsize", ["batch\nsize"]),
    ],
)
def test_forms_of_a_term(text, found):
    finder = Finder([entry(t) for t in ("batch", "batch size", "penalty", "He", "Hebb's rule")], [])
    assert [text[start:end] for start, end, _ in finder.find(text)] == found
