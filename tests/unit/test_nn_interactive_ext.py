"""The extension that puts the laboratories on pages: small projects, built for real."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CONF = """
import sys
sys.path.insert(0, "_ext")
extensions = ["myst_nb", "nn_interactive"]
nb_execution_mode = "off"
exclude_patterns = ["interactive", "_ext", "_build"]
"""
GOOD = """# With

```{nn-playground}
:id: lab
:preset: moons-l2
:layers: 4,2
:label: My laboratory

Shown on *paper*.
```

Try {nn-try}`one unit <lab: layers=1; lr=0.00001>`, {nn-try}`zeros <lab: preset=zeros>`
and {nn-try}`the start <lab: preset=moons-l2; layers=4,2>`.
"""


class Project:
    """A copy of the extension and the laboratories, and pages around them."""

    def __init__(self, root: Path):
        self.root = root
        shutil.copytree(ROOT / "interactive", root / "interactive")
        (root / "_ext").mkdir()
        for name in ("nn_interactive.py", "shrink.py"):
            shutil.copy(ROOT / "_ext" / name, root / "_ext")
        (root / "conf.py").write_text(CONF)
        self.write("index.md", "# Without\n\n```{toctree}\nwith\n```\n")
        self.write("with.md", GOOD)

    def write(self, name: str, text: str):
        (self.root / name).write_text(text)

    def build(self, builder: str = "html"):
        command = [sys.executable, "-m", "sphinx", "-W", "-q", "--keep-going", "-b", builder]
        return subprocess.run(
            [*command, ".", f"_build/{builder}"], cwd=self.root, capture_output=True, text=True,
            timeout=120, env=os.environ | {"NO_COLOR": "1"},
        )  # fmt: skip

    def page(self, name: str = "with.html") -> str:
        done = self.build()
        assert done.returncode == 0, done.stderr
        return (self.root / "_build/html" / name).read_text()

    def problems(self, text: str) -> str:
        """Build with a page that must fail, and return what was said."""
        self.write("with.md", text)
        done = self.build()
        assert done.returncode != 0
        return done.stderr


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_page_has_element_fallback_links_and_one_deferred_script(project):
    page = project.page()
    start = page[page.index("<nn-playground") :]
    opening = start[: start.index(">")]
    for attribute in ('id="lab"', 'l2="0.01"', 'layers="4,2"', 'n="30"', 'label="My laboratory"'):
        assert attribute in opening
    fallback = start[: start.index("</nn-playground>")]
    assert '<div class="nn-fallback">' in fallback
    assert "<em>paper</em>" in fallback
    links = dict(re.findall(r'<a class="nn-try[^"]*" href="([^"]*)">([^<]*)</a>', page))
    assert links["#lab=layers:1;lr:0.00001"] == "one unit"
    assert links["#lab="] == "the start"
    [zeros] = [address for address, words in links.items() if words == "zeros"]
    changes = dict(pair.split(":") for pair in zeros.removeprefix("#lab=").split(";"))
    assert changes["init"] == "zeros"
    assert changes["l2"] == "0"  # a preset is a whole state
    assert len(re.findall(r"<script[^>]*nn\.js", page)) == 1
    assert re.search(r'<script defer="defer" src="_static/nn\.js', page)
    assert len(re.findall(r"<link[^>]*nn\.css", page)) == 1
    for name in ("index.html", "search.html", "genindex.html"):
        other = (project.root / "_build/html" / name).read_text()
        assert "nn.js" not in other
        assert "nn.css" not in other


def test_every_laboratory_in_the_settings_has_a_directive(project):
    settings = json.loads((ROOT / "interactive/settings.json").read_text())
    parts = [f"```{{nn-{element}}}\nBody.\n```\n" for element in settings]
    project.write("with.md", "\n".join(["# All\n", *parts]))
    page = project.page()
    assert all(page.count(f'<nn-{element} id="{element}"') == 1 for element in settings)
    assert len(re.findall(r"<script[^>]*nn\.js", page)) == 1


def test_markdown_cell_of_a_notebook(project):
    (project.root / "with.md").unlink()
    cells = [
        {"cell_type": "markdown", "metadata": {}, "id": f"cell{i}", "source": text}
        for i, text in enumerate(GOOD.split("Try", 1))
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    project.write("with.ipynb", json.dumps(notebook))
    page = project.page()
    assert page.count("<nn-playground") == 1
    assert 'href="#lab=layers:1;lr:0.00001"' in page


WRONG = {
    "unknown option": (":id: {}\n:speed: 3", "speed"),
    "wrong choice": (":id: {}\n:data: sun", "data must be one of xor, .*got 'sun'"),
    "wrong number": (":id: {}\n:lr: fast", "lr must be a number .*got 'fast'"),
    "beyond the limit": (":id: {}\n:layers: 17", "layers must be 0, or up to 4 numbers"),
    "empty value": (":id: {}\n:act:", "act must be one of linear, .*got ''"),
    "wrong preset": (":id: {}\n:preset: sun", "preset must be one of xor-0, .*'sun'"),
    "wrong id": (":id: My lab", "id must be small letters.*'My lab'"),
}


def test_wrong_directives_fail_with_file_and_line(project):
    text = "# With\n"
    lines = {}
    for case, (head, _) in WRONG.items():
        lines[case] = text.count("\n") + 2
        text += f"\n```{{nn-playground}}\n{head.format(case.replace(' ', '-'))}\n\nBody.\n```\n"
    said = project.problems(text)
    for case, (_, words) in WRONG.items():
        found = re.search(rf"with\.md:{lines[case]}: (WARNING|ERROR): .*{words}", said)
        assert found, (case, said)


def test_directive_without_fallback_fails(project):
    said = project.problems("# With\n\n```{nn-playground}\n:id: lab\n```\n")
    assert re.search(r"with\.md:3: (WARNING|ERROR): .*(?i:content)", said), said


LINKS = {
    "unknown id": ("nn: lr=1", "one of lab; got 'nn'"),
    "unknown setting": ("lab: speed=1", "no setting 'speed'"),
    "wrong value": ("lab: lr=fast", "lr must be a number"),
    "wrong preset": ("lab: preset=sun", "preset must be one of"),
    "given twice": ("lab: lr=1; lr=2", "given once"),
    "nothing given": ("lab:", "at least one"),
}


def test_wrong_links_fail_with_file_and_line(project):
    text = GOOD
    lines = {}
    for case, (target, _) in LINKS.items():
        lines[case] = text.count("\n") + 2
        text += f"\nNow {{nn-try}}`this <{target}>`.\n"
    said = project.problems(text)
    for case, (_, words) in LINKS.items():
        found = re.search(rf"with\.md:{lines[case]}: WARNING: nn-try: .*{words}", said)
        assert found, (case, said)


def test_an_id_taken_twice_fails(project):
    said = project.problems(GOOD + "\n```{nn-playground}\n:id: lab\n\nAgain.\n```\n")
    assert re.search(r"with\.md:\d+: WARNING: the id 'lab' is taken", said), said


@pytest.mark.parametrize("name", ["src/ui.mjs", "nn.css"])
def test_a_changed_source_reaches_the_page(project, name):
    before = project.page()
    changed = project.root / "interactive" / name
    text = changed.read_text()
    more = {
        "src/ui.mjs": 'console.info("added by the test");\n',
        "nn.css": ".added-by-the-test { margin: 1px }\n",
    }
    changed.write_text(text + more[name])
    later = changed.stat().st_mtime + 10
    os.utime(changed, (later, later))
    after = project.page()
    link = re.compile(r"_static/nn\.(?:js|css)\?v=\w+")
    assert set(link.findall(before)) != set(link.findall(after))  # no browser keeps the old one
    served = "".join(p.read_text() for p in (project.root / "_build/html/_static").glob("nn.*"))
    assert re.search("added.by.the.test", served)


def test_other_builders_keep_the_body(project):
    done = project.build("text")
    assert done.returncode == 0, done.stderr
    text = (project.root / "_build/text/with.txt").read_text()
    assert "Shown on *paper*." in text
    assert "nn-playground" not in text
