"""The paths of optimisers and the single neuron in a real browser, opened from disk."""

import json
import re

import pytest
from browser import LOOKS, faults
from laboratory import SHIFTS, core, step_in_view

DESCENT = ("chapters/backprop/gradient_descent.html", "nn-optimizer")
PATHS = ("chapters/tuning/optimizers.html", "nn-optimizer")
UNIT = ("chapters/fundamentals/activations.html", "nn-neuron")
ALL = pytest.mark.parametrize("place", [DESCENT, PATHS, UNIT], ids=["descent", "paths", "unit"])
MEMBERS = {"nn-optimizer": ["surface", "lr", "x", "y"], "nn-neuron": ["inputs", "act"]}


class Lab:
    def __init__(self, opened, name):
        self.opened, self.page, self.name = opened, opened.page, name
        self.box = self.page.locator(name)
        self.box.scroll_into_view_if_needed()

    def ask(self, expression):
        return self.page.evaluate(f"document.querySelector('{self.name}').{expression}")

    @property
    def state(self):
        return self.ask("state")

    @property
    def settings(self):
        return self.state["settings"]

    @property
    def status(self):
        return self.box.locator("[role=status]").inner_text()

    def field(self, name):
        return self.box.get_by_label(name, exact=True)

    def type(self, name, text):
        self.field(name).fill(text)
        self.field(name).press("Tab")


@pytest.fixture
def lab(visit):
    return lambda place, **options: Lab(visit(place[0], **options), place[1])


@ALL
def test_at_rest_and_without_requests(lab, place):
    one = lab(place)
    one.page.wait_for_timeout(400)
    assert "#" not in one.page.url
    assert one.opened.complaints == []
    assert one.opened.foreign == []
    assert one.box.locator(".nn-fallback").is_hidden()
    assert one.box.locator("[role=status]").count() == 1


def test_text_of_the_paths_equals_the_core(lab):
    one = lab(PATHS)
    for surface in ["bowl", "valley", "saddle", "two-minima"]:
        one.field("Surface").select_option(surface)
        s = one.settings
        expected = core(f"""
import {{ SURFACES, trajectory }} from "@surfaces"; import {{ show }} from "@ui";
const {{ surface, methods, lr, steps }} = {json.dumps(s)};
const losses = (method) => [...trajectory(surface, {{ method, lr, steps }}).heights].map(show);
console.log(JSON.stringify({{ start: SURFACES[surface].start, losses: methods.map(losses) }}));""")
        assert [s["x"], s["y"]] == expected["start"]
        items = one.box.locator("ol li").all_inner_texts()
        assert len(items) == 101
        for item, losses in zip(items, zip(*expected["losses"], strict=True), strict=True):
            assert re.findall(r"[●■○□] \w+ (\S+)", item) == list(losses)


def test_steps_by_button_key_and_scrubber(lab):
    one = lab(PATHS)
    assert one.state["step"] == 100
    assert step_in_view(one.box)
    one.box.get_by_role("button", name="Back").click()
    assert one.state["step"] == 99
    one.page.keyboard.press("Home")
    assert one.state["step"] == 0
    assert step_in_view(one.box)
    one.page.keyboard.press("ArrowRight")
    assert one.state["step"] == 1
    slider = one.field("Look at a step")
    slider.focus()
    one.page.keyboard.press("ArrowRight")
    assert one.state["step"] == 2
    current = one.box.locator("[aria-current=step]")
    assert current.count() == 1
    assert slider.get_attribute("aria-valuetext") == f"Step 2: {current.text_content()}"
    assert one.status.split() == current.inner_text().split()
    assert "Step 2 of 100" in one.box.locator("canvas").first.get_attribute("aria-label")
    one.field("Learning rate").focus()
    one.page.keyboard.press("Home")
    assert one.state["step"] == 2
    one.page.wait_for_url("**step:2*")
    one.page.reload()
    assert one.state["step"] == 2


def test_rate_and_start_recompute_and_the_step_stays(lab):
    one = lab(PATHS)
    one.ask("show(40)")
    before = one.status
    one.type("Learning rate", "0.1")
    one.type("Start w₁", "1.5")
    assert one.state["step"] == 40
    assert (one.settings["lr"], one.settings["x"]) == (0.1, 1.5)
    assert one.status != before
    assert {"lr:0.1", "x:1.5"} <= set(re.split("[=;]", one.page.url))


def test_a_step_that_reaches_the_address_late_disturbs_nobody_who_types(lab):
    one = lab(PATHS)
    one.ask("show(40)")
    one.field("Learning rate").fill("0.1")
    one.page.wait_for_function("location.hash.includes('step:40')")
    one.field("Learning rate").press("Tab")
    assert one.settings["lr"] == 0.1


def test_a_click_on_the_map_is_the_start(lab):
    one = lab(DESCENT)
    left, upper, side = one.ask("square")
    position = {"x": left + 0.75 * side, "y": upper + 0.25 * side}
    one.box.locator(".nn-map").click(position=position)
    assert one.settings["x"] == pytest.approx(1, abs=0.02)
    assert one.settings["y"] == pytest.approx(1, abs=0.02)
    assert float(one.field("Start w₁").input_value()) == one.settings["x"]


def test_methods_are_chosen_and_one_stays(lab):
    one = lab(DESCENT)
    assert one.settings["methods"] == ["sgd"]
    one.box.get_by_label("Adam").check()
    assert one.settings["methods"] == ["sgd", "adam"]
    assert "methods:sgd,adam" in one.page.url
    assert "□ Adam" in one.status
    for name in ["SGD", "Adam"]:
        one.box.get_by_label(name).click()
    assert one.settings["methods"] == ["adam"]
    assert one.box.get_by_label("Adam").is_checked()
    assert "Methods must be some of" in one.status


