"""Print the built site into PDFs: one for every page, and one of the whole course.

Chromium prints each page with its print style, tagged and with bookmarks. What it printed is kept
in ``_build/downloads`` with a hash of all that shows in it, so that only pages that look different
are printed again. From these the PDFs in the site are made, with links that lead to other pages of
the site or of the same PDF, never to the disk of whoever built it. pikepdf joins them: it is many
times faster than what is written in Python alone, and packs the small objects of a tagged PDF.
"""

import asyncio
import datetime
import hashlib
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html import escape, unescape
from pathlib import Path
from typing import NamedTuple

import pikepdf
import yaml
from chromium import MISSING, launch_options
from make_copies import file_name
from pikepdf import Array, Dictionary, Name, NumberTree, OutlineItem, Pdf
from playwright.async_api import Browser, Error, async_playwright

HTML = Path("_build", "html")
PRINTED, READY = Path("_build", "downloads", "printed"), Path("_build", "downloads", "ready")
TABS = min(4, os.cpu_count() or 1)
TIMEOUT = 180_000  # milliseconds; a busy machine is slow
PAPER = {"format": "A4", "prefer_css_page_size": True, "print_background": True}
PAPER |= {"tagged": True, "outline": True}
PLACE_OF_LINKS = re.compile(r'<p class="downloads">.*?</p>', re.S)
STYLE_SHEET = re.compile(r'<link[^>]*rel="stylesheet"[^>]*>')
SOURCE = re.compile(r'(?:src|href)="([^":?#]+)')
PREPARE = """
async title => {
  document.documentElement.dataset.theme = "light";  // for the colours of code
  const style = document.createElement("style");
  const left = `${JSON.stringify(title + ", page ")} counter(page) " of " counter(pages)`;
  style.textContent = `@page { @bottom-left { content: ${left}; } }`;
  document.head.append(style);
  const images = [...document.querySelectorAll("article img")];
  for (const image of images) image.loading = "eager";
  await Promise.all([document.fonts.ready, ...images.map(image => image.decode())]);
}
"""


class PdfError(RuntimeError):
    """A page that could not be printed."""


class Entry(NamedTuple):
    """A page of the course."""

    part: str
    name: str
    title: str


def listed(toc: dict, part: str = "") -> Iterator[tuple[str, str]]:
    """Yield part and name of the pages in a table of contents, in reading order."""
    part = toc.get("caption", part)
    if name := toc.get("file", toc.get("root")):
        yield part, name
    for kind in ("parts", "chapters", "sections"):
        for child in toc.get(kind, []):
            yield from listed(child, part)


def title_of(html: str) -> str:
    """Return the title of a built page, as plain text."""
    heading = re.search(r"<h1>(.*?)(?:<a class=\"headerlink\"|</h1>)", article(html), re.S)[1]
    return text_of(heading)


def text_of(html: str) -> str:
    """Return the text of a piece of HTML in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def article(html: str) -> str:
    """Return the part of a built page that is printed, without its links to downloads."""
    inside = html[html.index("<article") : html.index("</article>")]
    return PLACE_OF_LINKS.sub("", inside)


def entries(root: Path) -> list[Entry]:
    """Return the built pages of the course, in reading order."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return [Entry(part, name, title_of(read(root, name))) for part, name in listed(toc)]


def read(root: Path, name: str) -> str:
    """Return a built page."""
    return (root / HTML / f"{name}.html").read_text(encoding="utf-8")


def seen(root: Path, name: str) -> str:
    """Return a hash of all that shows in print: text, pictures, styles, and how it is made."""
    html = read(root, name)
    address = address_of_site(html, name)
    styles = "".join(STYLE_SHEET.findall(html))
    found = hashlib.sha256(Path(__file__).read_bytes() + (root / HTML).as_uri().encode())
    found.update((address + styles + article(html)).encode())
    for address in sorted(set(SOURCE.findall(styles + article(html)))):
        file = (root / HTML / name).parent / unescape(address)
        if file.is_file() and file.suffix != ".html":
            found.update(file.read_bytes())
    return found.hexdigest()


def address_of_site(html: str, name: str) -> str:
    """Return where the site is published, if a built page says so."""
    stated = re.search(r'<link rel="canonical" href="([^"]+)"', html)
    page = f"{name}.html"
    return stated[1].removesuffix(page) if stated and stated[1].endswith(page) else ""


