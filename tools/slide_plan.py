"""Which slides a page becomes: decided on its cells alone, without nbconvert and without a browser.

Headings, figures, formulas, tables, short code, predictions, questions and exercises get slides;
all other prose becomes notes for whoever speaks, on the slide to which it belongs.
"""

import ast
import re
from copy import deepcopy
from dataclasses import dataclass, field

from nbformat import NotebookNode

LONGEST_CODE = 12  # lines; longer cells show only what they print
LONGEST_PARAGRAPH = 60  # words
OPENING = 40  # words that the first two sentences of a section may have together
LEAD = 30  # words of the sentence that announces code
ROWS = 3  # of a formula beside other words
WIDEST = 92  # characters of a line of output
# Pixels, of 720: what a slide leaves under its heading and its words, and what stands there.
ROOM, ROOM_OF_ANSWER = 470, 390
LINE_HEIGHT, ROW_HEIGHT, GAP = 27, 33, 18
HIDDEN = {"remove-cell", "answer", "solution"}
SEE_PAGE = "… see the page"
SEEDS = re.compile(r"^\w+ = np\.random\.default_rng\(|^keras\.utils\.set_random_seed\(")

# From the left, so that none is cut in two: questions, formulas, code, and what blank lines part.
BLOCK = re.compile(
    r"(?P<details><details.*?</details>)|(?P<formula>\$\$(?:(?!\$\$).)+\$\$)"
    r"|(?P<fence>```.*?```)|(?P<other>(?:(?!\$\$|```|<details)[^\S\n]*\S[^\n]*(?:\n|$))+)",
    re.S,
)
DISPLAYED = re.compile(r"\$\$.*?\$\$|```.*?```", re.S)
KEPT_WHOLE = re.compile(r"`[^`\n]+`|\$[^$\n]+\$|\[[^\]\n]*\]\([^)\s]*\)")
ABBREVIATION = re.compile(r"(?:\b(?:al|e\.g|i\.e|cf|vs|no|pp?|Dr|St|ca|[A-Z]))\.$")
SENTENCE = re.compile(r"(?<=[.!?:])([\"”’)*_]*)\s+(?=[\"“‘(*_]*[A-Z0-9\x00`$\[])")


@dataclass
class Block:
    """A part of a page: its kind, its text, and for code the cell."""

    kind: str
    text: str
    cell: NotebookNode | None = None


@dataclass
class Slide:
    """What stands on a slide, and what is only said.

    The fields are plain Markdown. ``reveal`` holds what appears step by step, ``show_code``
    says whether the code of ``cell`` is seen or only what it printed or drew.
    """

    kind: str
    heading: str
    text: list[str] = field(default_factory=list)
    reveal: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cell: NotebookNode | None = None
    show_code: bool = False
    above: str = ""  # the section it stands in


def words(text: str) -> int:
    """Count words; a formula or a piece of code inside a line is one, displayed ones are none."""
    return len(KEPT_WHOLE.sub("x", DISPLAYED.sub("", text)).split())


def sentences(text: str) -> list[str]:
    """Cut a paragraph into sentences, and nothing inside code, formulas or links."""
    text = " ".join(text.split())
    kept = KEPT_WHOLE.findall(text)
    masked = KEPT_WHOLE.sub("\0", text)
    parts, start = [], 0
    for match in SENTENCE.finditer(masked):
        before = masked[: match.start()]
        if before.endswith(":") or ABBREVIATION.search(before):
            continue
        parts.append(masked[start : match.end(1)])
        start = match.end()
    parts.append(masked[start:])
    pieces = iter(kept)
    return [re.sub("\0", lambda _: next(pieces), part) for part in parts if part]


def opening(text: str) -> tuple[str, str]:
    """Split a paragraph: its first sentence, or two if they are short, and the rest."""
    parts = sentences(text)
    n = 2 if words(" ".join(parts[:2])) <= OPENING else 1
    return " ".join(parts[:n]), " ".join(parts[n:])


def short_paragraphs(text: str) -> list[str]:
    """Break a paragraph that is too long for a slide where a sentence ends."""
    found: list[str] = []
    for part in sentences(text):
        if found and words(f"{found[-1]} {part}") <= LONGEST_PARAGRAPH:
            found[-1] += f" {part}"
        else:
            found.append(part)
    return found


