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
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from notebook_pages import ROOT, read
from pybtex.database import Entry, Person, parse_string

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


def label(entry: Entry, address: str) -> str:
    """Return how a list names an address: by DOI, arXiv number or host."""
    scheme, _, number = identity(address).partition(":")
    if scheme == "doi":
        return f"doi:{entry.fields['doi']}"
    return f"arXiv:{number}" if scheme == "arxiv" else urlsplit(address).netloc.removeprefix("www.")


# -- authors -------------------------------------------------------------------------------


def author(person: Person) -> str:
    """Return a name as lists write it, the family name first: ``van der Maaten, L.``"""
    family = " ".join([*person.prelast_names, *person.last_names]).strip("{}")
    initials = [
        # a name that the ledger shortens stays as it is, such as Ya.
        name if name.endswith(".") else "-".join(f"{part[0]}." for part in name.split("-"))
        for name in [*person.first_names, *person.middle_names]
    ]
    return ", ".join([family, " ".join(initials)] if initials else [family])


def authors(entry: Entry) -> str:
    *others, last = map(author, entry.persons["author"])
    return f"{', '.join(others)} and {last}" if others else last


# -- pages ---------------------------------------------------------------------------------


class Link(NamedTuple):
    """A link: its address, the text of its block before it, and its own text."""

    href: str
    before: str
    label: str


@dataclass
class Block:
    """A paragraph or a list item: its text and its links."""

    listed: bool
    text: str = ""
    links: list[Link] = field(default_factory=list)


def blocks(markdown: str) -> list[Block]:
    found, depth = [], 0
    for token in MarkdownIt("commonmark").parse(markdown):
        depth += (token.type == "list_item_open") - (token.type == "list_item_close")
        if token.type != "inline":
            continue
        block = Block(listed=depth > 0)
        for part in token.children or []:
            if part.type == "link_open":
                href, before = part.attrs["href"], block.text
            block.text += " " if part.type == "softbreak" else part.content
            if part.type == "link_close":
                block.links.append(Link(href, before, block.text.removeprefix(before)))
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


def keys_in(line: Block) -> set[str]:
    return {key for link in line.links for key in keys_of(link.href)}


def is_scholarly(address: str) -> bool:
    return identity(address).startswith(("doi:", "arxiv:"))


# -- what may be wrong with them -----------------------------------------------------------


def repeated(items: Iterable) -> list:
    return [item for item, count in Counter(items).items() if count > 1]


def unlisted(markdown: str) -> list[str]:
    """Return the lines that do not lead, by each of their links, to one and the same entry."""
    wrong = []
    for line in lines(markdown):
        found = [keys_of(link.href) for link in line.links]
        if not found or len(found[0]) != 1 or any(keys != found[0] for keys in found):
            wrong.append(line.text)
    return wrong


def contradicting(markdown: str) -> list[str]:
    """Return the lines that do not begin with the authors and the year of their entry."""
    wrong = []
    for line in lines(markdown):
        for key in keys_in(line):
            entry = LEDGER[key]
            year = rf" \({entry.fields['year']}[^()]*\)"
            if LIVING in entry.fields.get("note", ""):
                year = f"(?:{year})?"
            if not re.match(rf"{re.escape(authors(entry))}{year}\. ", line.text):
                wrong.append(line.text)
    return wrong


def mislabelled(markdown: str) -> list[str]:
    """Return the links of a list that are not named by DOI, arXiv number or host."""
    return [
        link.label
        for line in lines(markdown)
        for link in line.links
        for key in keys_of(link.href)
        if link.label != label(LEDGER[key], link.href)
    ]


def disordered(markdown: str) -> list[str]:
    """Return the entries of a page's list if they do not stand in the order of their keys."""
    found = [key for line in lines(markdown) for key in keys_in(line)]
    return found if found != sorted(found) else []


def listed_twice(markdown: str) -> list[str]:
    """Return the entries to which more than one line of a page leads."""
    return repeated(key for line in lines(markdown) for key in keys_in(line))


def unlisted_papers(markdown: str) -> list[str]:
    """Return the DOIs and arXiv numbers, anywhere in the text, that have no entry."""
    hrefs = [link.href for block in blocks(markdown) for link in block.links]
    return [href for href in hrefs if is_scholarly(href) and len(keys_of(href)) != 1]


def misdirected_papers(markdown: str) -> list[str]:
    """Return the addresses of a DOI or an arXiv number, anywhere, that are not the usual ones."""
    usual = re.compile(r"https://(?:doi\.org/10\.|arxiv\.org/abs/)")
    hrefs = [link.href for block in blocks(markdown) for link in block.links]
    return [href for href in hrefs if is_scholarly(href) and not usual.match(href)]


def misdated_papers(markdown: str) -> list[str]:
    """Return the links in running text whose last year before them is not that of their entry."""
    wrong = []
    for block in (block for block in blocks(references(markdown)) if not block.listed):
        start = 0
        for href, before, _ in block.links:
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
def test_links_are_named_in_one_way(path):
    assert mislabelled(prose(path)) == []


@by_page
def test_sources_stand_in_the_order_of_authors_and_years(path):
    assert disordered(prose(path)) == []


@by_page
def test_no_source_is_listed_twice(path):
    assert listed_twice(prose(path)) == []


@by_page
def test_every_paper_linked_anywhere_is_in_the_ledger(path):
    assert unlisted_papers(prose(path)) == []


@by_page
def test_every_paper_is_linked_by_its_usual_address(path):
    assert misdirected_papers(prose(path)) == []


@by_page
def test_years_in_running_text_agree_with_the_ledger(path):
    assert misdated_papers(prose(path)) == []


@by_page
def test_sources_stand_in_the_list(path):
    assert entry_like_paragraphs(prose(path)) == []


# -- the ledger ----------------------------------------------------------------------------


def test_every_entry_is_cited_by_a_page():
    cited = {key for path in PAGES for block in blocks(prose(path)) for key in keys_in(block)}
    assert set(LEDGER) - cited == set()


def test_every_entry_has_an_address():
    assert [key for key, entry in LEDGER.items() if not identities(entry)] == []


def test_addresses_are_well_formed():
    forms = {"doi": r"10\.\d{4,9}/\S+", "url": r"https://\S+"}
    stated = [(name, entry.fields.get(name)) for entry in LEDGER.values() for name in forms]
    assert [text for name, text in stated if text and not re.fullmatch(forms[name], text)] == []


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
    mislabelled,
    disordered,
    listed_twice,
    unlisted_papers,
    misdirected_papers,
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
        (contradicting, "Rosenblatt, F.", "Rosenblat, F."),
        (contradicting, "Rosenblatt, F.", "F. Rosenblatt"),
        (mislabelled, "[doi:10.1037/h0042519]", "[psycnet.apa.org]"),
        (disordered, "\n\nThe digits", "\n- [Older](https://doi.org/10.1007/BF02478259)\n\nThe"),
        (listed_twice, "\n\nThe digits", "\n- [Again](http://dx.doi.org/10.1037/H0042519)\n\nThe"),
        (unlisted_papers, "C50P49)", "C50P48)"),
        (unlisted_papers, "## References", "[Seen](https://arxiv.org/abs/0000.00000).\n\n##"),
        (misdirected_papers, "https://doi.org/10.24432", "http://dx.doi.org/10.24432"),
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
