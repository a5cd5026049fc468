"""Draw a digit, in a real browser, read by the network that the page's own run has trained."""

import base64
import gzip
import io
import json
import re

import numpy as np
import pytest
from browser import LOOKS, faults
from site_pages import HTML, ROOT

PAGE = "chapters/fundamentals/mnist.html"
RECORD = json.loads((ROOT / "_build/runs/chapters/fundamentals/mnist.json").read_text())
PRESETS = json.loads((ROOT / "interactive/settings.json").read_text())["digit"]["presets"]
WEIGHTS = re.compile(r"/_static/nn-chapters-fundamentals-mnist\.js")
REAL = RECORD["facts"]["data"]["mnist"] == "real"
LAB = "document.querySelector('nn-digit')"
SHIFTS = """
since => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (entry.startTime > since) sum += entry.value;
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 400);
})
"""


class Lab:
    def __init__(self, opened):
        self.opened, self.page = opened, opened.page
        self.pad = self.page.locator(".nn-pad")

    @property
    def state(self):
        state = self.page.evaluate(f"{LAB}.state")
        for name in ("image", "probabilities", "hidden"):  # typed arrays come as objects
            if state.get(name):
                state[name] = np.array(list(state[name].values()))
        return state

    @property
    def ink(self):
        return self.state["settings"]["ink"]

    @property
    def status(self):
        return self.page.locator("nn-digit [role=status]").inner_text()

    def texts(self, name):
        items = self.page.get_by_role("list", name=name).get_by_role("listitem")
        return [text.split()[-1] for text in items.all_inner_texts()]

    def go(self, fragment):
        self.page.evaluate("hash => { location.hash = hash; }", fragment)
        self.page.wait_for_timeout(50)

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def show(self, preset):
        """Set up a drawing, wait for the network, and return the state."""
        self.go(f"#digit=ink:{','.join(map(str, PRESETS[preset]['ink']))}")
        self.answered()
        return self.state

    def answered(self):
        self.page.wait_for_function(f"{LAB}.state.probabilities")

    def settled(self, ink):
        """Wait until the drawing stands in the address."""
        self.page.wait_for_function("text => location.hash.endsWith(text)", arg=ink)

    def draw(self, *places):
        """One stroke with the mouse, through places from 0 to 1."""
        self.pad.scroll_into_view_if_needed()
        box = self.pad.bounding_box()
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
        mouse = self.page.mouse
        mouse.move(*points[0])
        mouse.down()
        for point in points[1:]:
            mouse.move(*point, steps=8)
        mouse.up()


@pytest.fixture
def lab(visit):
    return lambda **options: Lab(visit(PAGE, **options))


def test_weights_are_fetched_when_something_is_drawn_and_not_before(lab):
    one = lab()
    one.pad.scroll_into_view_if_needed()
    one.page.wait_for_timeout(200)
    assert not [url for url in one.opened.requests if WEIGHTS.search(url)]
    assert one.status == "The sheet is blank."
    one.draw((0.5, 0.2), (0.5, 0.8))
    one.answered()
    one.draw((0.3, 0.2), (0.5, 0.2))
    assert len([url for url in one.opened.requests if WEIGHTS.search(url)]) == 1
    assert one.opened.foreign == []
    assert one.opened.complaints == []


def test_weights_are_small():
    [served] = [path for path in (HTML / "_static").iterdir() if path.name.startswith("nn-chapt")]
    assert len(gzip.compress(served.read_bytes(), 9)) <= 24_000


