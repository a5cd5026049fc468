"""The two laboratories that are gone through step by step, in a real browser, opened from disk."""

import json
import re

import pytest
from browser import LOOKS, faults
from laboratory import SHIFTS, core, step_in_view

WALK = ("chapters/backprop/computational_graphs.html", "walk", "nn-backprop")
SIGNAL = ("chapters/backprop/backpropagation.html", "signal", "nn-backprop")
RULE = ("chapters/history/perceptron.html", "rule", "nn-perceptron")
ALL = [WALK, SIGNAL, RULE]
HOSTILE = ["step:-1", "data:no;graph:no", "__proto__:1", "%zz", "<img src=x>:1", "lr:1e9"]
GRAPHS = ["neuron", "two-layer", "softmax-ce"]


class Lab:
    def __init__(self, opened, name, tag):
        self.opened, self.page, self.name = opened, opened.page, name
        self.box = self.page.locator(f"{tag}#{name}")
        self.box.scroll_into_view_if_needed()

    def do(self, call):
        return self.box.evaluate(f"lab => {{ lab.{call}; }}")

    @property
    def state(self):
        return json.loads(self.box.evaluate("lab => JSON.stringify(lab.state)"))

    @property
    def status(self):
        return self.box.get_by_role("status").inner_text()

    @property
    def steps(self):
        return self.box.locator("ol li").all_inner_texts()

    @property
    def current(self):
        return self.box.locator('[aria-current="step"]').all_inner_texts()

    @property
    def last(self):
        return len(self.steps) - 1

    def go(self, settings):
        self.page.evaluate("hash => { location.hash = hash; }", f"#{self.name}={settings}")
        self.page.wait_for_timeout(50)

    def button(self, name):
        return self.box.get_by_role("button", name=name, exact=True)

    def field(self, name):
        return self.box.get_by_label(name, exact=True)


@pytest.fixture
def lab(visit):
    def open_lab(place, **options):
        page, name, tag = place
        return Lab(visit(page, **options), name, tag)

    return open_lab


def number(text):
    return float(text.replace("−", "-"))


# -- both --------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ALL, ids=lambda place: place[1])
def test_nothing_starts_by_itself_and_nothing_is_asked_of_others(lab, place):
    one = lab(place)
    one.page.wait_for_timeout(400)
    assert one.state["at"] == 0
    assert one.current == one.steps[:1]
    assert one.opened.complaints == []
    assert one.opened.foreign == []
    assert one.box.locator(".nn-fallback").is_hidden()
    assert "#" not in one.page.url


@pytest.mark.parametrize("place", [WALK, RULE], ids=lambda place: place[1])
def test_buttons_lead_through_the_steps(lab, place):
    one = lab(place)
    for name, at in [("Next", 1), ("Back", 0), ("Back", 0), ("Last", one.last), ("Next", one.last)]:
        one.button(name).click()
        assert one.state["at"] == at
        assert one.current == [one.steps[at]]
        assert one.status == one.steps[at]
        assert f"Step {at} of {one.last}" in one.box.inner_text()
        assert f"Step {at} of" in one.box.locator('[role="img"]').get_attribute("aria-label")
    assert step_in_view(one.box)
    one.button("First").click()
    assert one.state["at"] == 0


@pytest.mark.parametrize("place", [WALK, RULE], ids=lambda place: place[1])
def test_keys_step_only_inside_and_not_in_fields(lab, place):
    one = lab(place)
    keys = one.page.keyboard
    keys.press("ArrowRight")
    assert one.state["at"] == 0
    one.button("First").focus()
    for key, at in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", one.last)]:
        keys.press(key)
        assert one.state["at"] == at
    keys.press("Home")
    keys.press("Control+ArrowRight")
    keys.press("Alt+ArrowRight")
    assert one.state["at"] == 0
    one.do("step(2)")
    for field in [one.box.locator("select").first, *one.box.locator("input").all()]:
        field.focus()
        field.press("Home")  # at the first entry, or in the text: nothing else changes
        assert one.state["at"] == 2


@pytest.mark.parametrize("place", [WALK, RULE], ids=lambda place: place[1])
def test_the_step_stands_in_the_address(lab, place):
    one = lab(place)
    one.do("step(16)")
    one.page.wait_for_function("location.hash.includes('step:16')")
    one.page.reload()
    one.page.wait_for_timeout(100)
    assert one.state["at"] == 16
    assert step_in_view(one.box)
    one.go("step:999")
    assert one.state["at"] == one.last


@pytest.mark.parametrize("place", [WALK, RULE], ids=lambda place: place[1])
def test_hostile_address_gives_a_note_and_nothing_else(lab, place):
    one = lab(place)
    start = one.state
    images = one.page.locator("img").count()
    for text in HOSTILE:
        one.do("step(3)")
        one.go(text)
        one.page.wait_for_timeout(400)  # past the moment in which the address is written
        assert one.state == start, text
        assert "Ignored" in one.status
    assert one.page.locator("img").count() == images
    assert one.opened.complaints == []


