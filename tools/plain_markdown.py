"""The notebooks' MyST in plain Markdown, as JupyterLab and Colab show it without extensions.

Exercises become headings, numbered references become the numbers the site shows, links to other
pages become links to their notebooks, figures get their captions below them. A role or directive
that is not known here is an error: nothing may reach a learner as raw markup.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from nbformat.v4 import new_markdown_cell

# A role, or code, which is left alone: read from the left, so that neither is cut in two.
ROLE = re.compile(r"\{([\w-]+)\}`([^`<>]*?)(?:\s*<([^`]*)>)?`|```.*?```|`[^`\n]+`", re.S)
LABEL = re.compile(r"^\(([\w-]+)\)=\n+", re.M)
HEADING = re.compile(r"\A\s*(?:\([\w-]+\)=\s*)*#+ +(.+)")
DIRECTIVE = re.compile(r"^(:{3,})\{([\w-]+)\} *([^\n]*)\n(.*?)^\1[ ]*$", re.M | re.S)
OPTIONS = re.compile(r"\A(?::[\w-]+:[^\n]*\n)+")
EQUATION = re.compile(r"\$\$(?P<body>(?:(?!\$\$).)+)\$\$ *\((?P<label>[\w-]+)\)", re.S)


@dataclass
class Names:
    """What can be referred to: places in the course, and the numbered things of one page."""

    places: dict[str, tuple[Path, str]] = field(default_factory=dict)
    figures: dict[str, int] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)
    equations: dict[str, int] = field(default_factory=dict)


def places(pages: dict[Path, list[str]]) -> dict[str, tuple[Path, str]]:
    """Find the labels of headings.

    Parameters
    ----------
    pages : dict
        Path of a page to its Markdown texts, one for each cell.

    Returns
    -------
    dict
        Label to path of its page and title of its heading.
    """
    found = {}
    for path, texts in pages.items():
        for text in texts:
            for match in LABEL.finditer(text):
                heading = HEADING.match(text[match.start() :])
                if heading:
                    found[match[1]] = (path, heading[1].strip())
    return found


def page_names(cells, known: dict[str, tuple[Path, str]]) -> Names:
    """Give figures, tables and equations of a page the numbers they have on the site."""
    names = Names(known)
    for cell in cells:
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        if "name" in figure:
            names.figures[figure["name"]] = len(names.figures) + 1
        if cell.cell_type == "markdown":
            for match in EQUATION.finditer(cell.source):
                names.equations[match["label"]] = len(names.equations) + 1
            for _, kind, _, body in DIRECTIVE.findall(cell.source):
                if kind == "list-table":
                    names.tables[option(body, "name")] = len(names.tables) + 1
    return names


def option(body: str, name: str) -> str | None:
    """Return an option of a directive, or None."""
    found = re.search(rf"^:{name}: *(.*)$", body, re.M)
    return found[1].strip() if found else None


def translate(text: str, *, page: Path, names: Names) -> str:
    """Put the text of a Markdown cell into plain Markdown.

    Parameters
    ----------
    text : str
        MyST, as the sources have it.
    page : Path
        The page it stands on, relative to the root.
    names : Names
        What it may refer to.

    Raises
    ------
    ValueError
        If a role or directive has no plain form, or a reference leads nowhere.
    """

    def number(kind: str, table: dict[str, int], label: str) -> str:
        if label not in table:
            raise ValueError(f"{page}: {kind} refers to {label!r}, which is not on the page")
        return str(table[label])

    def role(match: re.Match) -> str:
        if match[1] is None:
            return match[0]
        kind, words, target = match[1], match[2], match[3] or match[2]
        if kind == "numref":
            what, table = (
                ("Table", names.tables) if target.startswith("tab-") else ("Figure", names.figures)
            )
            return f"{what} {number(kind, table, target)}"
        if kind == "eq":
            return f"({number(kind, names.equations, target)})"
        if kind in ("nn-try", "term"):
            return words
        if kind == "ref":
            if exercise := re.fullmatch(r"ex-.*-(\d+)", target):
                return words if match[3] else f"exercise {exercise[1]}"
            if target not in names.places:
                raise ValueError(f"{page}: ref leads to {target!r}, which is no heading's label")
            path, title = names.places[target]
            words = words if match[3] else title
            if path == page or path.suffix != ".ipynb":  # the site's pages of text are not copied
                return f"*{words}*"
            return f"[{words}]({os.path.relpath(path, page.parent).replace(os.sep, '/')})"
        raise ValueError(f"{page}: the role {kind!r} has no plain form")

    def directive(match: re.Match) -> str:
        kind, title, body = match[2], match[3].strip(), match[4]
        content = OPTIONS.sub("", body).strip()
        if kind in ("exercise", "solution-start"):
            label = option(body, "label") or title
            exercise = re.fullmatch(r"ex-.*-(\d+)", label)
            if exercise is None:
                raise ValueError(f"{page}: the exercise label {label!r} has no number")
            if kind == "exercise":
                return f"### Exercise {exercise[1]}. {title}\n\n{content}"
            return f"#### Solution of exercise {exercise[1]}"
        if kind == "solution-end":
            return ""
        if kind == "list-table":
            return table(title, content, names.tables[option(body, "name")])
        if kind.startswith("nn-"):
            return "\n".join(f"> {line}".rstrip() for line in content.split("\n"))
        raise ValueError(f"{page}: the directive {kind!r} has no plain form")

    def equation(match: re.Match) -> str:
        return f"$${match['body'].rstrip()} \\tag{{{names.equations[match['label']]}}}\n$$"

    text = EQUATION.sub(equation, DIRECTIVE.sub(directive, LABEL.sub("", text)))
    return re.sub(r"\n{3,}", "\n\n", ROLE.sub(role, text)).strip()


def table(title: str, content: str, number: int) -> str:
    """Turn a list-table with one header row into a table of Markdown."""
    rows = [
        [cell.strip().replace("\n", " ") for cell in re.split(r"^ *- ", row, flags=re.M)[1:]]
        for row in re.split(r"^\* (?=- )", content, flags=re.M)[1:]
    ]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join([f"*Table {number}. {title}*", "", *lines])


def plain_cells(cells, *, page: Path, known: dict[str, tuple[Path, str]]) -> list:
    """Return the cells of a page in plain Markdown, with figures' captions as cells below them."""
    names, result = page_names(cells, known), []
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = translate(cell.source, page=page, names=names)
            if not cell.source:
                continue
        result.append(cell)
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        if "name" in figure:
            caption = translate(figure["caption"], page=page, names=names)
            words = f"*Figure {names.figures[figure['name']]}. {caption}*"
            result.append(new_markdown_cell(words, id=f"{cell.id}-caption"))
    return result
