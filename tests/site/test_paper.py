"""The pages on paper: printed by a reader, as PDFs, and as an archive to read offline."""

import re
import zipfile
from itertools import pairwise

import pikepdf
import pypdfium2
import pytest
from browser import Visit, new_window
from make_downloads import DOWNLOADS
from make_pdfs import entries, ready_course
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE
from site_pages import HTML, PAGES, ROOT, WRITTEN, tree

CHEAT_SHEET = "chapters/reference/cheat_sheet.html"
TEXTS = "#cheat-sheet :is(h1, h2, p, th, td, a, code, pre, span)"
PAPER = 665  # the width of the text on A4, in pixels of a browser
A4 = (595, 842)  # in points
# What sticks out of the paper, or is cut off where a screen would let it scroll.
CUT_OFF = """
() => {
  const paper = document.querySelector("article.bd-article").getBoundingClientRect();
  const shown = [...document.querySelectorAll("article *")].filter(e =>
    !e.closest(".katex-mathml, .visually-hidden, svg") && e.getBoundingClientRect().width > 1);
  return shown.filter(e => {
    const style = getComputedStyle(e);
    const wide = style.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1;
    const tall = style.overflowY !== "visible" && e.scrollHeight > e.clientHeight + 2;
    const cut = style.display !== "inline" && (wide || tall);
    return cut || e.getBoundingClientRect().right > paper.right + 1;
  }).map(e => e.outerHTML.slice(0, 200));
}
"""
# Text that is not dark on a light ground: by the rule for contrast, 4.5 to 1.
PALE = """
() => {
  const light = colour => colour.match(/[\\d.]+/g).map(Number).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      const [, , , alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
      if (alpha > 0.5) return light(colour);  // a thin veil is no ground
    }
    return 1;
  };
  const own = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  return [...document.querySelectorAll("article *")]
    .filter(e => own(e) && e.checkVisibility() && !e.closest(".katex-mathml, .visually-hidden"))
    .filter(e => (ground(e) + 0.05) / (light(getComputedStyle(e).color) + 0.05) < 4.5)
    .map(e => e.outerHTML.slice(0, 200));
}
"""
FOLDED = """
() => [...document.querySelectorAll(
    "article details > :not(summary), article .dropdown > *, article .nn-fallback > *")]
  .filter(e => !e.matches("button, .toggle-button") && !e.closest(".nn-live, .page-about")
    && e.textContent.trim()
    && !e.checkVisibility({opacityProperty: true, visibilityProperty: true}))
  .map(e => e.outerHTML.slice(0, 200))
"""
NOT_TEXT = "#pst-primary-sidebar, #pst-secondary-sidebar, .bd-header-article, .headerlink, .copybtn"
NOT_TEXT += ", .prev-next-footer, footer, .toggle-button, .nn-live, .downloads, #jb-print-docs-body"
NOT_TEXT += ", .page-about"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_cheat_sheet_fits_on_two_sides_in_black(visit, theme):
    page = visit(CHEAT_SHEET, theme=theme).page
    paper = page.pdf(prefer_css_page_size=True)
    [box] = set(re.findall(rb"/MediaBox\s*\[([^\]]*)\]", paper))
    width, height = (float(number) for number in box.split()[2:])
    assert (round(width), round(height)) == A4
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) <= 2
    page.emulate_media(media="print", color_scheme=theme)
    colours = page.eval_on_selector_all(TEXTS, "all => all.map(e => getComputedStyle(e).color)")
    assert set(colours) == {"rgb(0, 0, 0)"}
    size = page.eval_on_selector("#cheat-sheet td", "e => parseFloat(getComputedStyle(e).fontSize)")
    assert size * 72 / 96 > 7  # points
    assert page.eval_on_selector("#cheat-sheet", "e => e.scrollWidth <= e.clientWidth")


