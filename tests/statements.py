"""What a page states: its texts, block by block, and the numbers in their sentences.

A text is read as the book reads it. Formulas, code and links become marks, and exercises, the
options of quick questions and questions as such state nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

PARSER = MarkdownIt("commonmark").enable("table").use(myst_block_plugin).use(myst_role_plugin)
PARSER.use(deflist_plugin).use(amsmath_plugin).use(dollarmath_plugin).use(colon_fence_plugin)
SILENT = {"exercise", "solution-start", "solution-end", "math", "bibliography", "nn-playground"}
YEAR = r"(?:1[5-9]|20)\d\d"
# (Rosenblatt, 1958), Rosenblatt (1958), or a link that leaves the site.
CITATION = re.compile(rf"⟦https?:|[A-Z][\w’'-]+(?:[^.;()]|\bal\.){{0,60}}?[ (]{YEAR}[a-z]?[,)]")
SENTENCE = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?][)”\"*]))(?<!\bal\.)(?<!\b[A-Z]\.)\s+(?=[A-Z(\[*“\"⟦∎])"
)
UNITS = {"million": 1e6, "billion": 1e9, "kB": 1e3, "MB": 1e6, "GB": 1e9}
UNITS |= {"MiB": 2**20, "GiB": 2**30, "ms": 1e-3}
NUMBER = re.compile(
    r"(?<![\w.,:/#^@-])([-−+±]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?:e(-?\d+))?"
    r"(?!\w|[:,.]\d|-bits?\b| bits?\b)"
    r"(?:\s?(%|per cent|percentage points|points?\b|times in (?:100|a hundred)|of 100\b"
    rf"|s\b|seconds|{'|'.join(UNITS)}\b))?"
)
# Shapes such as 2-4-4-2 or 1:2:4, levels of confidence, and numbers in names state nothing.
NAME = re.compile(
    r"\b\d+(?:[-:]\d+)+\b|\b20\d\d\.\d\d?\b"
    r"|\b9\d(?:\.\d)?%(?= [\w⟦ ]*(?:interval|level|band|limit))"
    r"|\b(?:Python|Keras|NumPy|TensorFlow|PEP|[Vv]ersions?|[Ee]xercises?|CC BY(?:-SA)?)"
    r" \d[\d.]*(?:(?:,| or| and| to)+ \d[\d.]*)*"
)
MORE = r"more than|over|above|at least|beyond|greater than|higher than|exceeds?|reach(?:es)?"
LESS = r"less than|under|below|at most|up to|fewer than|within|lower than|smaller than"
BOUND = re.compile(rf"\b(?:(?P<more>{MORE})|(?P<less>{LESS}))[^.;,\d]{{0,24}}$", re.I)
NOT = re.compile(r"\b(?:[Nn]o|[Nn]ot|[Nn]ever|[Nn]one|without)\b[^.;,]*$")
RANGE = re.compile(r" ?(?:to|and|or|–) [\d.,]+\s?(%|per cent|percentage points|points)")
SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


@dataclass
class Block:
    """A paragraph, item, row or caption: its text, where it stands, what it belongs to."""

    text: str
    line: int = 1
    context: str = ""
    heading: int = 0
    row: bool = False
    given: set[float] = field(default_factory=set)
    cell: int = 0
    section: int = 0
    whole: bool = False
    caption: bool = False


def values(text: str) -> set[float]:
    """Return all numbers of a formula, a question or an exercise."""
    text = text.replace("{,}", ",")
    found = re.findall(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", text)
    return {float(x.replace(",", "")) for x in found}


def formula(source: str) -> str:
    """Return the number that a formula is, as plain text, or a mark."""
    text = source.replace("{,}", ",").replace("\\%", "%")
    text = re.sub(r"\\[,;! ]|\s|^(?:\\approx|\\pm|=|<|>)", "", text)
    if re.fullmatch(r"-?[\d,]*\.?\d+%?", text):
        return text
    power = re.fullmatch(r"(?:(-?[\d.]+)\\(?:cdot|times))?10\^(?:\{(-?\d+)\}|(\d))", text)
    return f"{power[1] or 1}e{power[2] or power[3]}" if power else "∎"


def plain(token: Token) -> tuple[str, set[float]]:
    """Return the text of an inline token, with marks for what states nothing, and its literals."""
    text, given = "", set()
    for part in token.children or []:
        match part.type:
            case "text":
                text += part.content
            case "softbreak" | "hardbreak":
                text += " "
            case "math_inline" | "math_inline_double":
                text += (number := formula(part.content))
                given |= values(part.content) if number == "∎" else set()
            case "code_inline":
                text += "∎"
                given |= values(part.content)
            case "myst_role":
                label = re.search(r"<([^>]+)>$", part.content)
                text += f"⟦{part.meta['name']} {label[1] if label else part.content}⟧"
            case "link_open":
                text += f"⟦{part.attrs['href']}⟧"
    powers = r"(?:(\d+(?:\.\d+)?) ?[·×] ?)?\b10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)"
    text = re.sub(powers, lambda m: f"{m[1] or 1}e{m[2].translate(SUPERSCRIPT)}", text)
    return text, given


def together(found: list[Block], start: int) -> None:
    """Make the blocks from `start` on one item: they share citations, links and literals."""
    context = " ".join(block.text for block in found[start:])
    for block in found[start:]:
        block.context = context


def blocks(markdown: str, line: int = 1) -> list[Block]:
    """Return what a Markdown text says, block by block; `line` is that of its first line."""
    found, groups, question, tag = [], [], set(), ""
    for token in PARSER.parse(markdown):
        here = line + (token.map or [0])[0]
        if token.type in {"list_item_open", "tr_open", "dl_open"}:
            groups.append(len(found))
        elif token.type in {"list_item_close", "tr_close", "dl_close"}:
            start = groups.pop()
            if token.type == "tr_close" and found[start:]:
                cells, literals = found[start:], set().union(*(b.given for b in found[start:]))
                text = " | ".join(b.text for b in cells)
                found[start:] = [Block(text, cells[0].line, row=True, given=literals)]
            if not groups:
                together(found, start)
        elif token.type == "html_block":
            question = values(token.content) if "<summary>" in token.content else question
            question = set() if "</details>" in token.content else question
        elif token.type == "math_block" or token.type == "amsmath":
            if found:
                found[-1].given |= values(token.content)
        elif token.type in {"fence", "colon_fence"}:
            name = re.match(r"\{([\w-]+)\}", token.info)
            if name and name[1] == "glossary":
                at = here + 1
                for entry in re.split(r"\n\n(?=\S)", token.content):
                    start = len(found)
                    found += blocks(re.sub(r"(?m)^ +", "", entry), at)
                    together(found, start)
                    at += entry.count("\n") + 2
            elif name and name[1] not in SILENT:
                found += blocks(re.sub(r"(?m)^:[\w-]+:.*$", "", token.content), here + 1)
        elif token.type == "inline":
            text, given = plain(token)
            found.append(Block(text, here, given=given | question))
            if tag.startswith("h") and not groups:
                found[-1].text = re.sub(r"^\d+ ", "", text)
                found[-1].heading = int(tag[1])
        tag = token.tag if token.nesting == 1 else ""
    return found


@dataclass(frozen=True)
class Number:
    """A stated number: its value, half of its last digit's unit, its unit, and its side."""

    text: str
    value: float
    half: float
    unit: str = ""
    side: str = ""
    power: bool = False

    @property
    def scales(self) -> set[float]:
        """What turns the number into the one that code holds."""
        share = self.unit.startswith(("%", "per", "point", "times", "of"))
        return {1, 0.01} if share else {1, UNITS.get(self.unit, 1)}

    @property
    def whole(self) -> bool:
        """Whether it is a count and no measurement; 200 points may be points of data."""
        return self.half == 0.5 and self.unit in {"", "points"} and not self.power

    @property
    def small(self) -> bool:
        """Whether it is a small whole number, in digits or in words."""
        return self.value == 0 or (self.whole and abs(self.value) < 10 and not self.unit)


def numbers(sentence: str) -> Iterator[Number]:
    """Yield the numbers of a sentence; a question states none."""
    if re.search(r"\?[”\")*_]*$", sentence.strip()):
        return
    text = re.sub(r"⟦[^⟧]*⟧", "⟦⟧", NAME.sub("∎", sentence))
    for match in NUMBER.finditer(text):
        sign, whole, decimals, exponent, unit = match.groups(default="")
        before, after = text[: match.start()], text[match.end() :]
        side = "above" if after.startswith((" or more", " and more")) else ""
        if bound := BOUND.search(before):
            denied = bool(NOT.search(before[: bound.start()]))  # "none is above" is "below"
            side = "above" if (bound["more"] is not None) != denied else "below"
        if not unit and (shared := RANGE.match(after)):  # "92 and 93%" are two percentages
            unit = shared[1]
        value = float(f"{whole.replace(',', '')}{decimals}e{exponent or 0}")
        half = 0.5 * float(f"1e{int(exponent or 0) - max(0, len(decimals) - 1)}")
        value = -value if sign and sign in "-−" else value
        yield Number(match[0].strip(), value, half, unit, side, bool(exponent))