@pytest.mark.parametrize(("rate", "side"), [("0.19", "below"), ("0.2", "at"), ("0.21", "above")])
def test_the_bowl_says_where_its_limit_is(lab, rate, side):
    one = lab(DESCENT)
    one.type("Learning rate", rate)
    note = f"On this bowl 2/λmax = 0.2. SGD: the rate is {side} its limit 0.2."
    assert one.box.get_by_text(note).is_visible()
    one.field("Surface").select_option("valley")
    assert one.box.get_by_text("λmax").count() == 0


def test_divergence_is_said_and_not_drawn(lab):
    one = lab(DESCENT)
    one.type("Learning rate", "0.21")
    assert "out of the picture" in one.status
    one.field("Surface").select_option("two-minima")
    one.type("Learning rate", "1")
    assert "leads out of all finite numbers: try a smaller learning rate." in one.status
    drawn, finite = one.ask("runs.map(({ drawn, heights }) => [drawn, heights.length])")[0]
    assert drawn < finite < 10
    assert not re.search("NaN|Infinity", one.box.inner_text())
    assert one.opened.complaints == []


def test_text_of_the_neuron_equals_the_core(lab):
    one = lab(UNIT)
    for change in [
        "inputs:2;w1:2.5;w2:-1.5;b:0.3;x1:-0.7;x2:3",
        "act:gelu;w1:-2;b:-10",
        "act:relu;w1:0",
    ]:
        one.page.evaluate("hash => { location.hash = hash; }", f"#unit={change}")
        one.page.wait_for_timeout(50)
        z, a, rise = core(f"""
import {{ neuron }} from "@el-neuron"; import {{ brief }} from "@steps";
const {{ z, a, rise }} = neuron({json.dumps(one.settings)});
console.log(JSON.stringify([z, a, rise].map(brief)));""")
        text = one.box.locator(".nn-sum").inner_text()
        assert f" = {z}\na = σ(z) = {a}\nslope σ′(z) = {rise}\n" in text + "\n"
        assert f"Output {a}." in one.status
        assert ("w₂x₂" in text) == ("inputs:2" in change)


def test_sliders_by_keyboard(lab):
    one = lab(UNIT)
    slider = one.box.locator("#unit-b")
    slider.focus()
    one.page.keyboard.press("ArrowRight")
    assert one.settings["b"] == 0.1
    assert slider.get_attribute("aria-valuetext") == "0.1, output 0.7503"
    assert "b:0.1" in one.page.url
    assert "z = 0 at x₁ = −b/w₁ = −0.1" in one.box.locator(".nn-sum").inner_text()
    assert one.page.locator("label[for=unit-b]").inner_text().split() == ["Bias", "b", "0.1"]
    assert one.box.locator("#unit-w2").is_hidden()
    one.field("Inputs").select_option("2")
    assert one.box.locator("#unit-w2").is_visible()
    one.field("Activation").select_option("relu")
    one.page.reload()
    settings = one.settings
    assert (settings["inputs"], settings["act"], settings["b"]) == (2, "relu", 0.1)


def test_a_flat_place_is_named(lab):
    one = lab(UNIT)
    assert "flat" not in one.status
    one.ask("set('w1', '10')")
    assert "nearly flat here" in one.status


@ALL
@pytest.mark.parametrize(
    "fragment", ["lr:1e99", "act:alert(1)", "<img src=x>:1", "__proto__:1", "%zz"]
)
def test_hostile_address_gives_a_note(lab, place, fragment):
    one = lab(place)
    start = one.settings
    one.page.evaluate("hash => { location.hash = hash; }", f"#{one.ask('id')}={fragment}")
    one.page.wait_for_timeout(50)
    assert one.settings == start
    assert "Ignored" in one.status
    assert one.opened.complaints == []


@ALL
def test_wrong_entry_is_refused_in_words(lab, place):
    one = lab(place)
    key = MEMBERS[one.name][1]
    one.ask(f"set('{key}', '99')")
    assert "must be" in one.status
    assert one.box.locator("[aria-invalid]").count() == 1


@ALL
@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_accessible_drawn_and_within_the_page(lab, place, width, theme):
    one = lab(place, width=width, theme=theme)
    assert faults(one.page, ".nn-box") == []
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    colours = one.page.evaluate(
        "name => [...document.querySelectorAll(`${name} canvas`)].map(c => new Set(new Uint32Array("
        "c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size)",
        one.name,
    )
    assert len(colours) == 2
    assert min(colours) > 5
    small = one.box.locator("button").evaluate_all(
        "all => all.filter(b => b.getBoundingClientRect().height < 44).length"
    )
    assert small == 0
    assert one.opened.complaints == []


@ALL
@pytest.mark.parametrize("width", [1280, 390])
def test_layout_does_not_shift(lab, place, width):
    one = lab(place, width=width)
    one.ask("set('act', 'tanh')" if one.name == "nn-neuron" else "step(-3)")
    assert one.page.evaluate(SHIFTS) <= 0.01


@ALL
def test_without_scripts_and_on_paper_the_body_is_shown(visit, lab, place):
    page = visit(place[0], java_script_enabled=False).page
    assert page.locator(f"{place[1]} .nn-fallback").is_visible()
    one = lab(place)
    one.page.emulate_media(media="print")
    assert one.box.locator(".nn-fallback").is_visible()
    assert one.box.locator(".nn-live").is_hidden()
