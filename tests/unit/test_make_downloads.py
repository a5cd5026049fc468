"""PDFs and archive of a site: made when needed, gone when not, and never a dead link."""

import json
import zipfile
from pathlib import Path

import make_downloads
import make_pdfs
import pikepdf
import pytest
from make_pdfs import HTML, PRINTED, READY
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf
from playwright.async_api import Error

TOC = {
    "root": "index",
    "parts": [{"caption": "First part", "chapters": [{"file": "a/one"}, {"file": "a/two"}]}],
}
PAGE = """<html><head><link rel="stylesheet" href="{up}style.css"/>{head}</head><body>
<article class="bd-article"><h1>{title}<a class="headerlink" href="#">#</a></h1>
<p class="downloads"></p><p>{text}</p><img src="{up}picture.png"/></article></body></html>"""


class FakeBrowser:
    """Stands for Chromium: writes PDFs of one sheet, and counts."""

    def __init__(self, root: Path):
        self.root, self.printed, self.there, self.broken = root, [], True, ""
        self.chromium = self  # also stands for Playwright

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass

    async def launch(self, **_):
        if not self.there:
            raise Error("no such file")
        return self

    async def new_page(self):
        return FakePage(self)

    async def close(self):
        pass


class FakePage:
    """Stands for a tab."""

    def __init__(self, browser: FakeBrowser):
        self.browser, self.address, self.title = browser, "", "?"

    def set_default_timeout(self, timeout):
        pass

    async def route(self, *_):
        pass

    async def goto(self, address):
        self.address = address

    async def evaluate(self, _, title):
        self.title = title

    async def close(self):
        pass

    async def pdf(self, path, **options):
        name = path.relative_to(self.browser.root / PRINTED).with_suffix("").as_posix()
        if name == self.browser.broken:
            raise Error("out of paper")
        if not name.startswith("_"):
            self.browser.printed.append(name)
        site = (self.browser.root / HTML).as_uri()
        numbers = name == "_numbers"
        sheets = path.with_suffix(".html").read_text().count("<p>") if numbers else 1
        sheet_of(path, self.title, [f"{site}/a/two.html#x", f"{site}/file.txt"], sheets)


def sheet_of(path: Path, title: str, addresses: list[str], sheets: int) -> None:
    """Write a PDF such as Chromium writes: tagged, with bookmarks, links and a named place."""
    pdf = Pdf.new()
    for number in range(sheets):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.StructParents = number
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    root.K = pdf.make_indirect(Dictionary(S=Name.Document, P=root, Pg=pdf.pages[0].obj))
    root.ParentTree = Dictionary(Nums=Array())
    for number in range(sheets):
        root.ParentTree.Nums.extend([number, Array([root.K])])
    pdf.Root.StructTreeRoot = root
    place = Array([pdf.pages[0].obj, Name.XYZ, 0, 300, 0])
    pdf.Root.Dests = Dictionary({"/x": place})
    actions = [Dictionary(S=Name.URI, URI=address) for address in addresses]
    annotations = [Dictionary(Subtype=Name.Link, A=action) for action in actions]
    annotations.append(Dictionary(Subtype=Name.Link, Dest=Name("/x")))
    pdf.pages[0].Annots = Array([pdf.make_indirect(each) for each in annotations])
    with pdf.open_outline() as outline:
        outline.root.append(OutlineItem(title * 2, place))  # as Chromium does at times
        outline.root[0].children.append(OutlineItem("A section", place))
    pdf.save(path)