@pytest.mark.parametrize("written", WRITTEN)
def test_page_prints_whole_unfolded_and_dark_on_white_from_both_themes(visit, written):
    page = visit(written, width=PAPER).page
    page.emulate_media(media="print")
    # Themes fade from colour to colour, and folds open; what is printed is the end.
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    assert page.evaluate(CUT_OFF) == []
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        assert page.evaluate(PALE) == []
    assert page.evaluate(FOLDED) == []
    shown = page.locator(NOT_TEXT).evaluate_all("all => all.filter(e => e.checkVisibility())")
    assert shown == []
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.fixture(scope="module")
def course(browser):
    """The PDF of the whole course; without a browser there is none, and this test has none."""
    with pikepdf.open(HTML / DOWNLOADS / ready_course(ROOT).name) as pdf:
        yield pdf


@pytest.fixture(scope="module")
def texts(course):
    """The text of each sheet of the whole course, as another program reads it."""
    document = pypdfium2.PdfDocument(course.filename)
    found = [sheet.get_textpage().get_text_bounded() for sheet in document]
    document.close()
    return found


@pytest.fixture(scope="module")
def pages(browser):
    """The name of each page of the course and its PDF."""
    return {e.name: HTML / DOWNLOADS / "pages" / f"{e.name}.pdf" for e in entries(ROOT)}


def numbers_of(pdf: pikepdf.Pdf) -> dict:
    """Return the number of each sheet, from 0, by which links and bookmarks find it."""
    return {page.obj.objgen: number for number, page in enumerate(pdf.pages)}


def plain(text: str) -> str:
    """Drop what a PDF may break or set in another way: spaces, hyphens at line ends."""
    return re.sub(r"[\s\u00ad\ufffe\u0002-]+", "", text)


def test_every_page_offers_its_pdf_and_the_first_one_everything(pages):
    for name, path in pages.items():
        links = [a for part in tree(f"{name}.html").find_class("downloads") for a in part.iter("a")]
        offered = {(HTML / name).parent.joinpath(link.get("href")).resolve() for link in links}
        assert path in offered
        assert all(file.is_file() for file in offered)
        assert (len(offered) == 3) == (name == "index")
    assert set((HTML / DOWNLOADS / "pages").rglob("*.pdf")) == set(pages.values())


def test_bookmarks_are_the_table_of_contents(course):
    where = numbers_of(course)
    with course.open_outline() as outline:
        [first, *parts] = outline.root
        shown = [("", first), *((part.title, page) for part in parts for page in part.children)]
        found = [(part, page.title) for part, page in shown]
        starts = [where[page.destination[0].objgen] for _, page in shown]
        sections = {page.title: [s.title for s in page.children] for _, page in shown}
    wanted = entries(ROOT)
    assert found == [(entry.part, entry.title) for entry in wanted]
    assert all(a < b for a, b in pairwise(starts))
    for entry in wanted:
        headings = tree(f"{entry.name}.html").xpath("//article//h2")
        headings = [h for h in headings if h.find_class("headerlink") and not h.find_class("katex")]
        titles = [plain(heading.text_content().removesuffix("#")) for heading in headings]
        assert set(titles) <= {plain(title) for title in sections[entry.title]}


def test_contents_name_the_sheet_on_which_each_page_begins(course, texts):
    # Programs break the lines of a sheet where they like; its own number stands at its end.
    sheets = (text.strip().removesuffix(str(n)) for n, text in enumerate(texts[1:3], 2))
    contents = plain("".join(sheets))
    for entry in entries(ROOT):
        number = re.search(re.escape(plain(entry.title)) + r"(\d+)", contents)[1]
        assert plain(texts[int(number) - 1]).startswith(plain(entry.title))


def test_every_sheet_is_a4_and_numbered_and_the_first_names_licence_and_date(course, texts):
    sizes = {tuple(round(float(v)) for v in page.mediabox[2:]) for page in course.pages}
    assert all(abs(w - A4[0]) <= 1 and abs(h - A4[1]) <= 1 for w, h in sizes)
    assert "CC BY 4.0" in texts[0]
    assert re.search(r"printed on \d+ \w+ \d{4}", texts[0])
    assert [n for n, text in enumerate(texts[1:], 2) if str(n) not in text.split()] == []


