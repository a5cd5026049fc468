"""The ledger of sources: what the pages list and what ``references.bib`` holds are the same.

A page lists its sources in prose, so that it reads well wherever it is opened; the ledger
holds each work once. The two are compared by DOI, arXiv number or web address.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from notebook_pages import ROOT, read
from pybtex.database import Entry, parse_string

CHAPTERS = ROOT / "chapters"
PAGES = sorted([*CHAPTERS.rglob("*.ipynb"), *CHAPTERS.rglob("*.md")])
BIBLIOGRAPHY = CHAPTERS / "reference" / "bibliography.md"
LEDGER = parse_string((ROOT / "references.bib").read_text(encoding="utf-8"), "bibtex").entries
YEAR = r"(?:1[5-9]|20)\d\d"
# A page without a date, such as a library's documentation, may be listed without a year.
LIVING = "Living page"


# -- addresses -----------------------------------------------------------------------------


def identity(address: str) -> str:
    """Reduce an address to what names the work: ``doi:...``, ``arxiv:...`` or ``host/path``."""
    text = html.unescape(unquote(address)).strip().lower()
    if found := re.search(r"arxiv(?:\.org/(?:abs|pdf)/|\.|:)(\d{4}\.\d{4,5})", text):
        return f"arxiv:{found[1]}"
    if found := re.search(r"\b10\.\d{4,9}/\S+", text):
        return f"doi:{found[0].rstrip('/')}"
    return re.sub(r"^https?://(?:www\.)?|#.*$", "", text).rstrip("/")


def identities(entry: Entry) -> set[str]:
    return {identity(entry.fields[name]) for name in ("doi", "url") if name in entry.fields}


def keys_of(address: str) -> set[str]:
    """Return the entries that an address names; below a book's address stand its chapters."""
    named = identity(address)
    exact = {key for key, entry in LEDGER.items() if named in identities(entry)}
    return exact or {
        key
        for key, entry in LEDGER.items()
        if any(named.startswith(f"{own}/") for own in identities(entry) if ":" not in own)
    }


# -- pages ---------------------------------------------------------------------------------


@dataclass
class Block:
    """A paragraph or a list item: its text, and each link with the text before it."""

    listed: bool
    text: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)


def blocks(markdown: str) -> list[Block]:
    found, depth = [], 0
    for token in MarkdownIt("commonmark").parse(markdown):
        depth += (token.type == "list_item_open") - (token.type == "list_item_close")
        if token.type != "inline":
            continue
        block = Block(listed=depth > 0)
        for part in token.children or []:
            if part.type == "link_open":
                block.links.append((part.attrs["href"], block.text))
            block.text += " " if part.type == "softbreak" else part.content
        found.append(block)
    return found


def prose(path: Path) -> str:
    return read(path).prose if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")


def references(markdown: str) -> str:
    """Return the text of the section called References, or an empty text."""
    found = re.search(r"^## References\n(.*?)(?=^## |\Z)", markdown, re.M | re.S)
    return found[1] if found else ""


def lines(markdown: str) -> list[Block]:
    """Return the sources that a page lists."""
    return [block for block in blocks(references(markdown)) if block.listed]


def is_scholarly(address: str) -> bool:
    return identity(address).startswith(("doi:", "arxiv:"))


# -- what may be wrong with them -----------------------------------------------------------


def repeated(items: Iterable) -> list:
    return [item for item, count in Counter(items).items() if count > 1]


def unlisted(markdown: str) -> list[str]:
    """Return the lines that do not lead, by each of their links, to one and the same entry."""
    wrong = []
    for line in lines(markdown):
        found = [keys_of(href) for href, _ in line.links]
        if not found or len(found[0]) != 1 or any(keys != found[0] for keys in found):
            wrong.append(line.text)
    return wrong