def test_probabilities_are_those_of_keras(lab):
    """The whole way: the page's run, its record, the shortened file, the network on the page."""
    import keras

    from nnutils import load_mnist

    parcel = RECORD["handed_over"]["weights"]
    with np.load(io.BytesIO(base64.b64decode(parcel["npz"]))) as file:
        weights = [file[name] for name in file.files]
    model = keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(15, activation=parcel["act"]),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.set_weights(weights)
    data = load_mnist()  # the real images where this machine has them
    images = data.x_test[:400].reshape(-1, 784)
    expected = model.predict(images / np.float32(255), batch_size=400, verbose=0)
    one = lab()
    one.show("three")
    found = one.page.evaluate(
        f"images => images.map(i => [...{LAB}.net.forward(i.map(v => v / 255)).probabilities])",
        images.tolist(),
    )
    np.testing.assert_allclose(found, expected, atol=1e-3)
    if (data.source == "real") == REAL:
        assert np.mean(expected.argmax(axis=1) == data.y_test[:400]) > 0.8  # it is no other net


def test_drawing_by_mouse_undo_clear_and_reload(lab):
    one = lab()
    one.draw((0.3, 0.2), (0.7, 0.2), (0.45, 0.85))
    one.answered()
    first = one.ink
    assert first[0] == 0
    assert 10 < len(first) < 40
    one.draw((0.3, 0.5), (0.7, 0.5))
    both = one.ink
    assert both[: len(first)] == first
    assert both.count(0) == 2
    one.settled(",".join(map(str, both)))
    one.page.reload()
    assert one.ink == both
    one.answered()
    one.button("Undo").click()
    assert one.ink == first
    one.button("Undo").click()
    assert one.ink == []
    one.draw((0.3, 0.5), (0.7, 0.5))
    one.button("Clear").click()
    assert one.ink == []
    assert one.state.get("probabilities") is None
    one.page.wait_for_function("!location.hash.includes('digit')")
    assert one.status == "The sheet is blank."


def test_a_mouse_that_passes_by_leaves_no_ink(lab):
    one = lab()
    one.pad.scroll_into_view_if_needed()
    box = one.pad.bounding_box()
    mouse = one.page.mouse
    mouse.move(box["x"] - 20, box["y"] + 50)
    mouse.down()
    mouse.move(box["x"] + 90, box["y"] + 90, steps=5)
    mouse.up()
    mouse.move(box["x"] + 50, box["y"] + 50, steps=5)
    mouse.click(box["x"] + 50, box["y"] + 50, button="right")
    assert one.ink == []


def test_a_finger_leaves_a_dot(lab):
    one = lab(width=390, has_touch=True)
    one.pad.scroll_into_view_if_needed()
    one.pad.tap()
    assert len(one.ink) == 2
    assert one.state["image"].max() > 0.9


def test_drawing_by_keyboard(lab):
    one = lab()
    one.pad.focus()
    press = one.page.keyboard.press
    top = one.page.evaluate("scrollY")
    for key in ["ArrowUp"] * 5 + ["ArrowLeft"] * 3 + ["Space"] + ["ArrowRight"] * 6:
        press(key)
    # The weights may arrive while keys are pressed: what is said then is of that moment.
    where = "Pen down, column 12, row 4 of 16."
    one.page.wait_for_function(f"{LAB}.statusLine.textContent.includes('{where}')")
    for key in ["ArrowDown"] * 9 + ["Enter", "ArrowLeft"]:
        press(key)
    one.page.wait_for_function(f"{LAB}.statusLine.textContent.includes('Pen up')")
    assert one.page.evaluate("scrollY") == top
    ink = one.ink
    assert ink.count(0) == 1
    assert len(ink) == 2 + 6 + 9
    one.answered()
    assert not REAL or one.state["probabilities"].argmax() == 7
    for key in ["ArrowLeft"] * 20:
        press(key)
    assert one.state["cursor"][0] == 0
    assert one.ink == ink


@pytest.mark.parametrize("keys", ["Alt+ArrowLeft", "Control+Enter", "Tab", "Home", "a"])
def test_other_keys_are_left_to_the_browser(lab, keys):
    one = lab()
    one.page.evaluate(
        f"{LAB}.pad.addEventListener('keydown', e => {{ window.taken = e.defaultPrevented; "
        "e.preventDefault(); })"
    )
    one.pad.focus()
    one.page.keyboard.press(keys)
    assert one.page.evaluate("window.taken") is False
    assert one.ink == []