def test_pdfs_are_tagged_and_the_tags_of_every_sheet_lie_on_a_sheet(course, pages):
    for path in pages.values():
        with pikepdf.open(path) as pdf:
            assert pdf.Root.MarkInfo.Marked
            assert str(pdf.Root.Lang) == "en"
            assert pdf.Root.StructTreeRoot.K.S == "/Document"
    assert course.Root.MarkInfo.Marked
    parts, where = course.Root.StructTreeRoot.K.K, numbers_of(course)
    assert len(parts) == len(pages) + 1  # the title page and the contents
    with pikepdf.open(pages["chapters/start/math_refresher"]) as pdf:
        tags = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/S" in o]
        assert {"/H1", "/H2", "/P", "/L"} <= {str(tag.S) for tag in tags}
    own = pikepdf.NumberTree(course.Root.StructTreeRoot.ParentTree)
    for page in course.pages:
        [tag, *_] = [tag for tag in own[int(page.StructParents)] if tag is not None]
        assert tag.Pg.objgen in where


def test_no_link_leads_to_a_disk_or_to_nothing(course, pages):
    for path in [course.filename, *pages.values()]:
        with pikepdf.open(path) as pdf:
            where = numbers_of(pdf)
            for page in pdf.pages:
                for link in page.get("/Annots", []):
                    action = link.get("/A", {})
                    assert not str(action.get("/URI", "")).startswith("file:")
                    if "/F" in action:
                        assert (path.parent / str(action.F)).is_file()
                    if "/Dest" in link and isinstance(link.Dest, pikepdf.Array):
                        assert link.Dest[0].objgen in where


def test_fonts_are_in_the_pdf(course):
    descriptors = [
        found
        for found in course.objects
        if isinstance(found, pikepdf.Dictionary) and found.get("/Type") == "/FontDescriptor"
    ]
    assert len(descriptors) > 10
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(f.keys()) for f in descriptors)


def test_solutions_and_formulas_can_be_searched_and_laboratories_say_where_they_are(pages):
    def text(name: str) -> str:
        document = pypdfium2.PdfDocument(pages[name])
        found = "\n".join(sheet.get_textpage().get_text_bounded() for sheet in document)
        document.close()
        return found

    refresher = text("chapters/start/math_refresher")
    [article] = tree("chapters/start/math_refresher.html").iter("article")
    solutions = article.find_class("solution")
    assert solutions
    for solution in solutions:
        assert plain(solution.find_class("highlight")[0].text_content()) in plain(refresher)
    assert "∂" in refresher
    optimizers = text("chapters/tuning/optimizers")
    assert "open the page Optimisers on the site" in " ".join(optimizers.split())


def test_pictures_are_sharp(pages):
    document = pypdfium2.PdfDocument(pages["chapters/tuning/optimizers"])
    dots = []
    for sheet in document:
        for picture in sheet.get_objects(filter=[FPDF_PAGEOBJ_IMAGE]):
            left, _, right, _ = picture.get_bounds()
            dots.append(picture.get_px_size()[0] / (right - left) * 72)
    document.close()
    assert len(dots) >= 3
    assert min(dots) > 90  # dots in an inch


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The site, unpacked from its archive."""
    [path] = (HTML / DOWNLOADS).glob("*.zip")
    folder = tmp_path_factory.mktemp("offline")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    [site] = folder.iterdir()
    return site


def test_archive_holds_every_page_and_no_dead_link(unpacked):
    for name in PAGES:
        found = tree(name, unpacked).xpath("//@src | //@href")
        local = [re.split("[?#]", link)[0] for link in found if not re.match(r"\w+:|//", link)]
        here = (unpacked / name).parent
        assert [link for link in local if link and not (here / link).exists()] == []


@pytest.mark.parametrize("opened_name", ["index", "chapters/fundamentals/mnist", "search"])
def test_unpacked_page_opens_from_disk(browser, unpacked, opened_name):
    context = new_window(browser)
    opened = Visit(context.new_page())
    opened.page.goto((unpacked / f"{opened_name}.html").as_uri())
    opened.page.wait_for_timeout(300)
    assert opened.complaints == []
    assert [
        url for url in opened.requests if not url.startswith((unpacked.as_uri(), "data:"))
    ] == []
    context.close()