def blocks_of_text(text: str) -> list[Block]:
    """Cut the text of a Markdown cell into its parts."""
    found = []
    for match in BLOCK.finditer(text):
        kind, part = match.lastgroup, match[0].strip()
        if kind == "other":
            kind = kind_of_text(part)
            if kind == "prose" and (lines := re.match(r"((?:#+ .*\n)+)(.+)", part, re.S)):
                found.append(Block("heading", lines[1].strip()))
                part = lines[2]
        found.append(Block(kind, part))
    return found


def kind_of_text(part: str) -> str:
    """Tell what a part between blank lines is."""
    if part.startswith("#") and "\n" not in part:
        return "heading"
    if part.startswith("```"):
        return "fence"
    if part.startswith("> **Predict first.**"):
        return "predict"
    if re.match(r"\*Table \d+\. .*\*$", part):
        return "caption"
    for kind, start in {"quote": ">", "table": "|", "list": r"([-*]|\d+\.|[A-Z]\.) "}.items():
        if re.match(start if kind == "list" else re.escape(start), part):
            return kind
    return "prose"


def is_setup(source: str) -> bool:
    """Tell whether a cell does nothing but import, seed and check."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a command of IPython
        return False
    setup = ast.Import | ast.ImportFrom | ast.Assert
    return all(isinstance(node, setup) or SEEDS.search(ast.unparse(node)) for node in body)


def blocks(cells: list[NotebookNode]) -> list[Block]:
    """Return the parts of a page that may reach its deck, in order."""
    found, in_body = [], False
    cells = [c for c in cells if not HIDDEN & set(c.metadata.get("tags", []))]
    for cell in cells:
        if cell.cell_type == "markdown":
            found += blocks_of_text(cell.source)
            in_body = in_body or any(re.match("## ", b.text) for b in found)
        elif in_body and not is_setup(cell.source):
            kind = "figure" if cell.metadata.get("mystnb", {}).get("figure") else "code"
            found.append(Block(kind, cell.source, cell))
    return found


def is_picture(output: NotebookNode) -> bool:
    """Tell whether an output is drawn."""
    return any(name.startswith("image/") for name in output.get("data", {}))


def cut_lines(text: str, most: int) -> str:
    """Shorten text to so many lines, the last of which says so."""
    lines = [line if len(line) <= WIDEST else f"{line[:WIDEST]} …" for line in text.split("\n")]
    return "\n".join(lines if len(lines) <= most else [*lines[: most - 1], SEE_PAGE])


def cut_rows(html: str, room: int) -> tuple[str, int]:
    """Shorten the body of a table to the rows that fit, the last of which says so.

    Parameters
    ----------
    html : str
        A table.
    room : int
        Height in pixels.

    Returns
    -------
    html : str
    left : int
        The room that is left, in pixels.
    """
    head, body, rest = re.match(r"(.*?<tbody>)(.*)(</tbody>.*)", html, re.S).groups()
    room -= ROW_HEIGHT * head.count("<tr")
    kept = []
    rows = re.findall(r"<tr.*?</tr>", body, re.S)
    for row in rows:
        n_characters = sum(map(len, re.findall(r">([^<]+)", row)))
        height = ROW_HEIGHT * (1 + n_characters // WIDEST)
        # The last row needs no other below it.
        if room < height + (ROW_HEIGHT if len(kept) + 1 < len(rows) else 0):
            kept.append(f'<tr><td colspan="99">{SEE_PAGE}</td></tr>')
            break
        kept.append(row)
        room -= height
    return "\n".join([head, *kept, rest]), room


def shown_outputs(outputs: list[NotebookNode], room: int) -> list[NotebookNode]:
    """Return what of the outputs fits into a height in pixels, pictures apart."""
    shown = []
    for output in deepcopy(outputs):
        data = output.get("data", {})
        text = output.get("text", data.get("text/plain", "")).rstrip()
        if is_picture(output) or output.get("name") == "stderr" or not text:
            continue
        if data.get("text/html", "").lstrip().startswith("<pre"):
            del data["text/html"]  # the text is the same, and can be cut
        if "<tbody>" in data.get("text/html", ""):
            data["text/html"], room = cut_rows(data["text/html"], room)
        elif "text/html" not in data:
            text = cut_lines(text, max(2, room // LINE_HEIGHT))
            room -= LINE_HEIGHT * (text.count("\n") + 1)
            if output.output_type == "stream":
                output.text = text
            else:
                data["text/plain"] = text
        shown.append(output)
        room -= GAP
        if room < 2 * LINE_HEIGHT:
            break
    return shown


class Planner:
    """Goes through the parts of a page once and lays out its slides."""

    def __init__(self, above: str):
        self.slides: list[Slide] = []
        self.above = above
        self.section = ""
        self.asked: Slide | None = None  # a prediction whose answer is to come
        self.unread: Slide | None = None  # an answer whose words are to come
        self.later: list[Slide] = []  # formulas that must not come before the answer
        self.in_exercises = False
        self.closing = False  # in the references
        self.last: list[str] = []  # paragraphs of notes since the last slide
        self.caption = ""

    @property
    def slide(self) -> Slide:
        """The slide to which prose belongs now."""
        return self.slides[-1]

    def add(self, kind: str, heading: str, **content) -> Slide:
        """Put a new slide at the end."""
        self.slides.append(Slide(kind, heading, above=self.section, **content))
        self.last = []
        return self.slide

    def note(self, text: str) -> None:
        """Leave a text to the speaker."""
        if text:
            self.slide.notes.append(text)
            self.last.append(text)

    def lead(self) -> list[str]:
        """Take the sentence that announces what follows from the notes, if it is short."""
        if not self.last or kind_of_text(self.last[-1]) != "prose":
            return []
        *rest, sentence = sentences(self.slide.notes[-1])
        if words(sentence) > LEAD or sentence.startswith("("):
            return []
        self.slide.notes[-1:] = [" ".join(rest)] if rest else []
        return [sentence]

    def heading(self, text: str) -> None:
        """Begin a section, or an exercise."""
        level, title = len(text.split()[0]), text.lstrip("# ")
        if level == 1:
            self.add("title", title)
            return
        if level == 2:
            self.section, self.in_exercises = "", title == "Exercises"
        if title == "References":  # for the speaker, with what was learnt as the last slide
            self.slides.sort(key=lambda slide: slide.kind == "summary")
            self.closing = True
            self.note("**References**")
            return
        self.answer_in_words()
        kind = "section"
        if level > 2 and self.in_exercises:
            kind = "exercise"
            listed = next(s for s in self.slides if s.heading == "Exercises")
            listed.text.append(title.removeprefix("Exercise "))
        self.add("summary" if title == "In short" else kind, title)
        if level == 2:
            self.section = title

    def shows_all(self, text: str) -> bool:
        """Tell whether a paragraph stands on the slide whole: of exercises, and of the title."""
        begins = not self.slide.text or text.startswith("**You will learn**")
        return self.slide.kind == "exercise" or (self.slide.kind == "title" and begins)

    def prose(self, text: str) -> None:
        """Show the opening of a section, an answer or an exercise; leave the rest to be said."""
        slide = self.slide
        if self.closing:
            self.note(text)
        elif self.unread:
            first, rest = opening(text)
            self.unread.text.append(first)
            self.unread = None
            self.note(rest)
        elif self.shows_all(text):
            slide.text += short_paragraphs(text)
        elif slide.kind == "section" and not slide.text and slide.heading != "Exercises":
            first, rest = opening(text)
            slide.text.append(first)
            self.note(rest)
        else:
            self.note(text)

    def list(self, text: str) -> None:
        """Show what is learnt, what was learnt, and what an exercise lists."""
        if self.slide.kind in ("title", "exercise", "summary") and not self.closing:
            self.slide.text.append(text)
        else:
            self.note(text)

    def formula(self, text: str) -> None:
        """Show a formula with the words before it, on the section's slide if it is the first."""
        if self.slide.kind == "exercise":
            self.slide.text.append(text)
            return
        first = self.slide.kind == "section" and not any("$$" in t for t in self.slide.text)
        own = not first or text.count(r"\\") > ROWS
        lead = self.lead()
        if self.asked:
            self.later.append(Slide("formula", self.section, [*lead, text], above=self.section))
            return
        if own or words(" ".join(self.slide.text + lead)) > LONGEST_PARAGRAPH:
            self.add("formula", self.section)
        self.slide.text += [*lead, text]

    def table(self, text: str) -> None:
        """Show a table on a slide of its own, unless it is long: then it is the page's."""
        if self.slide.kind == "exercise":
            self.slide.text.append(text)
        elif text.count("\n") > 11 or words(text) > 160:
            self.note(text)
        else:
            title = self.caption.strip("*") or self.section
            self.add("table", title, text=[] if self.caption else self.lead()).text.append(text)
        self.caption = ""

    def predict(self, text: str) -> None:
        """Ask for a guess."""
        self.answer_in_words()
        quote = " ".join(line.lstrip("> ") for line in text.split("\n"))
        question = quote.removeprefix("**Predict first.** ")
        self.asked = self.add("predict", "Predict first", text=short_paragraphs(question))

    def answer(self, **content) -> Slide:
        """Put the answer right behind its question, and then what had to wait for it."""
        self.asked = None
        slide = self.add("answer", "The answer", **content)
        self.slides += self.later
        self.later = []
        return slide

    def answer_in_words(self) -> None:
        """Answer a prediction that no code answers with the last words that follow it."""
        if self.asked:
            notes = self.asked.notes
            said = [n for n, note in enumerate(notes) if kind_of_text(note) == "prose"]
            first, rest = opening(notes.pop(said[-1]))
            self.answer(text=[first])
            self.note(rest)

    def question(self, text: str) -> None:
        """Ask with options; the explanations appear one by one."""
        summary, answers = re.search(r"<summary>(.*?)</summary>(.*)</details>", text, re.S).groups()
        asked, *options = [part.strip() for part in summary.split("<br>")]
        asked = asked.removeprefix("<strong>Quick question.</strong>").strip()
        answers = [b.text for b in blocks_of_text(answers)]
        slide = self.add("question", "Quick question", text=[*short_paragraphs(asked), *options])
        slide.reveal = [part for answer in answers for part in short_paragraphs(answer)]
        slide.notes = answers

    def code(self, cell: NotebookNode) -> None:
        """Show a cell: short code, what it prints, and whether it answers a prediction."""
        hidden = "hide-input" in cell.metadata.get("tags", [])
        n_lines = cell.source.count("\n") + 1
        show = n_lines <= LONGEST_CODE and not hidden
        cell = deepcopy(cell)
        room = ROOM_OF_ANSWER if self.asked else ROOM
        room -= LINE_HEIGHT * (n_lines + 1) if show else 0
        cell.outputs = shown_outputs(cell.get("outputs", []), room)
        if not show and not cell.outputs:
            return
        if self.asked and cell.outputs:
            self.unread = self.answer(cell=cell, show_code=show)
        elif self.asked:  # made ready before the question, not between it and its answer
            ready = Slide("code", self.section, cell=cell, show_code=True, above=self.section)
            ready.text = self.lead()
            self.slides.insert(self.slides.index(self.asked), ready)
        else:
            lead = self.lead()
            self.add("code", self.section, text=lead, cell=cell, show_code=show)

    def figure(self, cell: NotebookNode, caption: str) -> None:
        """Show a figure under its caption; a prediction that it answers is answered first."""
        if self.asked:
            self.unread = self.answer()
        outputs = cell.get("outputs", [])
        cell = deepcopy(cell)
        cell.outputs = [output for output in outputs if is_picture(output)]
        first, *rest = sentences(caption.strip("*"))
        number, _, title = first.partition(". ") if not rest else (first, "", rest.pop(0))
        self.add("figure", f"{number.rstrip('.')}. {title}", cell=cell, text=[" ".join(rest)])
        printed = [o.text.rstrip() for o in outputs if o.get("name") == "stdout"]
        self.slide.notes += [f"```\n{text}\n```" for text in printed]


def plan(cells: list[NotebookNode], *, above: str = "") -> list[Slide]:
    """Lay out the slides of a page.

    Parameters
    ----------
    cells : list
        Its cells in plain Markdown, without solutions, with their outputs.
    above : str
        What stands above the title: the course and the part.
    """
    planner = Planner(above)
    parts = blocks(cells)
    for number, block in enumerate(parts):
        if block.kind == "figure":
            planner.figure(block.cell, parts[number + 1].text)
            parts[number + 1].kind = "done"
        elif block.kind == "code":
            planner.code(block.cell)
        elif block.kind == "details":
            planner.question(block.text)
        elif block.kind == "caption":
            planner.caption = block.text
        elif block.kind in ("quote", "fence"):
            planner.note(block.text)
        elif block.kind != "done":
            getattr(planner, block.kind)(block.text)
    planner.slides[0].above = above
    return planner.slides