async def print_pages(
    root: Path, wanted: list[Entry], looks: dict[Entry, str], browser: Browser
) -> None:
    """Print pages side by side; each is noted as soon as it is ready."""
    waiting, known = list(wanted), {entry.name for entry in looks}

    async def work() -> None:
        page = await browser.new_page()
        page.set_default_timeout(TIMEOUT)
        # What scripts would fold or move is printed as it was written.
        await page.route(re.compile(r"\.js(\?|$)"), lambda route: route.abort())
        while waiting:
            entry = waiting.pop(0)
            target = root / PRINTED / f"{entry.name}.pdf"
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                await page.goto((root / HTML / f"{entry.name}.html").as_uri())
                await page.evaluate(PREPARE, entry.title)
                await page.pdf(path=target, **PAPER)
            except Error as error:
                waiting.clear()
                raise PdfError(f"{entry.name} cannot be printed: {error.message}") from error
            write_page(root, entry, known)
            target.with_suffix(".json").write_text(json.dumps({"seen": looks[entry]}))

    await asyncio.gather(*(work() for _ in range(min(TABS, len(waiting)))))


def ready_page(root: Path, name: str) -> Path:
    """Return where the PDF of a page lies before it is copied into the site."""
    return root / READY / "pages" / f"{name}.pdf"


def ready_course(root: Path) -> Path:
    """Return where the PDF of the whole course lies before it is copied into the site."""
    return root / READY / f"{file_name(settings(root)['title'])}.pdf"


def settings(root: Path) -> dict:
    """Return the settings of the book."""
    return yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))


def is_ready(note: Path, identity: str, result: Path) -> bool:
    """Tell whether a PDF was made from what stands there now."""
    try:
        return json.loads(note.read_text())["seen"] == identity and result.is_file()
    except (OSError, ValueError, KeyError):
        return False


def links(pdf: Pdf) -> Iterator[Dictionary]:
    """Yield each link of a PDF."""
    for page in pdf.pages:
        for annotation in page.get("/Annots", Array()):
            if annotation.get("/Subtype") == Name.Link:
                yield annotation


def led_to(link: Dictionary, base: str) -> tuple[str, str] | None:
    """Return the file and the place in it to which a link leads; None if not to the site."""
    uri = str(link.get("/A", Dictionary()).get("/URI", ""))
    if not uri.startswith(base):
        return None
    file, _, place = uri.removeprefix(base).partition("#")
    return file, place


def headings(html: str) -> dict[str, str]:
    """Return the headings of a built page by what Chromium may make of them in bookmarks.

    It drops the space at which a heading breaks, and writes a heading twice that it moves to the
    next sheet.
    """
    found = re.findall(r"<h[1-4]>(.*?)<a class=\"headerlink\"", article(html), re.S)
    known = {}
    for heading in found:
        text = text_of(heading)
        closed = text.replace(" ", "")
        known |= {closed: text, closed * 2: text}
    return known


def written(title: str, known: dict[str, str]) -> str:
    """Return a bookmark as the heading is written on the page."""
    return known.get("".join(title.split()), title)


def save(pdf: Pdf, target: Path, title: str, author: str) -> None:
    """Write a PDF, small, with its title."""
    pdf.docinfo["/Title"], pdf.docinfo["/Author"] = title, author
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def write_page(root: Path, entry: Entry, known: set[str]) -> None:
    """Write the PDF of one page; links to other pages lead to the site, or to their PDFs."""
    html, base = read(root, entry.name), f"{(root / HTML).as_uri()}/"
    address = address_of_site(html, entry.name)
    with Pdf.open(root / PRINTED / f"{entry.name}.pdf") as pdf:
        for link in links(pdf):
            if (aim := led_to(link, base)) is None:
                continue
            file, place = aim
            name = file.removesuffix(".html")
            if address:
                link.A.URI = address + file + (f"#{place}" if place else "")
            elif name in known:
                beside = os.path.relpath(f"{name}.pdf", Path(entry.name).parent).replace("\\", "/")
                link.A = Dictionary(S=Name.GoToR, F=beside, D=Array([0, Name.Fit]))
            else:
                del link.A  # a download, which need not lie beside this PDF
        with pdf.open_outline() as outline:
            tidy(outline.root, headings(html))
        save(pdf, ready_page(root, entry.name), entry.title, settings(root)["author"])


def tidy(items: list[OutlineItem], known: dict[str, str]) -> None:
    """Correct the titles of bookmarks, at all depths."""
    for item in items:
        item.title = written(item.title, known)
        tidy(item.children, known)


