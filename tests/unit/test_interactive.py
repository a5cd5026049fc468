"""The numeric core of the in-page laboratories: its own tests, its house rules, its agreement."""

import gzip
import hashlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from laboratory import run_module, run_node

ROOT = Path(__file__).resolve().parents[2]
INTERACTIVE = ROOT / "interactive"
SOURCES = sorted((INTERACTIVE / "src").glob("*.mjs"))
# Everything without DOM; the elements come on top and have a budget of their own.
CORE = {
    "activations", "optim", "data", "layout", "layers", "core", "graph", "perceptron",
    "surfaces", "digit", "state", "keras",
}  # fmt: skip
SETTINGS = json.loads((INTERACTIVE / "settings.json").read_text())

sys.path[:0] = [str(INTERACTIVE), str(ROOT / "_ext")]
import nn_interactive  # noqa: E402
from nn_interactive import EXPORT, IMPORT, TOP_LEVEL, join, joined, without_comments  # noqa: E402
from shorten import shorten  # noqa: E402
from shrink import shrink  # noqa: E402


def test_node_tests_pass():
    files = sorted(map(str, (ROOT / "tests/interactive").glob("*.test.mjs")))
    assert len(files) >= 6
    report = run_node("--test", "--test-reporter=tap", *files)
    counts = dict(re.findall(r"^# (pass|fail|skipped|todo) (\d+)$", report, re.M))
    assert int(counts["pass"]) >= 120
    assert counts["fail"] == counts["skipped"] == counts["todo"] == "0"


def test_fixtures_were_written_by_this_script():
    script = hashlib.sha256((INTERACTIVE / "make_fixtures.py").read_bytes()).hexdigest()
    fixtures = sorted((INTERACTIVE / "fixtures").glob("*.json"))
    assert [path.stem for path in fixtures] == ["digits", "optimizers", "training"]
    for path in fixtures:
        assert json.loads(path.read_text())["script"] == script, "run interactive/make_fixtures.py"
    assert sum(path.stat().st_size for path in fixtures) < 60_000


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_module_can_be_joined(path):
    text = path.read_text()
    code = without_comments(text)
    assert text.count("\n") < 200
    assert max(map(len, text.splitlines())) <= 120
    for line in code.splitlines():
        if line.startswith("import"):
            assert IMPORT.fullmatch(line), line
            names, module = IMPORT.fullmatch(line).groups()
            offered = {n for _, n in EXPORT.findall((path.parent / f"{module}.mjs").read_text())}
            assert set(names.split(", ")) <= offered, line
        else:
            assert not re.match(r"\s*(import|export)\b|.*\bimport\(", EXPORT.sub("", line)), line
    forbidden = r"Math\.random|\bDate\b|performance|\bdocument\b|\bwindow\b|\beval\b|new Function"
    assert path.stem not in CORE or not re.search(forbidden, code)


def test_no_two_modules_share_a_name():
    names = [name for path in SOURCES for name in TOP_LEVEL.findall(path.read_text())]
    assert len(names) > 50
    assert len(names) == len(set(names)), {name for name in names if names.count(name) > 1}


def test_a_module_stands_after_those_it_imports():
    order = [path.stem for path in nn_interactive.sources()]
    assert sorted(order) == sorted(path.stem for path in SOURCES)
    for path in nn_interactive.sources():
        for _, module in IMPORT.findall(path.read_text()):
            assert order.index(module) < order.index(path.stem)


def test_joined_modules_run_as_one_classic_script(tmp_path):
    script = tmp_path / "joined.js"  # a plain script, as it will be loaded from disk
    work = 'const net = new Network(startState(SETTINGS.playground), makeData("xor", { n: 50 }));'
    show = "net.train(5); console.log(net.epochs, graphSteps('neuron').events.length);"
    script.write_text(joined().removesuffix("})();\n") + f"{work}{show}}})();")
    assert run_node(script).split()[0] == "5"


@pytest.mark.parametrize(
    "line",
    [
        'import core from "./core.mjs";',
        'import "./core.mjs";',
        'import { a as b } from "./core.mjs";',
        'const late = import("./core.mjs");',
        "export default 1;",
        "export { a };",
        'export * from "./core.mjs";',
        "export let b = 1;",
    ],
)
def test_other_forms_of_import_and_export_are_refused(tmp_path, line):
    path = tmp_path / "odd.mjs"
    path.write_text(f"const a = 1;\n{line}\n")
    with pytest.raises(ValueError, match=r"odd.mjs has an import or export of another form"):
        join([path])


