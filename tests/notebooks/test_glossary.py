"""The glossary: sorted, free of doubles, linked to pages that use its terms, and complete.

An entry is one or more lines with a term each, a definition of one paragraph (what a hover will
show), and a line that names the page. Complete means: each phrase that a page sets in bold *as a
term* has an entry. Bold print also stresses words and opens paragraphs, so a phrase counts as a
term only where the sentence introduces it, by one of four rules (see `introduced`). Phrases that
no rule catches ("is **unbiased**", but also "is **lowest**") are not tested.
"""

import json
import re
import unicodedata
from dataclasses import dataclass

import pytest
from notebook_pages import NOTEBOOKS, ROOT, read

CHAPTERS = ROOT / "chapters"
GLOSSARY = CHAPTERS / "reference" / "glossary.md"
TEXT = GLOSSARY.read_text(encoding="utf-8")
ROLE = re.compile(r"\{\w+\}`(?:([^`<]*?)\s*<)?([^`>]+)>?`")

# The symbols that have an entry, as formulas write them.
SYMBOLS = {
    "sigma": "σ",
    "theta": "θ",
    "eta": "η",
    "lambda": "λ",
    "beta": "β",
    "gamma": "γ",
    "kappa": "κ",
    "(?:var)?epsilon": "ε",
    "odot": "⊙",
    "hat y": "ŷ",
}


@dataclass
class Entry:
    """One entry: its terms, the first of them leading, its definition and its page's label."""

    terms: list[str]
    definition: str
    label: str


def entries(text):
    """Return the entries of a page, in their order; one without a definition or page fails."""
    found = []
    for block in re.findall(r"^:::\{glossary\}\n:sorted:\n\n(.*?)^:::$", text, re.M | re.S):
        for item in re.split(r"\n\n(?=\S)", block.strip()):
            shape = re.fullmatch(
                r"((?:\S.*\n)+)  (\S.*)\n\n  Introduced in \{ref\}`([^`]+)`\.", item
            )
            assert shape, item
            found.append(Entry(shape[1].splitlines(), shape[2], shape[3]))
    return found


def plain(markdown):
    """Return text as it is read: a role shows its title, or else its target."""
    return ROLE.sub(lambda role: role[1] or role[2], markdown).replace("*", "").replace("`", "")


def flat(text):
    """Return text in lower case on one line, without emphasis, symbols as single characters."""
    for command, symbol in SYMBOLS.items():
        text = re.sub(rf"\\{command}(?![a-z])", symbol, text)
    return " ".join(re.sub(r"[*`]", "", text).replace("_", " ").lower().split())


def forms(term):
    """Return a term as it may stand on a page: in the singular or in the plural."""
    word = flat(term)
    return {word, word + "s", word + "es", re.sub(r"y$", "ies", word)}


def uses(page_text, term):
    """Whether a page uses a term as a word of its own."""
    words = "|".join(map(re.escape, forms(term)))
    return re.search(rf"(?<!\w)(?:{words})(?!\w)", page_text) is not None


def order(term):
    """Sphinx's own key for a sorted glossary."""
    return unicodedata.normalize("NFD", term.lower())


def page_texts():
    """Return the text of every page, code included, by the label it opens with."""
    texts = {}
    for path in sorted([*CHAPTERS.rglob("*.ipynb"), *CHAPTERS.rglob("*.md")]):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            text = "\n\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
        label = re.match(r"\((ch-[\w-]+)\)=\n", text)
        if label and path != GLOSSARY:
            texts[label[1]] = text
    return texts


ENTRIES = entries(TEXT)
PAGES = page_texts()
FLAT = {label: flat(text) for label, text in PAGES.items()}


def test_there_are_entries():
    assert len(ENTRIES) > 150
    assert TEXT.count("Introduced in") == len(ENTRIES)


def test_entries_are_sorted():
    heads = [entry.terms[0] for entry in ENTRIES]
    assert heads == sorted(heads, key=order)


def test_no_term_stands_twice():
    # Looked up without regard to case, so that two spellings must differ in more than that.
    terms = [term.lower() for entry in ENTRIES for term in entry.terms]
    assert [term for term in set(terms) if terms.count(term) > 1] == []


def test_entries_stand_under_their_letter():
    sections = re.split(r"^\(sec-glossary-(\w)\)=\n## (\w)\n", TEXT, flags=re.M)[1:]
    for anchor, letter, section in zip(*[iter(sections)] * 3, strict=True):
        assert anchor == letter.lower()
        assert {entry.terms[0][0].upper() for entry in entries(section)} == {letter}


def test_the_jump_list_leads_to_every_letter():
    letters = re.findall(r"^## (\w)$", TEXT, re.M)
    jumps = re.findall(r"\{ref\}`(\w) <sec-glossary-(\w)>`", TEXT)
    assert jumps == [(letter, letter.lower()) for letter in letters]


