"""The tables of what a class costs: a small project, built for real."""

import json
import warnings
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.cmd.build import build_main

ROOT = Path(__file__).resolve().parents[2]

CONF = """
extensions = ["myst_nb", "class_costs"]
nb_execution_mode = "off"
exclude_patterns = ["_build"]
"""
MIB = {"hub": 200, "server_pss": 100, "server_rss": 124, "kernel_pss": 300, "kernel_rss": 500}
MEASURED = {
    "page": "pages/light",
    "mib": MIB | {"home": 32, "environment": 2048},
    "with_their_processes": {"pages/many": 1000},
}


class Project:
    """A page for instructors, and three notebooks."""

    def __init__(self, root: Path):
        self.root = root
        self.write("conf.py", CONF)
        names = ["room", "pages/light", "pages/many", "pages/heavy"]
        self.write("index.md", "# Start\n\n```{toctree}\n" + "\n".join(names) + "\n```\n")
        self.write("tools/hub/memory.json", json.dumps(MEASURED))
        for name in names[1:]:
            title = name.removeprefix("pages/").title()
            cell = {"cell_type": "markdown", "metadata": {}, "id": "a", "source": f"# {title}"}
            content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
            self.write(f"{name}.ipynb", json.dumps(content))

    def write(self, name: str, text: str):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def ran(self, name: str, peak_mib: int, **facts):
        content = {"facts": {"peak_mib": peak_mib, "seconds": 1} | facts}
        self.write(f"_build/runs/pages/{name}.json", json.dumps(content))

    def build(self, asked: str) -> int:
        self.write("room.md", f"# Room\n\n```{{class-costs}} {asked}\n```\n")
        command = ["-W", "-q", "-b", "html", str(self.root), str(self.root / "_build/html")]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of Sphinx; what it says of the pages counts
            return build_main(command)

    def page(self, asked: str) -> BeautifulSoup:
        assert self.build(asked) == 0
        text = (self.root / "_build/html/room.html").read_text()
        return BeautifulSoup(text, "html.parser").select_one("section")

    def rows(self, asked: str) -> dict[str, list[str]]:
        rows = [
            [" ".join(cell.get_text().split()) for cell in row.select("th, td")]
            for row in self.page(asked).select("tr")
        ]
        return {row[0]: row[1:] for row in rows}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "_ext")
    project = Project(tmp_path)
    project.ran("light", 400, cpu_seconds=10)
    project.ran("many", 300, cpu_seconds=20)
    project.ran("heavy", 900, cpu_seconds=1200)
    return project


def test_one_learner_on_the_heaviest_page_with_its_processes(project):
    rows = project.rows("learner")
    assert rows["JupyterLab's server"] == ["124 MiB", "100 MiB"]
    assert rows["A kernel that has run Light"] == ["500 MiB", "300 MiB"]
    assert rows["The usual page (median of all)"] == ["900 MiB", "–"]
    assert rows["The heaviest page, Many"] == ["1,000 MiB", "–"]
    assert rows["The heaviest page and JupyterLab"] == ["1,124 MiB", "–"]
    assert rows["Left of 2 GB"] == ["783 MiB", "–"]


def test_a_measured_page_that_the_book_has_left_out_is_only_named(project):
    gone = MEASURED | {"page": "pages/gone"}
    project.write("tools/hub/memory.json", json.dumps(gone))
    assert "A kernel that has run pages/gone" in project.rows("learner")


def test_pages_are_linked(project):
    links = {link.get_text(): link["href"] for link in project.page("learner").select("td a")}
    assert links == {"Light": "pages/light.html", "Many": "pages/many.html"}


def test_classes_need_as_much_as_all_their_learners(project):
    rows = project.rows("10 100")
    assert rows["What"] == ["10 learners", "100 learners"]
    # 200 MiB for the hub, and 124 + 900 MiB for each learner
    assert rows["Memory, everybody on the usual page"] == ["10 GiB", "100 GiB"]
    assert rows["Memory, everybody on the heaviest page"] == ["11 GiB", "110 GiB"]
    # 20 s, then 1200 s, of work for each learner within 300 s
    assert rows["Cores, everybody runs the usual page"] == ["1", "7"]
    assert rows["Cores, everybody runs the longest page"] == ["40", "400"]
    assert rows["Disk for the environment, once a machine"] == ["2 GiB", "2 GiB"]
    assert rows["Disk for the homes, as pulled and run"] == ["1 GiB", "3 GiB"]


def test_without_processor_times_no_cores_are_promised(project):
    for name in ("light", "many", "heavy"):
        project.ran(name, 100)
    assert project.rows("10")["Cores, everybody runs the usual page"] == ["–"]


def test_a_newer_run_reaches_the_page(project):
    project.rows("learner")
    project.ran("heavy", 1400)
    assert project.rows("learner")["The heaviest page, Heavy"] == ["1,400 MiB", "–"]


def test_before_the_first_run_the_page_says_so(project):
    for record in (project.root / "_build/runs/pages").iterdir():
        record.unlink()
    assert "No notebook has run yet" in project.page("30 300").get_text()


@pytest.mark.parametrize("asked", ["lerner", "30 many", "0"])
def test_an_argument_that_means_nothing_stops_the_build(project, asked, capsys):
    assert project.build(asked) != 0
    assert "class-costs takes 'learner' or numbers of learners" in capsys.readouterr().err