@pytest.mark.parametrize("place", [WALK, RULE], ids=lambda place: place[1])
@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_accessible_quiet_and_within_the_page(lab, place, width, theme):
    one = lab(place, width=width, theme=theme)
    one.do("step(9)")
    assert faults(one.page, f"#{one.name}") == []
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = [button.bounding_box() for button in one.box.get_by_role("button").all()]
    assert min(size["height"] for size in sizes) >= 44
    assert one.opened.complaints == []
    assert one.opened.foreign == []


@pytest.mark.parametrize("place", ALL, ids=lambda place: place[1])
@pytest.mark.parametrize("width", [1280, 390])
def test_layout_does_not_shift(lab, place, width):
    one = lab(place, width=width)
    kept = one.box.evaluate("e => parseFloat(getComputedStyle(e).minHeight)")
    assert kept - 60 < one.box.locator(".nn-live").bounding_box()["height"] <= kept
    tops = one.box.evaluate(
        "lab => Array.from({length: 9}, () => { lab.step();"
        "return lab.querySelector('[role=img]').offsetTop; })"
    )
    assert len(set(tops)) == 1
    assert one.page.evaluate(SHIFTS) <= 0.01


@pytest.mark.parametrize("place", ALL, ids=lambda place: place[1])
def test_without_scripts_and_on_paper_the_body_is_shown(visit, lab, place):
    page = visit(place[0], java_script_enabled=False).page
    assert page.locator(f"#{place[1]} .nn-fallback").is_visible()
    one = lab(place)
    one.page.emulate_media(media="print")
    assert one.box.locator(".nn-fallback").is_visible()
    assert one.box.locator(".nn-live").is_hidden()


# -- the graph ---------------------------------------------------------------------------


@pytest.mark.parametrize("graph", GRAPHS)
def test_picture_list_and_core_hold_the_same_numbers(lab, graph):
    one = lab(WALK)
    one.go(f"graph:{graph}")
    code = 'import { graphSteps } from "@graph"; console.log(JSON.stringify(graphSteps("%s")));'
    truth = core(code % graph)
    events = truth["events"]
    assert one.last == len(events)
    for event, text in zip(events, one.steps[1:], strict=True):
        numbers = [number(part) for part in re.findall(r"−?\d[\d.]*(?:e−?\d+)?", text)]
        if event["kind"] == "forward":
            assert numbers[-1] == pytest.approx(event["value"], rel=1e-3)
        if event["kind"] == "backward":
            shown = numbers[: 4 if event["total"] != event["product"] else 3]
            keys = ["incoming", "local", "product", "total"][: len(shown)]
            assert shown == pytest.approx([event[key] for key in keys], rel=1e-3)
    one.do("step(99)")
    state = one.state
    assert state["values"] == pytest.approx(truth["values"], rel=1e-12)
    reached = {key: value for key, value in truth["gradients"].items() if key in state["gradients"]}
    assert state["gradients"] == pytest.approx(reached, rel=1e-12)
    nodes = one.box.locator(".nn-graph span").all_inner_texts()
    plain = str.maketrans("₀₁₂₃", "0123")
    for text in nodes:
        if text.startswith("↑"):
            continue
        name, value, *rest = text.translate(plain).split()
        assert number(value) == pytest.approx(truth["values"][name], rel=1e-3)
        if rest:
            assert rest[0] == "∂"
            assert number(rest[1]) == pytest.approx(truth["gradients"][name], rel=1e-3)
    assert len(nodes) == len(truth["values"]) + 1


def test_nothing_is_shown_before_its_step(lab):
    one = lab(WALK)
    assert set(one.state["values"]) == {"x1", "w1", "x2", "w2", "b", "y"}
    assert one.state["gradients"] == {}
    assert "∂" not in "".join(one.box.locator(".nn-graph span").all_inner_texts())
    one.do("step(3)")
    assert one.state["values"]["z"] == 0.5
    assert "a" not in one.state["values"]
    assert one.box.locator("line.nn-now").count() == 3
    one.do("step(8)")
    assert one.state["gradients"]["z"] == pytest.approx(0.2926, abs=1e-4)
    assert "p1" not in one.state["gradients"]
    assert one.box.locator("line.nn-now").count() == 1
    assert one.box.locator(".nn-label").inner_text() == "↑ 1.245 · 0.235"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("graph", GRAPHS)
def test_the_label_of_an_edge_touches_no_node_and_nodes_not_each_other(lab, width, graph):
    one = lab(WALK, width=width)
    one.go(f"graph:{graph}")
    script = """
    (lab, steps) => Array.from({length: steps}, () => {
      lab.step();
      return [...lab.querySelectorAll(".nn-graph span")].map(s => {
        const r = s.getBoundingClientRect();
        return [r.left, r.top, r.right, r.bottom, s.scrollWidth - s.clientWidth];
      });
    })
    """
    picture = one.box.locator(".nn-live").bounding_box()
    for found in one.box.evaluate(script, one.last):
        for i, (left, top, right, bottom, over) in enumerate(found):
            assert over <= 0, "text wider than its box"
            assert picture["x"] <= left
            assert right <= picture["x"] + picture["width"]
            for left2, top2, right2, bottom2, _ in found[:i]:
                assert right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top