def test_every_number_stands_as_text(lab):
    one = lab()
    state = one.show("seven-bar")
    assert one.texts("Probability of each digit") == [f"{p:.4f}" for p in state["probabilities"]]
    assert one.texts("Activation of each hidden unit") == [f"{a:.4f}" for a in state["hidden"]]
    best = state["probabilities"].argmax()
    assert f"Read as {best}, probability {state['probabilities'][best]:.4f}." in one.status
    assert abs(state["probabilities"].sum() - 1) < 1e-9
    widths = one.page.evaluate(
        f"[...{LAB}.digits.querySelectorAll('i')].map(i => parseFloat(i.style.width))"
    )
    np.testing.assert_allclose(widths, 100 * state["probabilities"], atol=1e-3)


def test_small_picture_is_what_the_network_gets(lab):
    one = lab()
    image = one.show("three")["image"].reshape(28, 28)
    alpha = one.page.evaluate(
        f"[...{LAB}.tiny.getContext('2d').getImageData(0, 0, 28, 28).data]"
        ".filter((v, i) => i % 4 == 3)"
    )
    np.testing.assert_allclose(np.array(alpha).reshape(28, 28) / 255, image, atol=0.01)
    rows, columns = np.nonzero(image > 1e-9)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 in (20, 21)
    centre = [(image * axis).sum() / image.sum() for axis in np.mgrid[:28, :28] + 0.5]
    np.testing.assert_allclose(centre, 14, atol=0.01)


# -- what the page says of its examples --------------------------------------------------------


def test_place_does_not_matter(lab):
    one = lab()
    middle, left = one.show("three"), one.show("three-left")
    np.testing.assert_allclose(left["image"], middle["image"], atol=1e-9)
    np.testing.assert_allclose(left["probabilities"], middle["probabilities"], atol=1e-9)
    assert min(x % 64 for x in PRESETS["three-left"]["ink"][1:]) < 8  # far to the left indeed


def test_a_small_drawing_has_strokes_too_thick(lab):
    one = lab()
    large, small = one.show("three"), one.show("three-small")
    assert small["image"].sum() > 1.5 * large["image"].sum()
    assert not REAL or large["probabilities"][3] > 0.98
    assert not REAL or small["probabilities"][3] < 0.9


@pytest.mark.parametrize(
    ("preset", "digit", "sure"),
    [("seven-bar", 7, 0.95), ("one-long-flag", 9, 0.4), ("letter-h", 4, 0.9)],
)
def test_what_the_network_says_of_unusual_drawings(lab, preset, digit, sure):
    found = lab().show(preset)["probabilities"]
    assert not REAL or (found.argmax(), found.max() > sure) == (digit, True)


def test_links_of_the_page_set_up_the_drawings(lab):
    one = lab()
    links = one.page.locator("a.nn-try")
    assert links.count() == len(PRESETS)
    shown = []
    for i in range(links.count()):
        links.nth(i).click()
        shown.append(one.ink)
    assert sorted(shown) == sorted(preset["ink"] for preset in PRESETS.values())
    one.button("↓ Back to the text").click()
    assert one.page.evaluate("document.activeElement.className").startswith("nn-try")


# -- what may go wrong -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fragment",
    ["ink:9999", "ink:-1", "ink:1,2,x", "ink:1;ink:2", "<img src=x onerror=alert(1)>:1", "pen:1",
     "__proto__:1", "%zz", "ink:" + ",".join(["7"] * 181), "ink:" + "1," * 900],
)  # fmt: skip
def test_hostile_address_gives_a_note(lab, fragment):
    one = lab()
    images = one.page.locator("img").count()
    one.go(f"#digit={fragment}")
    assert "Ignored" in one.status
    assert one.ink in ([], [1])
    assert one.page.locator("img").count() == images
    assert one.opened.complaints == []