def contradicting(markdown: str) -> list[str]:
    """Return the lines whose year or first author is not that of their entry."""
    wrong = []
    for line in lines(markdown):
        for key in {key for href, _ in line.links for key in keys_of(href)}:
            entry = LEDGER[key]
            year = re.search(rf"\(({YEAR})", line.text)
            dated = (
                year[1] == entry.fields["year"] if year else LIVING in entry.fields.get("note", "")
            )
            named = " ".join(entry.persons["author"][0].last_names).strip("{}")
            if not dated or named not in line.text[: year.start() if year else None]:
                wrong.append(line.text)
    return wrong


def listed_twice(markdown: str) -> list[str]:
    """Return the entries to which more than one line of a page leads."""
    found = [{key for href, _ in line.links for key in keys_of(href)} for line in lines(markdown)]
    return repeated(key for keys in found for key in keys)


def unlisted_papers(markdown: str) -> list[str]:
    """Return the DOIs and arXiv numbers, anywhere in the text, that have no entry."""
    links = [href for block in blocks(markdown) for href, _ in block.links]
    return [href for href in links if is_scholarly(href) and len(keys_of(href)) != 1]


def misdated_papers(markdown: str) -> list[str]:
    """Return the links in running text whose last year before them is not that of their entry."""
    wrong = []
    for block in (block for block in blocks(references(markdown)) if not block.listed):
        start = 0
        for href, before in block.links:
            years = re.findall(rf"\b{YEAR}\b", before[start:])
            wrong += [
                f"{years[-1]}: {href}"
                for key in keys_of(href)
                if years and years[-1] != LEDGER[key].fields["year"]
            ]
            start = len(before)
    return wrong


def entry_like_paragraphs(markdown: str) -> list[str]:
    """Return the paragraphs that are sources by their form, so should be items of the list."""
    form = re.compile(rf"[^()]*\({YEAR}[^()]*\)\. \S.*[.]", re.S)
    return [
        block.text
        for block in blocks(references(markdown))
        if not block.listed and block.links and form.match(block.text)
    ]


by_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)


def test_there_are_sources():
    assert sum(len(lines(prose(path))) for path in PAGES) >= len(LEDGER) > 0


@by_page
def test_every_source_of_a_page_is_in_the_ledger(path):
    assert unlisted(prose(path)) == []


@by_page
def test_years_and_authors_agree_with_the_ledger(path):
    assert contradicting(prose(path)) == []


@by_page
def test_no_source_is_listed_twice(path):
    assert listed_twice(prose(path)) == []


@by_page
def test_every_paper_linked_anywhere_is_in_the_ledger(path):
    assert unlisted_papers(prose(path)) == []


@by_page
def test_years_in_running_text_agree_with_the_ledger(path):
    assert misdated_papers(prose(path)) == []


@by_page
def test_sources_stand_in_the_list(path):
    assert entry_like_paragraphs(prose(path)) == []


# -- the ledger ----------------------------------------------------------------------------


def test_every_entry_is_cited_by_a_page():
    links = {href for path in PAGES for block in blocks(prose(path)) for href, _ in block.links}
    assert set(LEDGER) - {key for href in links for key in keys_of(href)} == set()


def test_every_entry_has_an_address():
    assert [key for key, entry in LEDGER.items() if not identities(entry)] == []


def test_no_address_stands_twice():
    assert repeated(named for entry in LEDGER.values() for named in identities(entry)) == []


def test_no_work_stands_twice():
    def work(entry: Entry) -> tuple[str, str, str]:
        title = re.sub(r"\W", "", entry.fields["title"]).lower()
        return title, entry.fields["year"], str(entry.persons["author"][0])

    assert repeated(work(entry) for entry in LEDGER.values()) == []


def test_keys_are_the_first_author_and_the_year():
    for key, entry in LEDGER.items():
        # of an organisation that stands for an author, the first word
        name = re.search(r"[^\W\d_]+", "".join(entry.persons["author"][0].last_names))[0].lower()
        stem = name + entry.fields["year"]
        letter = key.removeprefix(stem)
        # the second work of an author in a year is b, and then the first is there, too
        assert letter in {"", *"bcdefg"}, f"{key} should be {stem}"
        assert not letter or (stem if letter == "b" else stem + chr(ord(letter) - 1)) in LEDGER


