"""The playground in a real browser, opened from disk; no test waits for a picture to move."""

import json
import re

import numpy as np
import pytest
from browser import LOOKS, faults
from laboratory import SHIFTS, core
from site_pages import ROOT

PAGE = "chapters/backprop/playground.html"
LAB = "document.querySelector('nn-playground')"
SETTINGS = json.loads((ROOT / "interactive/settings.json").read_text())["playground"]
CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async t => %s}})"


class Lab:
    def __init__(self, opened):
        self.opened, self.page = opened, opened.page

    def do(self, call):
        return self.page.evaluate(f"() => {{ {LAB}.{call}; }}")

    @property
    def state(self):
        return self.page.evaluate(f"{LAB}.state")

    def go(self, fragment):
        self.page.evaluate("hash => { location.hash = hash; }", fragment)
        self.page.wait_for_timeout(50)

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, name):
        return self.page.get_by_label(name, exact=True)

    @property
    def status(self):
        return self.page.locator("nn-playground [role=status]").inner_text()


@pytest.fixture
def lab(visit):
    return lambda **options: Lab(visit(PAGE, **options))


def as_text(value):
    return ",".join(map(str, value)) or "0" if isinstance(value, list) else str(value)


def trained(settings, epochs):
    return core(f"""
import {{ Network }} from "@core"; import {{ makeSplit }} from "@data";
import {{ kerasScript }} from "@keras"; import {{ show }} from "@ui";
const s = {json.dumps(settings)}; const {{ train, test }} = makeSplit(s);
const n = new Network(s, train); n.train({epochs});
console.log(JSON.stringify({{ train: n.evaluate(), test: n.evaluate(test), weights: n.getWeights(),
  shown: [...n.theta].map(show), losses: [n.evaluate().loss, n.evaluate(test).loss].map(show),
  penalty: show(n.penalty()), script: kerasScript(s, {epochs}) }}));""")


def test_nothing_starts_by_itself_and_nothing_is_asked_of_others(lab):
    one = lab()
    one.page.wait_for_timeout(300)
    assert one.state["updates"] == 0
    assert not one.state["running"]
    assert one.opened.complaints == []
    assert one.opened.foreign == []
    assert one.page.locator(".nn-fallback").is_hidden()


def test_buttons_step_reset_and_new_weights(lab):
    one = lab()
    start = one.state["weights"]
    one.button("Step").click()
    assert one.state["updates"] == 1
    assert one.state["weights"] != start
    one.do("train(20)")
    assert one.state["epochs"] == 20
    one.button("Reset").click()
    assert (one.state["updates"], one.state["weights"]) == (0, start)
    one.button("New weights").click()
    assert one.state["weights"] != start
    assert one.state["settings"]["seed"] == 2
    assert "seed:2" in one.page.url


def test_train_and_pause_by_keyboard(lab):
    one = lab()
    one.button("Train").focus()
    one.page.keyboard.press("Enter")
    one.page.wait_for_function(f"{LAB}.state.epochs > 0")
    assert one.button("Pause").count() == 1
    one.page.keyboard.press("Space")
    assert not one.state["running"]
    epochs = one.state["epochs"]
    one.page.wait_for_timeout(150)
    assert one.state["epochs"] == epochs
    assert "Paused at epoch" in one.status


def test_training_rests_out_of_sight(lab):
    one = lab()
    one.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    one.page.wait_for_function(f"{LAB}.seen === false")
    one.do("begin()")
    one.page.wait_for_timeout(150)
    assert one.state["epochs"] == 0
    one.page.evaluate("scrollTo(0, 0)")
    one.page.wait_for_function(f"{LAB}.state.epochs > 0")


def test_reduced_motion_draws_rarely(lab):
    one = lab(reduced_motion="reduce")
    one.do("draws = 0")
    one.page.evaluate(f"() => {{ const lab = {LAB}; const draw = lab.draw; "
                      "lab.draw = function () { this.draws++; draw.call(this); }; }")  # fmt: skip
    one.do("begin()")
    one.page.wait_for_function(f"{LAB}.state.epochs >= 20")
    drawn = one.page.evaluate(f"{LAB}.draws")
    assert drawn <= one.state["epochs"] / 20 + 3


@pytest.mark.parametrize("key", [k for k in SETTINGS["options"] if k != "controls"])
def test_every_setting_changes_the_state_and_the_address(lab, key):
    one = lab()
    option = SETTINGS["options"][key]
    now = one.state["settings"][key]
    values = option.get("values") or option.get("offer") or ["7"]
    value = next(str(v) for v in values if v != now)
    field = one.field(option["label"])
    if field.evaluate("e => e.localName") == "select":
        field.select_option(value)
    else:
        field.fill(value)
        field.press("Tab")
    assert str(one.state["settings"][key]).strip("[]") == value
    assert f"{key}:{value}" in one.page.url
    one.page.reload()
    assert str(one.state["settings"][key]).strip("[]") == value
    assert field.input_value() == value