def test_a_full_sheet_says_so_and_takes_no_more(lab):
    one = lab()
    one.go("#digit=ink:0" + ",200,300" * 89)
    assert len(one.ink) == 179
    one.draw((0.5, 0.5), (0.7, 0.7))
    assert len(one.ink) == 179
    assert "The sheet is full." in one.status
    one.button("Undo").click()
    assert one.ink == []


def test_missing_weights_are_told(browser):
    page = browser.new_page()
    page.route(WEIGHTS, lambda route: route.abort())
    page.goto((HTML / PAGE).as_uri())
    one = Lab(type("Opened", (), {"page": page}))
    one.draw((0.3, 0.2), (0.7, 0.2))
    page.wait_for_function(f"{LAB}.statusLine.textContent.includes('not arrived')")
    assert one.state["image"].max() > 0.9  # the drawing is shown all the same
    page.close()


def test_stand_in_is_told(lab):
    note = lab()
    note.show("three")
    assert ("stand-in digits" in note.status) == (not REAL)
    other = lab()
    other.page.evaluate(
        "globalThis.nnWeights = {act: 'relu', note: ' From the stand-in.', layers: []}"
    )
    other.page.evaluate(
        "nnWeights.layers = [784, 15].map((p, i) => ({shape: [p, [15, 10][i]], scale: 1, "
        "kernel: btoa('\\0'.repeat(2 * p * [15, 10][i])), bias: Array([15, 10][i]).fill(0)}))"
    )
    state = other.show("three")
    np.testing.assert_allclose(state["probabilities"], 0.1)  # the first to set the global stays
    assert other.status.endswith("probability 0.1000. From the stand-in.")


# -- looks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_accessible_quiet_and_within_the_page(lab, width, theme):
    one = lab(width=width, theme=theme)
    one.show("three")
    one.pad.focus()
    one.page.keyboard.press("ArrowUp")
    assert faults(one.page, ".nn-box") == []
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    heights = one.page.locator("nn-digit button").evaluate_all("b => b.map(e => e.offsetHeight)")
    assert min(heights) >= 36
    assert min(heights[:2]) >= 44
    assert one.opened.complaints == []
    assert one.opened.foreign == []


@pytest.mark.parametrize(
    "options", [{"theme": "light"}, {"theme": "dark"}, {"forced_colors": "active"}]
)
def test_ink_can_be_told_from_paper(lab, options):
    one = lab(**options)
    one.show("letter-h")
    ink, paper = one.page.evaluate(
        f"(({{pad}}) => [[...pad.getContext('2d').getImageData(pad.width * 18.5 / 64,"
        f" pad.height / 2, 1, 1).data], getComputedStyle(pad).backgroundColor])({LAB})"
    )
    paper = [int(v) for v in re.findall(r"\d+", paper)][:3]
    assert ink[3] == 255
    assert abs(np.mean(ink[:3]) - np.mean(paper)) > 120


@pytest.mark.parametrize("width", [1280, 390])
def test_layout_does_not_shift(lab, width):
    one = lab(width=width)
    one.pad.scroll_into_view_if_needed()
    one.page.evaluate("document.fonts.ready")
    one.page.wait_for_timeout(300)
    now = one.page.evaluate("performance.now()")
    one.page.evaluate(f"{LAB}.take({PRESETS['three']['ink']})")
    one.answered()
    assert one.page.evaluate(SHIFTS, now) <= 0.001
    # Nor did it when the script filled the room that the style had kept free.
    room = one.page.evaluate(f"parseFloat(getComputedStyle({LAB}).minHeight)")
    assert room - 40 < one.page.evaluate(f"{LAB}.live.offsetHeight") <= room


def test_without_scripts_and_on_paper_the_body_is_shown(visit, lab):
    assert visit(PAGE, java_script_enabled=False).page.locator(".nn-fallback").is_visible()
    page = lab().page
    page.emulate_media(media="print")
    assert page.locator(".nn-fallback").is_visible()
    assert page.locator(".nn-live").is_hidden()
