"""The table of what every notebook cost: a small project, built for real."""

import json
import os
import time
import warnings
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.cmd.build import build_main

ROOT = Path(__file__).resolve().parents[2]

CONF = """
extensions = ["myst_nb", "execution_report"]
nb_execution_mode = "off"
exclude_patterns = ["_build"]
"""


class Project:
    """A report, and three notebooks listed after it."""

    def __init__(self, root: Path):
        self.root = root
        (root / "conf.py").write_text(CONF)
        names = ["report", "pages/second", "pages/first", "pages/third"]
        contents = "\n".join(names)
        (root / "index.md").write_text(f"# Start\n\n```{{toctree}}\n{contents}\n```\n")
        (root / "report.md").write_text("# Report\n\nBefore.\n\n```{execution-report}\n```\n")
        for name in names[1:]:
            self.notebook(name, name.removeprefix("pages/").title())

    def notebook(self, name: str, title: str):
        cell = {"cell_type": "markdown", "metadata": {}, "id": "title", "source": f"# {title}"}
        content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (self.root / "pages").mkdir(exist_ok=True)
        (self.root / f"{name}.ipynb").write_text(json.dumps(content))

    def ran(self, name: str, *, python: str = "3.11", **facts):
        """Write a record as the runner does."""
        facts = {"seconds": 12.34, "peak_mib": 1234, "data": {}, "versions": {}} | facts
        facts.setdefault("date", "2026-11-02")
        path = self.root / "_build" / "runs" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"facts": facts, "depends_on": {"python": python}}))

    def build(self, builder: str = "html"):
        command = ["-W", "-q", "--keep-going", "-b", builder, str(self.root)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of Sphinx; what it says of the pages counts
            assert build_main([*command, str(self.root / "_build" / builder)]) == 0

    def page(self) -> BeautifulSoup:
        self.build()
        text = (self.root / "_build/html/report.html").read_text()
        return BeautifulSoup(text, "html.parser")

    def tables(self) -> list[list[list[str]]]:
        tables = self.page().select("table")
        return [
            [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in t.select("tr")]
            for t in tables
        ]


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "_ext")
    return Project(tmp_path)


def test_rows_in_reading_order_with_a_total(project):
    project.ran("pages/first", seconds=2.0, data={"mnist": "real", "imdb": "stand-in"})
    project.ran("pages/second", seconds=1000.5, peak_mib=900)
    project.ran("pages/third", seconds=3.25, peak_mib=300)
    costs, _ = project.tables()
    assert costs == [
        ["Notebook", "Run time, s", "Peak memory, MiB", "Data"],
        ["Second", "1,000.5", "900", "–"],
        ["First", "2.0", "1,234", "mnist: real, imdb: stand-in"],
        ["Third", "3.2", "300", "–"],
        ["3 of 3 notebooks, times added up", "1,005.8", "at most 1,234", ""],
    ]


def test_rows_lead_to_their_pages(project):
    project.ran("pages/first")
    links = {a.get_text(): a["href"] for a in project.page().select("table a")}
    assert links["First"] == "pages/first.html"
    assert len(links) == 3


def test_versions_days_and_machines_are_counted(project):
    project.ran("pages/first", versions={"numpy": "2.4.6"}, cores=2)
    project.ran("pages/second", versions={"numpy": "2.4.6"}, cores=2, date="2026-11-03")
    project.ran("pages/third", versions={"numpy": "2.3.0"}, cores=4, python="3.12")
    _, conditions = project.tables()
    assert conditions[0] == ["What", "Which", "Notebooks"]
    rows = [
        ["Python", "3.11", "2"],
        ["Python", "3.12", "1"],
        ["numpy", "2.3.0", "1"],
        ["numpy", "2.4.6", "2"],
        ["processor cores", "2", "2"],
        ["processor cores", "4", "1"],
        ["day of the run", "2026-11-02", "2"],
        ["day of the run", "2026-11-03", "1"],
    ]
    assert sorted(conditions[1:]) == sorted(rows)


def test_processor_time_is_shown_where_it_was_measured(project):
    project.ran("pages/first", cpu_seconds=5.55)
    project.ran("pages/second")
    costs, _ = project.tables()
    assert costs[0][1:3] == ["Run time, s", "Processor time, s"]
    assert [row[2] for row in costs[1:]] == ["–", "5.5", "not run", "–"]


def test_what_has_not_run_is_said(project):
    project.ran("pages/third")
    costs, conditions = project.tables()
    assert costs[1] == ["Second", "not run", "–", "–"]
    assert costs[-1][0].startswith("1 of 3")
    assert conditions[1] == ["Python", "3.11", "1"]


def test_before_any_run_there_is_a_sentence(project):
    assert "No notebook has run yet" in project.page().get_text()
    assert len(project.tables()) == 1


def test_a_newer_run_reaches_the_page(project):
    project.ran("pages/first", seconds=1.0)
    assert project.tables()[0][2][1] == "1.0"
    project.ran("pages/first", seconds=77.0)
    assert project.tables()[0][2][1] == "77.0"


def test_a_new_title_and_a_new_page_reach_the_page(project):
    project.tables()
    project.notebook("pages/first", "Renamed")
    project.notebook("pages/fourth", "Fourth")
    index = project.root / "index.md"
    index.write_text(index.read_text().replace("third", "third\npages/fourth"))
    titles = [row[0] for row in project.tables()[0]]
    assert titles[1:5] == ["Second", "Renamed", "Third", "Fourth"]


def test_an_unchanged_book_is_not_written_again_another_order_is(project):
    project.ran("pages/first")
    order = project.root / "_toc.yml"
    order.write_text("")
    project.build()
    report = project.root / "_build/html/report.html"
    first = report.stat().st_mtime_ns
    project.build()
    assert report.stat().st_mtime_ns == first
    later = time.time() + 9
    os.utime(order, (later, later))
    project.build()
    assert report.stat().st_mtime_ns > first


def test_the_directive_can_go_away_again(project):
    project.tables()
    (project.root / "report.md").write_text("# Report\n\nBefore.\n")
    assert project.page().select("table") == []


def test_other_builders_have_the_table(project):
    project.ran("pages/first", seconds=8.75)
    project.build("text")
    assert "8.8" in (project.root / "_build/text/report.txt").read_text()