def test_rate_and_penalty_apply_without_a_new_start(lab):
    one = lab()
    one.do("train(3)")
    one.field("Learning rate").select_option("0.03")
    one.field("L2 penalty").select_option("0.01")
    assert one.state["epochs"] == 3
    assert one.page.evaluate(f"[{LAB}.net.lr, {LAB}.net.l2]") == [0.03, 0.01]
    assert one.state["penalty"] > 0


def test_wrong_entry_is_refused_in_words(lab):
    one = lab()
    one.field("Hidden layers").fill("4,99")
    one.field("Hidden layers").press("Tab")
    assert one.state["settings"]["layers"] == [4]
    assert "Hidden layers must be 0, or up to 4 numbers from 1 to 16" in one.status
    assert one.field("Hidden layers").get_attribute("aria-invalid") == "true"


def test_links_set_up_the_laboratory_and_lead_back(lab):
    one = lab()
    links = one.page.locator("a.nn-try")
    assert links.count() >= 16
    for i in range(links.count()):
        links.nth(i).click()
        fragment = links.nth(i).get_attribute("href").removeprefix("#nn=")
        pairs = dict(pair.split(":") for pair in fragment.split(";") if pair)
        settings = one.state["settings"]
        for key, text in pairs.items():
            value = settings[key]
            assert (
                ",".join(map(str, value)) or "0" if isinstance(value, list) else str(value)
            ) == text
        assert one.state["updates"] == 0
    assert one.page.evaluate(f"{LAB}.getBoundingClientRect().top") < 300
    one.button("↓ Back to the text").click()
    assert one.page.evaluate("document.activeElement.className").startswith("nn-try")


def test_a_link_to_a_section_leaves_the_network_alone(lab):
    one = lab()
    one.do("train(5)")
    one.go("#in-short")
    assert one.state["epochs"] == 5


@pytest.mark.parametrize(
    "fragment",
    [
        "lr:1e99", "layers:99", "<img src=x onerror=alert(1)>:1", "__proto__:1", "lr:alert(1)",
        "constructor:x;lr:0.1;lr:1", "%zz", "seed:" + "9" * 2000,
    ],
)  # fmt: skip
def test_hostile_address_gives_a_note_and_nothing_else(lab, fragment):
    one = lab()
    start = one.state["settings"]
    images = one.page.locator("img").count()
    one.go(f"#nn={fragment}")
    allowed = {"lr"} if ";lr:0.1" in fragment else set()
    settings = one.state["settings"]
    assert {key for key in start if settings[key] != start[key]} <= allowed
    assert "Ignored" in one.status
    assert one.page.locator("img").count() == images
    assert one.opened.complaints == []


def test_divergence_stops_and_says_why(lab):
    one = lab()
    one.go("#nn=loss:mse;lr:3")
    one.do("train(50)")
    assert one.state["epochs"] < 5
    assert "the training diverged. Try a smaller learning rate." in one.status
    assert all(map(abs, one.state["weights"][1]))
    one.button("Train").click()
    assert not one.state["running"]
    assert "diverged" in one.status
    assert "NaN" not in one.page.locator("nn-playground").inner_text()


def test_training_stops_at_its_epoch(lab):
    one = lab()
    one.go("#nn=epochs:7")
    one.do("train(50)")
    assert one.state["epochs"] == 7
    assert "Stopped at epoch 7" in one.status


def test_text_of_the_page_equals_the_core(lab):
    one = lab()
    one.go("#nn=data:moons;noise:0.2;layers:3,2;l2:0.003;epochs:30")
    one.do("train(30)")
    expected = trained(one.state["settings"], 30)
    # Another release of the same engine may round exp in another way: not the last digits.
    for ours, theirs in zip(one.state["weights"], expected["weights"], strict=True):
        assert np.abs(np.array(ours) - np.array(theirs)).max() < 1e-9
    rows = [one.page.locator(f".nn-results tr:nth-child({k}) td") for k in (2, 3)]
    assert rows[0].all_inner_texts() == expected["losses"]
    shares = [f"{100 * expected[part]['accuracy']:.1f} %" for part in ("train", "test")]
    assert rows[1].all_inner_texts() == shares
    assert f"Penalty, added while training: {expected['penalty']}." in one.page.content()
    one.page.get_by_text("Every weight and bias").click()
    one.page.wait_for_timeout(100)
    assert one.page.evaluate(f"[...{LAB}.cells].map(c => c.textContent)") == expected["shown"]
    assert len(expected["shown"]) == 3 * 3 + 4 * 2 + 3


