"""Put into the built site what can be downloaded from it, and the links to that.

The PDFs of ``make_pdfs``, and the whole site in one zip for reading offline. Links are written
last, to what is there: a site built without a browser has no PDFs and no link to one.
"""

import asyncio
import os
import shutil
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

from make_copies import file_name
from make_pdfs import (
    HTML,
    PLACE_OF_LINKS,
    READY,
    PdfError,
    entries,
    length,
    make,
    ready_course,
    ready_page,
    settings,
)
from run_notebooks import ROOT

DOWNLOADS = "downloads"  # in the site
EMPTY = '<p class="downloads"></p>'


def size(path: Path) -> str:
    """Return the size of a file for people."""
    return f"{max(path.stat().st_size / 1e6, 0.1):.{0 if path.stat().st_size > 1e7 else 1}f} MB"


def make_archive(root: Path) -> Path:
    """Zip the site without its downloads, if it has changed; the same site gives the same bytes."""
    name = file_name(settings(root)["title"])
    target, note = root / READY / f"{name}-site.zip", root / READY.parent / "site.sha256"
    site = root / HTML
    files = {}
    for path in sorted(site.rglob("*")):
        inside = path.relative_to(site)
        if not path.is_file() or inside.parts[0] == DOWNLOADS:
            continue
        content = path.read_bytes()
        if path.suffix == ".html":  # what is not in the archive is not offered in it
            content = PLACE_OF_LINKS.sub(EMPTY, content.decode()).encode()
        files[f"{name}/{inside.as_posix()}"] = content
    seen = sha256()
    for file, content in files.items():
        seen.update(f"{file}\0{len(content)}\0".encode() + content)
    if target.is_file() and note.is_file() and note.read_text() == seen.hexdigest():
        return target
    for old in (root / READY).glob("*.zip"):
        old.unlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in files.items():
            entry = zipfile.ZipInfo(file)  # with a date that is always the same
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    note.write_text(seen.hexdigest())
    return target


def links_of(root: Path, name: str, archive: Path, *, first: bool) -> str:
    """Return the links to downloads on a page: its PDF; on the first page also the whole course."""
    offered = []
    if first:
        if (course := ready_course(root)).is_file():
            facts = f"PDF, {length(course)} pages, {size(course)}"
            offered.append((course, "The whole course on paper", f" ({facts})"))
        offered.append((archive, "The whole site for reading offline", f" (zip, {size(archive)})"))
    if (page := ready_page(root, name)).is_file():
        offered.append((page, "PDF of this page", ""))
    here = (root / HTML / name).parent
    parts = []
    for path, words, facts in offered:
        target = root / HTML / DOWNLOADS / path.relative_to(root / READY)
        parts.append(
            f'<a href="{Path(os.path.relpath(target, here)).as_posix()}">{words}</a>{facts}'
        )
    return f'<p class="downloads">{" · ".join(parts)}</p>'


def write_links(root: Path, archive: Path) -> None:
    """Write the links into the pages, in place of those of an earlier build."""
    for number, entry in enumerate(entries(root)):
        path = root / HTML / f"{entry.name}.html"
        html = path.read_text(encoding="utf-8")
        links = links_of(root, entry.name, archive, first=number == 0)
        new = PLACE_OF_LINKS.sub(lambda _, links=links: links, html, count=1)
        if new != html:
            path.write_text(new, encoding="utf-8")


def make_downloads(root: Path = ROOT) -> int:
    """Make what is missing or stale and return the exit code."""
    try:
        missing = asyncio.run(make(root))
    except PdfError as error:
        print(f"book: FAILED. {error}")
        return 1
    if missing:
        print(f"book: no PDFs, because there is {missing}")
        if os.environ.get("CI"):
            return 1
    archive = make_archive(root)
    write_links(root, archive)
    shutil.rmtree(root / HTML / DOWNLOADS, ignore_errors=True)
    shutil.copytree(root / READY, root / HTML / DOWNLOADS)
    return 0


if __name__ == "__main__":
    sys.exit(make_downloads())