def write_course(root: Path, course: list[Entry], front: Path, numbers: Path) -> None:
    """Join what was printed: links within, bookmarks by part, page and section, tags, numbers.

    Parameters
    ----------
    root : Path
        Root of the project.
    course : list of Entry
        The pages in reading order; all are printed.
    front : Path
        A PDF of the title page and the contents.
    numbers : Path
        A PDF with as many pages as the result, with nothing on them but their numbers.
    """
    result, base = Pdf.new(), f"{(root / HTML).as_uri()}/"
    first: dict[str, int] = {}
    places: dict[tuple[str, str], Array] = {}
    sections: dict[str, list[OutlineItem]] = {}
    tags = Tags(result)
    printed = [("", front), *((e.name, root / PRINTED / f"{e.name}.pdf") for e in course)]
    with ExitStack() as open_files:
        for name, path in printed:
            source = open_files.enter_context(Pdf.open(path))
            start = first[name] = len(result.pages)
            number = {page.obj.objgen: start + n for n, page in enumerate(source.pages)}
            for page in source.pages:
                result.pages.append(page)
            tags.add(source, start)

            def moved(aim: Array, number: dict = number) -> Array:
                return Array([result.pages[number[aim[0].objgen]].obj, *list(aim)[1:]])

            # Places by name would clash: every page has its own "in-short".
            named = source.Root.get("/Dests", Dictionary()).items()
            places |= {(name, str(key)[1:]): moved(aim) for key, aim in named}
            for page in list(result.pages)[start:]:
                for link in page.get("/Annots", Array()):
                    if isinstance(link.get("/Dest"), Name):
                        link.Dest = places[name, str(link.Dest)[1:]]
            with source.open_outline() as outline:
                titles = headings(read(root, name)) if name else {}
                sections[name] = bookmarks(outline.root, titles, moved)
        for link in links(result):
            if (aim := led_to(link, base)) is None:
                continue
            name = aim[0].removesuffix(".html")
            del link.A
            if name in first:
                whole = Array([result.pages[first[name]].obj, Name.Fit])
                link.Dest = places.get((name, aim[1]), whole)
        with result.open_outline() as outline:
            parts: dict[str, OutlineItem] = {}
            for entry in course:
                [page] = sections[entry.name]
                if entry.part not in parts and entry.part:
                    parts[entry.part] = OutlineItem(entry.part, page.destination)
                    outline.root.append(parts[entry.part])
                (parts[entry.part].children if entry.part else outline.root).append(page)
        stamp(result, open_files.enter_context(Pdf.open(numbers)))
        tags.write()
        result.Root.Lang, result.Root.PageMode = "en", Name.UseOutlines
        about = settings(root)
        save(result, ready_course(root), about["title"], about["author"])


def bookmarks(
    items: list[OutlineItem], known: dict[str, str], moved: Callable[[Array], Array]
) -> list[OutlineItem]:
    """Return copies of bookmarks that lead to the joined pages."""
    copies = []
    for item in items:
        copy = OutlineItem(written(item.title, known), moved(item.destination))
        copy.children.extend(bookmarks(item.children, known, moved))
        copies.append(copy)
    return copies


class Tags:
    """The structure of joined PDFs, by which a screen reader knows headings, lists and tables."""

    def __init__(self, pdf: Pdf):
        self.pdf, self.parts, self.parents = pdf, Array(), Array()

    def add(self, source: Pdf, start: int) -> None:
        """Take over the structure of a PDF whose pages were appended from ``start`` on."""
        tree = self.pdf.copy_foreign(source.Root.StructTreeRoot)
        tree.K.S = Name.Part
        self.parts.append(tree.K)
        # Pages and links name their entry in a list that is now one for all.
        offset = len(self.parents) // 2
        values = dict(NumberTree(tree.ParentTree).items())
        for key in range(max(values, default=-1) + 1):
            self.parents.extend([offset + key, values.get(key, Array())])
        for page in list(self.pdf.pages)[start:]:
            if "/StructParents" in page:
                page.StructParents = int(page.StructParents) + offset
            for link in page.get("/Annots", Array()):
                if "/StructParent" in link:
                    link.StructParent = int(link.StructParent) + offset

    def write(self) -> None:
        """Make the structure that of the PDF."""
        root = self.pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        root.K = self.pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name.Document, P=root, K=self.parts)
        )
        for part in root.K.K:
            part.P = root.K
        root.ParentTree = self.pdf.make_indirect(Dictionary(Nums=self.parents))
        root.ParentTreeNextKey = len(self.parents) // 2
        self.pdf.Root.StructTreeRoot = root
        self.pdf.Root.MarkInfo = Dictionary(Marked=True)


def stamp(pdf: Pdf, numbers: Pdf) -> None:
    """Put a number on every page but the first, marked as no part of the text."""
    for page, number in list(zip(pdf.pages, numbers.pages, strict=True))[1:]:
        name = page.add_resource(pdf.copy_foreign(number.as_form_xobject()), Name.XObject)
        page.contents_add(b"q\n", prepend=True)
        drawn = f"\nQ /Artifact <</Type /Pagination>> BDC q {name} Do Q EMC"
        page.contents_add(drawn.encode())