def test_another_number_in_a_leaf(lab):
    one = lab(WALK)
    one.do("step(99)")
    before = one.state
    one.field("b").fill("8")
    one.field("b").press("Tab")
    after = one.state
    assert after["at"] == before["at"]
    assert after["values"]["z"] == 9
    assert after["values"]["L"] > 0.99
    assert abs(after["gradients"]["w2"]) < abs(before["gradients"]["w2"]) / 500
    for wrong in ("", "99"):
        one.field("b").fill(wrong)
        one.field("b").press("Tab")
        assert one.state["values"] == after["values"]
        assert one.box.locator("input:invalid").count() == 1
    one.field("Graph").focus()
    one.field("Graph").select_option("softmax-ce")
    assert one.state["at"] == 0
    assert one.box.locator("input").count() == 3
    assert one.page.evaluate("document.activeElement.localName") == "select"


def test_the_second_laboratory_starts_with_its_own_graph(lab):
    one = lab(SIGNAL)
    assert one.state["settings"]["graph"] == "softmax-ce"
    one.do("step(99)")
    values, gradients = one.state["values"], one.state["gradients"]
    for k, target in [(1, 0), (2, 1), (3, 0)]:
        assert gradients[f"z{k}"] == pytest.approx(values[f"p{k}"] - target, abs=1e-12)


# -- the perceptron ----------------------------------------------------------------------


@pytest.mark.parametrize("data", ["and", "or", "xor", "blobs"])
def test_every_step_says_what_the_core_did(lab, data):
    one = lab(RULE)
    one.go(f"data:{data};lr:0.5;seed:3")
    truth = core(f"""
import {{ mistakeBound, perceptronData, perceptronSteps }} from "@perceptron";
const data = perceptronData("{data}", 3); const run = perceptronSteps(data, {{ lr: 0.5 }});
console.log(JSON.stringify({{ ...run, limit: mistakeBound(data) }}));""")
    assert one.last == len(truth["events"]) + 1
    for event, text in zip(truth["events"], one.steps[1:], strict=False):
        assert text.startswith(f"Pass {event['pass']}, sample {event['row'] + 1}: ")
        numbers = [number(part) for part in re.findall(r"−?\d[\d.]*(?:e−?\d+)?", text)]
        assert numbers[2:6] == pytest.approx([*event["x"], event["y"], event["z"]], abs=1e-3)
        assert ("right" in text) != event["wrong"]
        if event["wrong"]:
            shown = [*numbers[-6:-4], numbers[-1]]
            w1, w2 = re.findall(r"= \((−?[\d.]+), (−?[\d.]+)\), b", text)[0]
            shown = [number(w1), number(w2), numbers[-1]]
            assert shown == pytest.approx(event["after"], abs=1e-3)
    assert one.steps[-1] == truth["reason"]
    one.button("Last").click()
    assert one.status == truth["reason"]
    limit = one.box.locator("p", has_text="Mistakes:").inner_text()
    assert limit.startswith(f"Mistakes: {truth['mistakes']}; ")
    if data == "xor":
        assert "the rule never ends" in limit
        assert "never ends" in one.status
    else:
        gamma, bound = truth["limit"]["gamma"], truth["limit"]["bound"]
        shown = [number(part) for part in re.findall(r"[\d.]+(?=\)|\.$)", limit)]
        assert shown == pytest.approx([gamma, bound], rel=1e-3)
        assert truth["mistakes"] <= bound


def test_next_mistake_skips_what_was_right(lab):
    one = lab(RULE)
    seen = []
    for _ in range(5):
        one.button("Next mistake").click()
        assert one.state["event"]["wrong"]
        seen.append(one.state["at"])
    assert seen == [1, 4, 5, 6, 8]
    one.do("step(30)")
    one.button("Next mistake").click()
    assert one.state["at"] == one.last


def test_settings_change_the_run_and_the_address(lab):
    one = lab(RULE)
    one.do("step(4)")
    one.field("Data set").select_option("blobs")
    assert one.state["at"] == 0
    first = one.steps
    one.button("New draw").click()
    assert one.steps != first
    one.field("Learning rate").select_option("2")
    one.page.wait_for_function("!location.hash.includes('step')")
    assert "data:blobs;seed:1;lr:2" in one.page.url
    one.page.reload()
    assert one.state["settings"] == {"data": "blobs", "seed": 1, "lr": 2, "step": 0}


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_plane_is_coloured_on_either_side_of_the_border(lab, width, theme):
    one = lab(RULE, width=width, theme=theme)
    tint = (
        "(c, [x, y]) => { const at = [x * c.width, y * c.height, 4, 4];"
        "const d = c.getContext('2d').getImageData(...at).data; return d[0] - d[2]; }"
    )
    picture = one.box.locator("canvas")
    blank = [picture.evaluate(tint, place) for place in ([0.3, 0.7], [0.9, 0.1])]
    assert blank[0] == blank[1]
    one.do("step(99)")
    low, high = (picture.evaluate(tint, place) for place in ([0.3, 0.7], [0.9, 0.1]))
    assert low < blank[0] < high