def heads(wrong):
    """Return the leading terms of the entries for which a condition holds."""
    return [entry.terms[0] for entry in ENTRIES if wrong(entry)]


def test_definitions_are_short_and_not_empty():
    assert heads(lambda entry: not 30 <= len(plain(entry.definition)) <= 420) == []


def test_no_definition_refers_to_its_own_entry():
    def circular(entry):
        own = {term.lower() for term in entry.terms}
        return own & {role[1].lower() for role in ROLE.findall(entry.definition)}

    assert heads(circular) == []


def test_every_page_exists():
    assert heads(lambda entry: entry.label not in PAGES) == []


def test_every_page_uses_its_terms():
    def unused(entry):
        return not any(uses(FLAT.get(entry.label, ""), term) for term in entry.terms)

    assert heads(unused) == []


def test_every_spelling_is_used_on_some_page():
    everything = " | ".join(FLAT.values())
    terms = [term for entry in ENTRIES for term in entry.terms]
    assert [term for term in terms if not uses(everything, term)] == []


@pytest.mark.parametrize("label", ["ch-glossary", *PAGES])
def test_every_term_role_resolves(label):
    terms = {term.lower() for entry in ENTRIES for term in entry.terms}
    text = TEXT if label == "ch-glossary" else PAGES[label]
    roles = re.findall(r"\{term\}`(?:[^`<]*<)?([^`>]+)>?`", text)
    assert [role for role in roles if role.lower() not in terms] == []


# -- bold terms ----------------------------------------------------------------------------

NUMBER = re.compile(r"(?:\d+|two|three|four|five|first|second|third|fourth|fifth)$", re.I)
PREPOSITION = re.compile(r"(?:by|in|on|at|for|with|from|against|without)\b", re.I)
OPENING = r"(?:^|[.!?:)] )"
# It is a **saddle**. They are called **logits**. This is the **depth**. The **bootstrap** draws.
BEHIND = re.compile(rf"(?:\b(?:[Aa]n?|called(?: the)?|is the)|{OPENING}The) $")


def introduced(prose):
    """Return each bold phrase that its sentence introduces as a term, with the word behind it.

    A bold phrase is introduced if it stands directly behind "a", "an", "called" or "is the";
    behind a "The" that opens a sentence; or if it opens a sentence itself, has one or two words
    and begins with no preposition. A phrase that ends with a stop is the heading of a paragraph,
    and a number is stressed, not introduced.
    """
    prose = re.sub(r"<details.*?</details>", "\n\n", prose, flags=re.S)
    prose = re.sub(r"^>.*$|^\s*#.*$|^\|.*$|^:::[\s\S]*?^:::$|^\(.*\)=$", "", prose, flags=re.M)
    prose = re.sub(r"\$\$[\s\S]*?\$\$(?: \(eq-[\w-]+\))?", "", prose)
    found = []
    for paragraph in re.split(r"\n\s*\n", prose):
        text = " ".join(paragraph.split())
        for bold in re.finditer(r"\*\*([^*]+)\*\*[,;:]?(?: ([\w-]+))?", text):
            before, phrase = text[: bold.start()], bold[1]
            if phrase.endswith((".", "?", "!")) or NUMBER.match(phrase):
                continue
            short = len(phrase.split()) <= 2 and not PREPOSITION.match(phrase)
            if BEHIND.search(before) or (short and re.search(f"{OPENING}$", before)):
                found.append((phrase, bold[2] or ""))
    return found


COURSE = [read(path) for path in NOTEBOOKS if path.parent.name not in {"reference", "instructors"}]


@pytest.mark.parametrize("page", COURSE, ids=lambda page: page.name)
def test_introduced_terms_are_in_the_glossary(page):
    listed = set().union(*(forms(term) for entry in ENTRIES for term in entry.terms))
    cells = page.cells[1 : page.section("In short")]
    prose = "\n\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    missing = [
        phrase
        for phrase, behind in introduced(prose)
        if not {flat(phrase), flat(f"{phrase} {behind}")} & listed
    ]
    assert missing == []


@pytest.mark.parametrize(
    "prose",
    [
        "It is a **saddle**.",
        "These are called **logits**.",
        "Their number is the **depth**; it counts.",
        "It works. The **bootstrap** draws anew.",
        "It works. **Momentum** (Polyak, 1964) helps.",
    ],
)
def test_rule_finds_introduced_terms(prose):
    assert len(introduced(prose)) == 1


@pytest.mark.parametrize(
    "prose",
    [
        "Measure is, the **largest** error.",
        "It works. **By NumPy**, too.",
        "It works. **Depth multiplies.** So it does.",
        "A **third** unit helps.",
        "> **Predict first.** A **guess**.",
        "**Keep a test set** for the end.",
    ],
)
def test_rule_passes_stressed_words(prose):
    assert introduced(prose) == []