def test_entries_stand_in_the_order_of_their_keys():
    assert list(LEDGER) == sorted(LEDGER)


def test_the_page_shows_every_entry_once():
    text = BIBLIOGRAPHY.read_text(encoding="utf-8")
    groups = re.findall(r'^:filter: key % "(.*)"$', text, re.M)
    assert len(groups) == text.count("{bibliography}")
    shown = Counter(key for key in LEDGER for group in groups if re.search(group, key))
    assert shown == Counter(list(LEDGER))


# -- the rules themselves ------------------------------------------------------------------

RULES = (
    unlisted,
    contradicting,
    listed_twice,
    unlisted_papers,
    misdated_papers,
    entry_like_paragraphs,
)
GOOD = """## References

- Rosenblatt, F. (1958). The perceptron. [doi:10.1037/h0042519](https://doi.org/10.1037/h0042519)

The digits are those of E. Alpaydin and C. Kaynak (1998), [here](https://doi.org/10.24432/C50P49).
"""


def test_rules_let_a_good_page_pass():
    assert len(lines(GOOD)) == 1
    for rule in RULES:
        assert rule(GOOD) == []


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (unlisted, " [doi:10.1037/h0042519](https://doi.org/10.1037/h0042519)", ""),
        (unlisted, "(https://doi.org/10.1037/h0042519)", "(https://doi.org/10.1037/h0042510)"),
        (unlisted, "(https://doi.org/10.1037/h0042519)", "(https://example.org/perceptron)"),
        (unlisted, "h0042519)\n", "h0042519), [scan](https://doi.org/10.1007/BF02551274)\n"),
        (contradicting, "(1958)", "(1957)"),
        (contradicting, "(1958). ", ""),
        (contradicting, "Rosenblatt", "Rosenblat"),
        (listed_twice, "\n\nThe digits", "\n- [Again](http://dx.doi.org/10.1037/H0042519)\n\nThe"),
        (unlisted_papers, "C50P49)", "C50P48)"),
        (unlisted_papers, "## References", "[Seen](https://arxiv.org/abs/0000.00000).\n\n##"),
        (misdated_papers, "(1998)", "(1999)"),
        (entry_like_paragraphs, "- Rosenblatt", "Rosenblatt"),
    ],
)
def test_rules_find_what_is_wrong(rule, old, new):
    assert GOOD.count(old) == 1
    assert rule(GOOD.replace(old, new)) != []


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("https://doi.org/10.1016/0893-6080%2889%2990020-8", "10.1016/0893-6080(89)90020-8"),
        ("http://dx.doi.org/10.1007/BF02551274/", "10.1007/bf02551274"),
        (
            "https://doi.org/10.1175/1520-0493%281950%29078%3C0001:VOFEIT%3E2.0.CO;2",
            "10.1175/1520-0493(1950)078&lt;0001:VOFEIT&gt;2.0.CO;2",
        ),
        ("https://arxiv.org/pdf/1706.03762v7", "http://arxiv.org/abs/1706.03762"),
        ("https://doi.org/10.48550/arXiv.1607.06450", "https://arxiv.org/abs/1607.06450"),
        ("http://www.nist.gov/srd/", "https://nist.gov/srd"),
        ("https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio", "https://www.w3.org/TR/WCAG22"),
    ],
)
def test_spellings_of_one_address_are_one(address, same):
    assert identity(address) == identity(same)


def test_different_addresses_stay_different():
    assert identity("https://doi.org/10.1007/BF02551274") != identity("10.1007/BF02551275")
    assert identity("https://arxiv.org/abs/1706.03762") != identity("arxiv.org/abs/1706.0376")
    assert keys_of("https://www.deeplearningbook.org/contents/mlp.html") == {"goodfellow2016"}
    assert keys_of("https://www.deeplearningbook.organisation/") == set()