def test_a_name_defined_twice_is_refused(tmp_path):
    (tmp_path / "a.mjs").write_text("export async function same() {}\n")
    (tmp_path / "b.mjs").write_text("const same = 1;\n")
    with pytest.raises(ValueError, match=r"b.mjs and a.mjs both define same"):
        join([tmp_path / "a.mjs", tmp_path / "b.mjs"])


def test_modules_that_import_each_other_are_refused(tmp_path, monkeypatch):
    (tmp_path / "src").mkdir()
    for one, other in ("ab", "ba"):
        (tmp_path / f"src/{one}.mjs").write_text(f'import {{ x }} from "./{other}.mjs";\n')
    monkeypatch.setattr(nn_interactive, "INTERACTIVE", tmp_path)
    with pytest.raises(ValueError, match="must not import each other or what is not there: a, b"):
        nn_interactive.sources()


def size(text):
    """Return the bytes that travel."""
    return len(gzip.compress(text.encode(), 9))


def test_size_budget():
    assert {path.stem for path in SOURCES} >= CORE
    core = join([path for path in nn_interactive.sources() if path.stem in CORE])
    settings = json.dumps(SETTINGS, separators=(",", ":"))
    assert size(settings + core) <= 14_000
    quick = shrink("application/javascript", (INTERACTIVE / "quick.js").read_text())
    assert size(nn_interactive.script()) + size(quick) <= 24_000
    assert size(shrink("text/css", (INTERACTIVE / "nn.css").read_text())) <= 3_000


VALUES = [
    "", "0", "1", "-1", "+1", "0.5", "1e-3", "1E3", ".5", "5.", " 1", "1,2", "4,2", "4,,2", "17",
    "0,0", "1,2,3,4,5", "xor", "XOR", "lr,batch", "lr,lr", "Infinity", "NaN", "0x10", "1_0", "١",
    "100", "100.5", "1e400", "999999999999999999999",
]  # fmt: skip


def test_python_and_javascript_allow_the_same():
    """One list of texts, every option: the build refuses what the page would ignore."""
    code = f"""
import {{ formatValue, parseValue, allowed }} from "@state";
const settings = {json.dumps(SETTINGS)};
const values = {json.dumps(VALUES)};
const options = Object.values(settings).flatMap((part) => Object.values(part.options));
const answers = options.map((option) => [allowed(option), ...values.map((text) => {{
    const value = parseValue(option, text);
    return value === undefined ? null : [value, parseValue(option, formatValue(option, value))];
  }})]);
console.log(JSON.stringify(answers));
"""
    theirs = json.loads(run_module(code))
    options = [option for part in SETTINGS.values() for option in part["options"].values()]
    for option, (words, *answers) in zip(options, theirs, strict=True):
        assert nn_interactive.allowed(option) == words
        for text, answer in zip(VALUES, answers, strict=True):
            value = nn_interactive.parse_value(option, text)
            assert (value is None) == (answer is None), (option, text)
            if answer is not None:
                assert answer == [value, value]
                again = nn_interactive.format_value(option, value)
                assert nn_interactive.parse_value(option, again) == value


def is_allowed(option, value):
    kind = option["type"]
    if kind == "choice":
        return value in option["values"]
    if kind == "set":
        return 0 < len(set(value)) == len(value) and set(value) <= set(option["values"])
    values = value if kind == "sizes" else [value]
    whole = all(isinstance(v, int) for v in values) or kind == "number"
    inside = all(option["min"] <= v <= option["max"] for v in values)
    return whole and inside and len(values) <= option.get("most", 1)


@pytest.mark.parametrize("element", SETTINGS)
def test_settings_are_consistent(element):
    options, presets = SETTINGS[element]["options"], SETTINGS[element]["presets"]
    keys = {"choice": {"values"}, "set": {"values"}, "sizes": {"min", "max", "most"}}
    for name, option in options.items():
        assert re.fullmatch("[a-z][a-z0-9]*", name)
        assert name != "hidden"  # an attribute of that name would hide the element
        needed = {"type", "default", "label"} | keys.get(option["type"], {"min", "max"})
        assert needed <= set(option) <= needed | {"names", "offer"}
        assert len(option.get("names", [])) in (0, len(option.get("values", [])))
        assert all(is_allowed(option, value) for value in option.get("offer", []))
        assert is_allowed(option, option["default"]), name
    for preset, changes in presets.items():
        assert re.fullmatch("[a-z0-9-]+", preset)
        for name, value in changes.items():
            assert is_allowed(options[name], value), (preset, name)


