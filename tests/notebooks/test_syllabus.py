"""The instructors' pages: plans that add up, pages and exercises that exist, rubrics that sum."""

import math
import re
import sys
from dataclasses import dataclass
from functools import cache

import nbformat
import pytest
import yaml
from notebook_pages import ROOT, tags

sys.path.append(str(ROOT / "_ext"))
from page_facts import CODE_LINES_PER_MINUTE, WORDS_PER_MINUTE

TEACHING = ROOT / "chapters" / "instructors"
SOLUTION = r"(?s):::\{solution-start\}.*?:::\{solution-end\}"
PARTS_I_TO_IV = ("history", "fundamentals", "backprop", "tuning")
AT_HOME = "At home"
QUARTER = 15  # minutes for an exercise, and the step of all times
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve thirteen"
WORDS = NUMBERS.split(" ")
POINTS = {"twenty": 20}


def text(name: str) -> str:
    return (TEACHING / f"{name}.md").read_text(encoding="utf-8")


# -- the book ------------------------------------------------------------------------------


@dataclass(frozen=True)
class BookPage:
    """A page as the contents list it: its name, text, lines of code, exercises."""

    name: str
    text: str
    code_lines: int

    @property
    def part(self) -> str:
        return self.name.split("/")[1]

    @property
    def label(self) -> str:
        return re.search(r"^\((ch-[\w-]+)\)=", self.text, re.M)[1]

    @property
    def exercises(self) -> set[int]:
        return {int(n) for n in re.findall(r":label: ex-[\w-]+-(\d+)", self.text)}

    @property
    def reading_minutes(self) -> float:
        """Count as `page_facts` does: words and code lines, folded solutions apart."""
        words = len(re.sub(SOLUTION, "", self.text).split())
        return words / WORDS_PER_MINUTE + self.code_lines / CODE_LINES_PER_MINUTE


def book_page(name: str) -> BookPage:
    notebook = ROOT / f"{name}.ipynb"
    if not notebook.exists():
        return BookPage(name, (ROOT / f"{name}.md").read_text(encoding="utf-8"), 0)
    cells = nbformat.read(notebook, as_version=4).cells
    shown = [
        c for c in cells if c.cell_type == "code" and not {"solution", "remove-cell"} & {*tags(c)}
    ]
    prose = "\n\n".join(c.source for c in cells if c.cell_type == "markdown")
    return BookPage(name, prose, sum(c.source.count("\n") + 1 for c in shown))


@cache
def book() -> dict[str, BookPage]:
    """Return the pages of the course by label, in reading order."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    names = [chapter["file"] for part in contents["parts"] for chapter in part["chapters"]]
    pages = [book_page(name) for name in names if not name.startswith("chapters/instructors/")]
    return {page.label: page for page in pages}


def prerequisites() -> dict[str, set[str]]:
    """Return what each page builds on, by the table of the landing page."""
    rows = table_rows((ROOT / "index.md").read_text(encoding="utf-8"))
    found = [[re.findall(r"<?(ch-[\w-]+)>?`", cell) for cell in row] for row in rows]
    return {row[0][0]: set(row[2]) for row in found if len(row) == 3 and row[0]}


# -- tables --------------------------------------------------------------------------------


def table_rows(markdown: str) -> list[list[str]]:
    """Return the cells of all table rows of a text, heads and rules left out."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = {i for i, row in enumerate(rows) if all(re.fullmatch(r":?-+:?", c) for c in row)}
    return [row for i, row in enumerate(rows) if not {i, i + 1} & rules]


def minutes(time: str) -> int:
    hours, rest = re.fullmatch(r"(\d+):([0-5]\d)", time).groups()
    return 60 * int(hours) + int(rest)


@dataclass(frozen=True)
class Session:
    """A row of a plan: its name, its pages with their exercises, its times in minutes."""

    name: str
    pages: dict[str, list[int]]
    read: int
    exercises: int
    talk: int
    together: int


@dataclass(frozen=True)
class Plan:
    """A table of sessions, the stated totals, and the stated limits."""

    sessions: list[Session]
    totals: list[int]
    limit: int
    home_limit: int

    @property
    def labels(self) -> list[str]:
        return [label for session in self.sessions for label in session.pages]


def session(row: list[str]) -> Session:
    pages = {}
    for entry in row[1].split("; "):
        label, numbers = re.fullmatch(r"\{ref\}`(ch-[\w-]+)`(?: ([\d, ]+))?", entry).groups()
        pages[label] = [int(n) for n in numbers.split(", ")] if numbers else []
    return Session(row[0], pages, *map(minutes, row[2:]))


