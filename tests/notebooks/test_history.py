"""Every dated statement of the history part carries a citation that its page lists."""

import re

import pytest
from notebook_pages import NOTEBOOKS, read

PAGES = [read(path) for path in NOTEBOOKS if path.parent.name == "history"]
YEAR = r"\b(?:18|19|20)\d\d(?!\d)"
ENTRY = re.compile(rf"^- ([^,]+), .*?\(({YEAR})[a-z]?\)", re.M)


def references(text):
    """Return the (surname of the first author, year) of each entry of a list of references."""
    return set(ENTRY.findall(text))


def sentences(text):
    """Split prose into sentences, without headings, directives and formulas."""
    text = re.sub(r"(?s:\$\$.*?\$\$)|^[#:%].*$|<[^>]+>", "\n\n", text, flags=re.M)
    for paragraph in re.split(r"\n\s*\n", text):
        yield from re.split(r"(?<!\bal\.)(?<=[.!?])\s+(?=[A-Z(\[*“])", " ".join(paragraph.split()))


def citations(sentence, listed):
    """Return those of the listed references that a sentence cites in brackets."""
    found = set()
    for group in re.finditer(r"\(([^()]*)\)", sentence):
        before = sentence[max(0, group.start() - 90) : group.start()]
        for part in group[1].split(";"):
            names = part if re.search(r"[A-Za-z]{2}", part) else before
            found |= {(n, y) for n, y in listed if n in names and re.search(y + r"(?!\d)", part)}
    return found


def uncited(text, listed):
    """Return the sentences that state a year and cite nothing."""
    dated = (s for s in sentences(text) if re.search(YEAR, s))
    return [s for s in dated if not citations(s, listed)]


def cells_before_references(page):
    cells = page.cells[: page.section("References")]
    return "\n\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_dated_statements_are_cited(page):
    assert not uncited(cells_before_references(page), references(page.prose))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_reference_is_cited_and_has_an_address(page):
    listed = references(page.cells[page.section("References")]["source"])
    text = cells_before_references(page)
    cited = set().union(*(citations(s, listed) for s in sentences(text)))
    assert listed - cited == set()
    entries = re.findall(r"^- .*$", page.cells[page.section("References")]["source"], re.M)
    assert [entry for entry in entries if "](https://" not in entry] == []
    assert len(entries) == len(listed)


LISTED = {("Rosenblatt", "1958"), ("Minsky", "1969")}


@pytest.mark.parametrize(
    "text",
    [
        "Rosenblatt (1958) built it.",
        "It learnt in 1958 (Rosenblatt, 1958).",
        "Two came (Rosenblatt, 1958; Minsky and Papert, 1969). Minsky and Papert (1969) proved it.",
        "## Between 1958 and 1969\n\nNo year here.",
    ],
)
def test_rule_lets_cited_dates_pass(text):
    assert not uncited(text, LISTED)


@pytest.mark.parametrize(
    "text",
    [
        "It was built in 1958.",
        "Rosenblatt (1959) built it.",
        "Frank Rosenblatt (1928 to 1971) built it.",
        "It came later (Widrow, 1958).",
        "Cited first (Rosenblatt, 1958). Then, in 1969, came a book.",
    ],
)
def test_rule_finds_dates_without_a_citation(text):
    assert uncited(text, LISTED)