COPIES = {
    "full batch": {"data": "xor", "n": 60, "batch": 60, "layers": [4], "act": "tanh", "lr": 0.3},
    "small batches, penalties, momentum": {
        "data": "circles", "noise": 0.1, "n": 50, "batch": 16, "layers": [5, 3], "act": "gelu",
        "opt": "momentum", "lr": 0.02, "l1": 0.001, "l2": 0.002,
    },
    "squared error, adam": {
        "data": "table", "layers": [3], "loss": "mse", "opt": "adam", "lr": 0.01,
    },
}  # fmt: skip


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES)
def test_copy_as_keras_trains_to_the_same_weights(change):
    defaults = {
        name: option["default"] for name, option in SETTINGS["playground"]["options"].items()
    }
    code = f"""
import {{ Network }} from "@core";
import {{ makeSplit }} from "@data";
import {{ kerasScript }} from "@keras";
const settings = {json.dumps(defaults | change)};
const network = new Network(settings, makeSplit(settings).train);
network.train(25);
const script = kerasScript(settings, 25);
console.log(JSON.stringify({{ script, weights: network.getWeights(), ...network.evaluate() }}));
"""
    page = json.loads(run_module(code))
    lines = page["script"].rstrip("\n").split("\n")
    assert 15 <= len(lines) <= 30
    scope = {}
    exec(compile(page["script"], "copied.py", "exec"), scope)
    trained = scope["model"].get_weights()
    start = scope["weights"]
    assert max(np.abs(a - b).max() for a, b in zip(trained, start, strict=True)) > 0.01
    for ours, theirs in zip(page["weights"], trained, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    metrics = scope["model"].evaluate(scope["X"], scope["y"], verbose=0, return_dict=True)
    assert metrics["binary_accuracy"] == pytest.approx(page["accuracy"])


def test_copy_with_dropout_builds_the_layers():
    defaults = {
        name: option["default"] for name, option in SETTINGS["playground"]["options"].items()
    }
    settings = defaults | {"dropout": 0.25, "layers": [4, 2], "n": 20}
    code = 'import { kerasScript } from "@keras"; console.log(kerasScript(%s, 2));'
    scope = {}
    exec(compile(run_module(code % json.dumps(settings)), "copied.py", "exec"), scope)
    names = [type(layer).__name__ for layer in scope["model"].layers]
    assert names == ["Dense", "Dropout", "Dense", "Dropout", "Dense"]


def test_shortened_digit_network_agrees_with_keras(tmp_path):
    import keras

    from nnutils import load_mnist, train_many

    data = load_mnist()
    X = data.x_train[:12_000].reshape(-1, 784) / np.float32(255)
    net = train_many(
        X, data.y_train[:12_000], hidden=(15,), epochs=8, batch_size=64, n_nets=1, rng=0,
        loss="sparse_categorical_crossentropy",
    )  # fmt: skip
    model = keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(15, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.set_weights(net.get_weights(0))
    images = data.x_test[:300].reshape(-1, 784)
    expected = keras.ops.convert_to_numpy(model(images / np.float32(255)))
    short = json.dumps(shorten(model.get_weights(), act="relu"), separators=(",", ":"))
    assert len(gzip.compress(short.encode(), 9)) <= 24_000
    (tmp_path / "input.json").write_text(f'{{"network":{short},"images":{images.tolist()}}}')
    code = f"""
import {{ readFileSync }} from "node:fs";
import {{ DigitNetwork }} from "@digit";
const {{ network, images }} = JSON.parse(readFileSync({json.dumps(str(tmp_path / "input.json"))}));
const net = new DigitNetwork(network);
const answers = images.map((image) => net.forward(image.map((v) => v / 255)).probabilities);
console.log(JSON.stringify(answers.map((p) => [...p])));
"""
    probabilities = np.array(json.loads(run_module(code)))
    assert np.mean(expected.argmax(axis=1) == data.y_test[:300]) > 0.6  # it has learnt something
    np.testing.assert_allclose(probabilities, expected, atol=1e-3)


def test_shorten_says_what_is_wrong():
    kernel, bias = np.ones((3, 2)), np.zeros(2)
    with pytest.raises(ValueError, match="levels must be from 1 to 32767, got 0"):
        shorten([kernel, bias], act="relu", levels=0)
    with pytest.raises(ValueError, match="got 1 arrays"):
        shorten([kernel], act="relu")
    with pytest.raises(ValueError, match=r"got \(3, 2\) and \(3,\)"):
        shorten([kernel, np.zeros(3)], act="relu")
    with pytest.raises(ValueError, match="finite"):
        shorten([kernel * np.nan, bias], act="relu")
    assert shorten([0 * kernel, bias], act="relu")["layers"][0]["scale"] == 1.0