def plans(markdown: str) -> dict[str, Plan]:
    """Return the plans of the syllabus by heading."""
    found = {}
    for section in re.split(r"\n## ", markdown)[1:]:
        rows = [row for row in table_rows(section) if len(row) == 6]
        if not rows:
            continue
        limits = re.search(r"longer than (\d:\d\d).*?at most (\d:\d\d)", section, re.S)
        *sessions, last = rows
        assert last[0] == "**Sum**", last
        totals = [minutes(time.strip("*")) for time in last[2:]]
        plan = Plan([session(row) for row in sessions], totals, *map(minutes, limits.groups()))
        found[section.splitlines()[0]] = plan
    return found


# -- what may be wrong with a plan ---------------------------------------------------------


def faults(plan: Plan, pages: dict[str, BookPage], builds_on: dict[str, set[str]]) -> list[str]:
    """Return all that is wrong with a plan, in words."""
    found, taught = [], set()
    for row in plan.sessions:
        limit = plan.home_limit if row.name.startswith(AT_HOME) else plan.limit
        if row.together > limit:
            found.append(f"{row.name}: longer than its limit")
        if row.read + row.exercises + row.talk != row.together:
            found.append(f"{row.name}: the times do not add up")
        if row.exercises != QUARTER * sum(map(len, row.pages.values())):
            found.append(f"{row.name}: a quarter of an hour for each exercise")
        for label, numbers in row.pages.items():
            if label in taught:
                found.append(f"{row.name}: {label} comes twice")
            if label not in pages:
                found.append(f"{row.name}: there is no page {label}")
                continue
            taught.add(label)
            if missing := builds_on[label] - taught:
                found.append(f"{row.name}: {label} comes before {sorted(missing)}")
            if unknown := set(numbers) - pages[label].exercises:
                found.append(f"{row.name}: {label} has no exercises {sorted(unknown)}")
        known = [pages[label].reading_minutes for label in row.pages if label in pages]
        if not -QUARTER <= row.read - 1.5 * sum(known) <= 2 * QUARTER:
            found.append(f"{row.name}: {row.read} minutes to read {sum(known):.0f}")
    sums = [sum(getattr(row, name) for row in plan.sessions) for name in Session.__match_args__[2:]]
    if sums != plan.totals:
        found.append(f"the sums are {sums}, not {plan.totals}")
    return found


PLANS = plans(text("syllabus"))


def test_there_are_three_plans():
    assert list(PLANS) == ["One day", "Four weeks", "Thirteen weeks"]


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_has_no_fault(name):
    assert faults(PLANS[name], book(), prerequisites()) == []


def test_thirteen_weeks_hold_every_page_of_the_four_parts_once():
    weeks = [s for s in PLANS["Thirteen weeks"].sessions if not s.name.startswith(AT_HOME)]
    wanted = {label for label, page in book().items() if page.part in PARTS_I_TO_IV}
    taught = [label for week in weeks for label in week.pages]
    assert [week.name for week in weeks] == [word.capitalize() for word in WORDS[1:]]
    assert sorted(taught) == sorted(wanted)


# -- the finder of faults can go red -------------------------------------------------------

TRIAL = """
## Trial

No session is longer than 2:00, what is done at home takes at most 1:00.

| Session | Pages | Read | Exercises | Talk | Together |
| --- | --- | --- | --- | --- | --- |
| At home | {ref}`ch-a` | 0:15 | 0:00 | 0:00 | 0:15 |
| 1 | {ref}`ch-b` 1, 2; {ref}`ch-c` | 0:45 | 0:30 | 0:15 | 1:30 |
| **Sum** | | 1:00 | 0:30 | 0:15 | **1:45** |
"""
WORD_PAGES = {
    label: BookPage(f"chapters/x/{label}", f"(ch-{label})=\n" + 2000 * "word " + exercises, 0)
    for label, exercises in {
        "ch-a": "",
        "ch-b": ":label: ex-b-1\n:label: ex-b-2",
        "ch-c": "",
    }.items()
}
BUILDS_ON = {"ch-a": set(), "ch-b": {"ch-a"}, "ch-c": {"ch-b"}}


def trial(old: str = "", new: str = "") -> list[str]:
    assert old in TRIAL
    plan = plans(TRIAL.replace(old, new, 1) if old else TRIAL)["Trial"]
    return faults(plan, WORD_PAGES, BUILDS_ON)


