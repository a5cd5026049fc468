"""The line of one page, quoted on another: a small project, built for real."""

import json
import warnings
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.cmd.build import build_main

ROOT = Path(__file__).resolve().parents[2]

CONF = """
extensions = ["myst_nb", "page_facts", "measured_times"]
nb_execution_mode = "off"
exclude_patterns = ["_build"]
"""


class Project:
    """A guide that quotes two pages, listed before them."""

    def __init__(self, root: Path):
        self.root = root
        self.write("conf.py", CONF)
        pages = ["chapters/guide", "chapters/xor", "chapters/reference/words"]
        self.write("index.md", "# Start\n\n```{toctree}\n" + "\n".join(pages) + "\n```\n")
        self.write("chapters/xor.md", "# XOR\n\n" + 600 * "word ")
        self.write("chapters/reference/words.md", "# Words\n\nA list.\n")
        self.guide("chapters/xor", "chapters/reference/words")

    def write(self, name: str, text: str):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def guide(self, *pages: str):
        marks = "\n".join(f"```{{measured-time}} {page}\n```\n" for page in pages)
        self.write("chapters/guide.md", f"# Guide\n\n## One\n\n{marks}\nAfter.\n")

    def ran(self, **facts):
        facts = {"seconds": 57.8, "peak_mib": 512, "data": {}, "versions": {}} | facts
        facts.setdefault("date", "2026-11-02")
        self.write("_build/runs/chapters/xor.json", json.dumps({"facts": facts}))

    def build(self, *, strict: bool = True) -> int:
        command = ["-W"] * strict + ["-q", "-b", "html", str(self.root)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of Sphinx; what it says of the pages counts
            return build_main([*command, str(self.root / "_build" / "html")])

    def lines(self) -> list[BeautifulSoup]:
        assert self.build() == 0
        text = (self.root / "_build/html/chapters/guide.html").read_text()
        return BeautifulSoup(text, "html.parser").select("section section p.page-facts")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "_ext")
    return Project(tmp_path)


def test_link_reading_and_running_without_day_and_versions(project):
    project.ran(data={"mnist": "real"}, versions={"keras": "3.15"})
    line = project.lines()[0]
    assert line.get_text() == (
        "XOR · about 3 minutes to read · runs in 58 s · at most 0.5 GiB of memory"
        " · data: mnist, real"
    )
    assert line.a["href"] == "xor.html"


def test_a_page_that_has_not_run_has_its_reading_time(project):
    assert project.lines()[0].get_text() == "XOR · about 3 minutes to read"


def test_a_page_without_a_line_is_only_linked(project):
    line = project.lines()[1]
    assert line.get_text() == "Words"
    assert line.a["href"] == "reference/words.html"


def test_a_newer_run_reaches_the_guide(project):
    project.ran(seconds=10.2)
    assert "runs in 10 s" in project.lines()[0].get_text()
    project.ran(seconds=20.2)
    assert "runs in 20 s" in project.lines()[0].get_text()


def test_a_longer_page_reaches_the_guide(project):
    project.lines()
    project.write("chapters/xor.md", "# XOR again\n\n" + 1200 * "word ")
    assert project.lines()[0].get_text() == "XOR again · about 6 minutes to read"


def test_an_unknown_page_stops_the_strict_build(project, capsys):
    project.guide("chapters/xro")
    assert project.build() != 0
    assert "'chapters/xro' is no page of the book" in capsys.readouterr().err


def test_the_directive_can_go_away_again(project):
    project.lines()
    project.write("chapters/guide.md", "# Guide\n\n## One\n\nNothing.\n")
    assert project.lines() == []