def test_looking_back_shows_an_earlier_epoch(lab):
    one = lab()
    one.do("train(40)")
    slider = one.field("Look back at an epoch")
    slider.focus()
    one.page.keyboard.press("Home")
    assert "Epoch 0" in one.page.locator(".nn-count").inner_text()
    assert "Epoch 0: loss" in slider.get_attribute("aria-valuetext")
    assert "at epoch 0" in one.page.locator(".nn-map").get_attribute("aria-label")
    one.button("Step").click()
    assert one.state["updates"] == 40 * 13 + 1


def test_copy_as_keras(lab):
    one = lab()
    one.do("train(5)")
    one.page.evaluate(CLIPBOARD % "{ window.copied = t; }")
    one.button("Copy as Keras").click()
    one.page.wait_for_function("window.copied")
    expected = trained(one.state["settings"], 5)["script"]
    assert one.page.evaluate("window.copied") == expected
    assert "Copied: a Keras script" in one.status


def test_copy_without_clipboard_leaves_the_text_selected(lab):
    one = lab()
    one.page.evaluate(CLIPBOARD % "{ throw Error('no'); }")
    one.page.evaluate("document.execCommand = () => false")
    one.button("Copy as Keras").click()
    field = one.field("Text to copy")
    field.wait_for()
    assert field.input_value().startswith("import keras")
    assert "Ctrl+C" in one.status


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_accessible_quiet_and_within_the_page(lab, width, theme):
    one = lab(width=width, theme=theme)
    one.do("train(20)")
    one.page.evaluate(
        "document.querySelectorAll('nn-playground details').forEach(d => d.open = true)"
    )
    one.page.wait_for_timeout(100)
    assert faults(one.page, ".nn-box") == []
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    assert one.opened.complaints == []
    assert one.opened.foreign == []


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_pictures_are_not_blank_and_agree_with_the_core(lab, width, theme):
    one = lab(width=width, theme=theme)
    one.do("train(200)")
    colours = one.page.evaluate(
        f"[...{LAB}.querySelectorAll('canvas')].map(c => new Set(new Uint32Array(c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data.buffer)).size)"
    )
    assert len(colours) == 5
    assert min(colours) > 5
    # The middle of each quadrant of XOR: orange where the signs differ, blue where they agree.
    reds = one.page.evaluate(
        f"[[.3, .3], [.8, .3], [.3, .75], [.8, .75]].map(([x, y]) => {{ const c = {LAB}.map;"
        "const [px, py] = [x * c.width - 15, y * c.height - 15];"
        "const d = c.getContext('2d').getImageData(px, py, 30, 30).data;"
        "let sum = 0; for (let i = 0; i < d.length; i += 4) sum += d[i] - d[i + 2]; return sum; })"
    )
    assert [red > 0 for red in reds] == [True, False, False, True]


def test_a_slow_machine_gets_coarser_pictures_only_while_it_trains(lab):
    one = lab()
    grain = f"[{LAB}.map.width / {LAB}.map.clientWidth, {LAB}.size]"
    # Pictures that always come late, as on a slow machine.
    one.page.evaluate(
        f"Object.defineProperty({LAB}, 'drawn', "
        "{ get: () => performance.now() - 50, set: () => {} })"
    )
    assert one.page.evaluate(grain) == [1, 40]
    one.do("begin()")
    one.page.wait_for_function(f"{LAB}.frames > 30")
    assert one.page.evaluate(grain) == [pytest.approx(0.75, abs=0.01), 24]
    one.do("stop()")
    assert one.page.evaluate(grain) == [1, 40]
    # The two canvases of the map lie on each other, to the pixel.
    boxes = one.page.evaluate(
        f"[{LAB}.map, {LAB}.marks].map(c => c.getBoundingClientRect().toJSON())"
    )
    assert boxes[0] == boxes[1]


@pytest.mark.parametrize("width", [1280, 390])
def test_layout_does_not_shift(lab, width):
    one = lab(width=width)
    one.do("train(20)")
    assert one.page.evaluate(SHIFTS) <= 0.01


def test_settings_are_folded_on_a_phone_and_the_map_is_in_view(lab):
    one = lab(width=390)
    assert not one.field("Data set").is_visible()
    top, bottom = one.page.evaluate(
        f"[{LAB}.trainButton.getBoundingClientRect().top, {LAB}.map.getBoundingClientRect().bottom]"
    )
    assert bottom - top < 640


def test_without_scripts_the_body_is_shown(visit):
    page = visit(PAGE, java_script_enabled=False).page
    assert page.locator(".nn-fallback").is_visible()


def test_on_paper_the_body_is_shown(lab):
    page = lab().page
    page.emulate_media(media="print")
    assert page.locator(".nn-fallback").is_visible()
    assert page.locator(".nn-live").is_hidden()


def test_pages_without_a_laboratory_load_none(visit):
    requests = visit("chapters/start/notation.html").requests
    assert not [url for url in requests if re.search(r"/nn\.(js|css)", url)]