def front_matter(
    root: Path, course: list[Entry], lengths: list[int], *, own: int, day: datetime.date
) -> str:
    """Return the title page and the contents as HTML, given how long they are themselves."""
    about = settings(root)
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    address = address_of_site(read(root, course[0].name), course[0].name)
    credit = about.get("html", {}).get("extra_footer", "")
    rows, part, number = [], "", own + 1
    for entry, length in zip(course, lengths, strict=True):
        if entry.part != part:
            part = entry.part
            rows.append(f"<h2>{escape(part)}</h2>")
        target = (root / HTML / f"{entry.name}.html").as_uri()
        rows.append(
            f'<p class="row"><a href="{target}">{escape(entry.title)}</a><span>{number}</span></p>'
        )
        number += length
    values = {
        "TITLE": escape(about["title"]),
        "AUTHOR": escape(about["author"]),
        "VERSION": escape(version),
        "DATE": f"{day.day} {day:%B} {day.year}",
        "YEAR": escape(str(about["copyright"])),
        "ADDRESS": f'<p><a href="{address}">{address}</a></p>' if address else "",
        "CREDIT": f"<p>{credit}</p>" if credit else "",
        "ROWS": "\n".join(rows),
    }
    template = (Path(__file__).parent / "pdfs" / "front.html").read_text(encoding="utf-8")
    return re.sub("|".join(values), lambda match: values[match[0]], template)


def page_numbers(count: int) -> str:
    """Return as HTML as many pages, with their numbers and nothing else."""
    template = (Path(__file__).parent / "pdfs" / "numbers.html").read_text(encoding="utf-8")
    return template.replace("PAGES", "".join(f"<p>{n}</p>" for n in range(1, count + 1)))


async def print_html(browser: Browser, html: str, target: Path, **options: bool) -> int:
    """Print a page that is not on the site; return how many sheets it takes."""
    source = target.with_suffix(".html")
    source.write_text(html, encoding="utf-8")
    page = await browser.new_page()
    await page.goto(source.as_uri())
    await page.pdf(path=target, **PAPER | options)
    await page.close()
    return length(target)


def length(path: Path) -> int:
    """Return how many sheets a PDF has."""
    with Pdf.open(path) as pdf:
        return len(pdf.pages)


async def print_course(root: Path, course: list[Entry], browser: Browser) -> None:
    """Print title page, contents and numbers, and join them with the pages."""
    folder = root / PRINTED
    lengths = [length(folder / f"{entry.name}.pdf") for entry in course]
    front, numbers, day = folder / "_front.pdf", folder / "_numbers.pdf", datetime.date.today()
    # The contents give page numbers, which depend on how long the contents are.
    own, needs = 0, 2
    while own != needs:
        own = needs
        html = front_matter(root, course, lengths, own=own, day=day)
        needs = await print_html(browser, html, front)
    await print_html(
        browser, page_numbers(own + sum(lengths)), numbers, tagged=False, outline=False
    )
    write_course(root, course, front, numbers)


def remove_others(root: Path, course: list[Entry]) -> None:
    """Remove what belongs to pages, or to a title, that the course no longer has."""
    names = {entry.name for entry in course} | {"_front", "_numbers", "_course"}
    wanted = {
        root / PRINTED / f"{name}{end}" for name in names for end in (".pdf", ".json", ".html")
    }
    wanted |= {ready_page(root, name) for name in names} | {ready_course(root)}
    for folder in (PRINTED, READY):
        for path in (root / folder).rglob("*.*"):
            if path.suffix in (".pdf", ".json") and path not in wanted:
                path.unlink()


async def make(root: Path) -> str:
    """Make the PDFs that are missing or stale; return what kept it from doing so, if anything.

    Raises
    ------
    PdfError
        If a page cannot be printed.
    """
    course = entries(root)
    remove_others(root, course)
    looks = {entry: seen(root, entry.name) for entry in course}
    stale = [
        entry
        for entry in course
        if not is_ready(
            root / PRINTED / f"{entry.name}.json", looks[entry], ready_page(root, entry.name)
        )
    ]
    front = front_matter(root, course, [0] * len(course), own=0, day=datetime.date.min)
    whole = hashlib.sha256(repr([front, *looks.items()]).encode()).hexdigest()
    note = root / PRINTED / "_course.json"
    if not stale and is_ready(note, whole, ready_course(root)):
        return ""
    for path in [ready_course(root), *(ready_page(root, entry.name) for entry in stale)]:
        path.unlink(missing_ok=True)
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(**launch_options())
        except Error:
            return MISSING
        print(f"book: printing {len(stale)} pages into PDFs ...", flush=True)
        await print_pages(root, stale, looks, browser)
        await print_course(root, course, browser)
        await browser.close()
    note.write_text(json.dumps({"seen": whole}))
    return ""