def test_the_trial_plan_is_sound():
    assert trial() == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("0:15 | 1:30", "0:30 | 1:30", "do not add up"),
        ("**1:45**", "**2:45**", "the sums are"),
        ("longer than 2:00", "longer than 1:00", "longer than its limit"),
        ("at most 1:00", "at most 0:10", "At home: longer than its limit"),
        ("` 1, 2;", "` 1, 3;", "no exercises [3]"),
        ("` 1, 2;", "` 1;", "a quarter of an hour"),
        ("{ref}`ch-c`", "{ref}`ch-d`", "no page ch-d"),
        ("{ref}`ch-c`", "{ref}`ch-a`", "ch-a comes twice"),
        ("{ref}`ch-a`", "{ref}`ch-c`", "ch-c comes before ['ch-b']"),
        ("0:45 | 0:30 | 0:15 | 1:30", "0:10 | 0:30 | 0:15 | 0:55", "minutes to read"),
    ],
)
def test_each_fault_is_found(old, new, fault):
    assert any(fault in line for line in trial(old, new))


def test_reading_time_is_that_of_the_facts():
    assert math.isclose(WORD_PAGES["ch-a"].reading_minutes, 2001 / WORDS_PER_MINUTE)


# -- the guide -----------------------------------------------------------------------------


def guide_sections() -> list[tuple[str, str]]:
    """Return the page that each section of the guide names, and its words."""
    found = []
    for section in re.split(r"\n### ", text("guide"))[1:]:
        body = re.split(r"\n## ", section)[0].split("\n", 1)[1]
        name = re.search(r":::\{measured-time\} (\S+)\n:::", body)
        found.append((name[1], body.replace(name[0], "")))
    return found


def test_the_guide_goes_through_every_page_in_order():
    wanted = [page.name for page in book().values() if page.part != "reference"]
    assert [name for name, _ in guide_sections()] == wanted


@pytest.mark.parametrize(("name", "body"), guide_sections())
def test_a_section_is_short_and_asks_shows_and_skips(name, body):
    assert 90 <= len(body.split()) <= 160, name
    assert 2 <= len(re.findall(r"(?<!\*)\*[^*]+\?\*", body)) <= 3, name
    assert re.search(r"\b[Ss]how live\b|\bpairs\b", body), name
    assert re.search(r"\b[Ss]kip\b|Short of time|short of time|leave out", body), name


def test_the_guide_names_every_page_of_reference_that_one_looks_up():
    named = set(re.findall(r"`(ch-[\w-]+)`", text("guide")))
    assert {label for label, page in book().items() if page.part == "reference"} <= named


# -- the capstones -------------------------------------------------------------------------


def capstones() -> dict[str, str]:
    found = re.split(r"\n## Capstone: ", text("assignments"))[1:]
    return {part.splitlines()[0]: re.split(r"\n## ", part)[0] for part in found}


PAGES_OF = {
    "a unit on trial": ("start", "history"),
    "two answers or ten": ("fundamentals",),
    "roads past the layers": ("backprop",),
    "an honest screening": ("tuning",),
}


def test_one_capstone_for_each_part():
    assert list(capstones()) == list(PAGES_OF)


@pytest.mark.parametrize("name", PAGES_OF)
def test_a_capstone_uses_pages_of_its_part_alone(name):
    labels = set(re.findall(r"`(ch-[\w-]+)`", capstones()[name]))
    assert labels
    assert {book()[label].part for label in labels} <= set(PAGES_OF[name])


@pytest.mark.parametrize("name", PAGES_OF)
def test_a_rubric_sums_to_its_points(name):
    body = capstones()[name]
    stated = POINTS[re.search(r"\b(\w+) points\b", body)[1].lower()]
    rows = [row for row in table_rows(body) if len(row) == 5]
    assert sum(int(row[1]) for row in rows) == stated
    assert all(int(row[1]) % 2 == 0 and all(row[2:]) for row in rows)


@pytest.mark.parametrize("name", PAGES_OF)
def test_the_hours_of_a_capstone_add_up(name):
    total, parts = re.search(r"About (\w+) hours: (.*?)\.\s", capstones()[name]).groups()
    spent = [WORDS.index(word) for word in re.findall(r"\b(\w+)\b (?=hours?\b|for\b)", parts)]
    assert sum(spent) == WORDS.index(total)


def test_only_pages_of_this_book_are_linked():
    texts = {path.name: path.read_text(encoding="utf-8") for path in TEACHING.glob("*.md")}
    ours = {x for body in texts.values() for x in re.findall(r"^\((ch-[\w-]+)\)=", body, re.M)}
    for name, body in texts.items():
        named = set(re.findall(r"\{ref\}`(?:[^`<]*<)?(ch-[\w-]+)>?`", body))
        assert named <= {*book()} | ours, name