@pytest.fixture
def root(tmp_path):
    """A built site of three pages."""
    (tmp_path / "_config.yml").write_text("title: A Course\nauthor: Ada\ncopyright: '2026'\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1"\n')
    (tmp_path / "_toc.yml").write_text(json.dumps(TOC))
    for name in ("index", "a/one", "a/two"):
        write(tmp_path, name)
    (tmp_path / HTML / "style.css").write_text("p {}")
    (tmp_path / HTML / "picture.png").write_bytes(b"picture")
    return tmp_path


@pytest.fixture
def browser(root, monkeypatch):
    fake = FakeBrowser(root)
    monkeypatch.setattr(make_pdfs, "async_playwright", lambda: fake)
    monkeypatch.delenv("CI", raising=False)
    return fake


def write(root: Path, name: str, text: str = "Words.", head: str = "") -> None:
    path = root / HTML / f"{name}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    up = "../" * name.count("/")
    path.write_text(PAGE.format(up=up, title=f"Page  {name}", text=text, head=head))


def site_page(root: Path, name: str) -> str:
    return (root / HTML / f"{name}.html").read_text()


def downloads(root: Path) -> set[str]:
    folder = root / HTML / "downloads"
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def uris(path: Path) -> list[str]:
    with Pdf.open(path) as pdf:
        actions = [link.get("/A", Dictionary()) for link in make_pdfs.links(pdf)]
        return [str(action.get("/URI", action.get("/F", ""))) for action in actions]


def test_every_page_is_printed_once_and_offered(root, browser):
    assert make_downloads.make_downloads(root) == 0
    assert sorted(browser.printed) == ["a/one", "a/two", "index"]
    pages = {"pages/index.pdf", "pages/a/one.pdf", "pages/a/two.pdf"}
    assert downloads(root) == pages | {"a-course.pdf", "a-course-site.zip"}
    link = '<a href="../downloads/pages/a/one.pdf">PDF of this page</a>'
    assert f'<p class="downloads">{link}</p>' in site_page(root, "a/one")
    first = site_page(root, "index")
    assert 'href="downloads/a-course.pdf">The whole course on paper</a> (PDF, 4 pages, ' in first
    assert 'href="downloads/a-course-site.zip">' in first


@pytest.mark.parametrize(
    ("changed", "content", "printed"),
    [
        (None, "", []),
        ("a/one.html", None, ["a/one"]),
        ("picture.png", "another", ["a/one", "a/two", "index"]),
        ("style.css", "p { color: red }", ["a/one", "a/two", "index"]),
    ],
    ids=["nothing", "text", "picture", "style"],
)
def test_only_what_looks_different_is_printed_again(root, browser, changed, content, printed):
    make_downloads.make_downloads(root)
    browser.printed.clear()
    if content is None:
        write(root, "a/one", "Other words.")
    elif changed:
        (root / HTML / changed).write_text(content)
    browser.there = bool(printed)  # without work no browser is asked for
    assert make_downloads.make_downloads(root) == 0
    assert sorted(browser.printed) == printed


def test_a_site_built_anew_gets_its_downloads_without_printing(root, browser):
    make_downloads.make_downloads(root)
    before = downloads(root)
    make_downloads.shutil.rmtree(root / HTML / "downloads")
    browser.printed.clear()
    assert make_downloads.make_downloads(root) == 0
    assert (downloads(root), browser.printed) == (before, [])


def test_pdf_of_a_page_that_is_gone_goes_too(root, browser):
    make_downloads.make_downloads(root)
    toc = {"root": "index", "chapters": [{"file": "a/one"}]}
    (root / "_toc.yml").write_text(json.dumps(toc))
    assert make_downloads.make_downloads(root) == 0
    assert "pages/a/two.pdf" not in downloads(root)
    assert not list((root / PRINTED).rglob("two.*"))
    with Pdf.open(root / READY / "a-course.pdf") as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == ["Page index", "Page a/one"]


def test_without_a_browser_there_are_no_pdfs_no_links_and_one_line(root, browser, capsys):
    browser.there = False
    assert make_downloads.make_downloads(root) == 0
    assert downloads(root) == {"a-course-site.zip"}
    assert capsys.readouterr().out.count("\n") == 1
    assert '<p class="downloads"></p>' in site_page(root, "a/one")
    assert ".pdf" not in site_page(root, "index")
    browser.there = True
    assert make_downloads.make_downloads(root) == 0
    assert "a/one.pdf" in site_page(root, "a/one")


def test_a_browser_that_has_gone_leaves_no_link_to_an_old_pdf(root, browser):
    make_downloads.make_downloads(root)
    write(root, "a/one", "Other words.")
    browser.there = False
    assert make_downloads.make_downloads(root) == 0
    assert downloads(root) == {"a-course-site.zip", "pages/index.pdf", "pages/a/two.pdf"}
    assert '<p class="downloads"></p>' in site_page(root, "a/one")


def test_in_ci_a_missing_browser_is_a_failure(root, browser, monkeypatch):
    monkeypatch.setenv("CI", "true")
    browser.there = False
    assert make_downloads.make_downloads(root) == 1


def test_page_that_cannot_be_printed_is_named_and_the_others_are_kept(
    root, browser, capsys, monkeypatch
):
    monkeypatch.setattr(make_pdfs, "TABS", 1)
    browser.broken = "a/two"
    assert make_downloads.make_downloads(root) == 1
    assert "a/two cannot be printed: out of paper" in capsys.readouterr().out
    browser.broken = ""
    browser.printed.clear()
    assert make_downloads.make_downloads(root) == 0
    assert browser.printed == ["a/two"]


@pytest.mark.parametrize("address", ["", "https://example.org/course/"])
def test_links_lead_to_the_site_or_to_the_pdf_beside_never_to_this_disk(root, browser, address):
    for name in ("index", "a/one", "a/two"):
        head = f'<link rel="canonical" href="{address}{name}.html" />' if address else ""
        write(root, name, head=head)
    make_downloads.make_downloads(root)
    found = uris(root / READY / "pages" / "a" / "one.pdf")
    if address:
        assert found == [f"{address}a/two.html#x", f"{address}file.txt", ""]
    else:
        assert found == ["two.pdf", "", ""]
    assert set(uris(root / READY / "a-course.pdf")) == {""}


def test_course_has_bookmarks_places_and_tags_of_all_pages(root, browser):
    make_downloads.make_downloads(root)
    with Pdf.open(root / READY / "a-course.pdf") as pdf:
        where = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        with pdf.open_outline() as outline:
            first, part = outline.root
            assert (first.title, part.title) == ("Page index", "First part")
            assert [page.title for page in part.children] == ["Page a/one", "Page a/two"]
            assert [s.title for page in part.children for s in page.children] == ["A section"] * 2
            assert [where[p.destination[0].objgen] for p in part.children] == [2, 3]
        aims = [where[link.Dest[0].objgen] for link in make_pdfs.links(pdf) if "/Dest" in link]
        # Of each sheet, the title page too: to page two, and to a place of its own.
        assert aims == [3, 0, 3, 1, 3, 2, 3, 3]
        [document] = [pdf.Root.StructTreeRoot.K]
        assert [where[part.Pg.objgen] for part in document.K] == [0, 1, 2, 3]
        parents = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)
        own = [parents[int(page.StructParents)][0].Pg.objgen for page in pdf.pages]
        assert own == list(where)


def test_archive_holds_the_site_without_downloads_and_is_made_once(root, browser):
    make_downloads.make_downloads(root)
    path = root / READY / "a-course-site.zip"
    bytes_before, made = path.read_bytes(), path.stat().st_mtime_ns
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        page = archive.read("a-course/a/one.html").decode()
    assert names == sorted(names)
    assert {name.split("/")[0] for name in names} == {"a-course"}
    assert not [name for name in names if "downloads" in name]
    assert '<p class="downloads"></p>' in page
    make_downloads.make_downloads(root)
    assert path.stat().st_mtime_ns == made
    path.unlink()
    make_downloads.make_downloads(root)
    assert path.read_bytes() == bytes_before
    (root / HTML / "new.txt").write_text("new")
    make_downloads.make_downloads(root)
    assert path.read_bytes() != bytes_before
