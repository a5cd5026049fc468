"""The way of a network's weights: from a page's run to its record, and from there to the site."""

import base64
import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from laboratory import run_module
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from run_notebooks import Store, handed_over, run

ROOT = Path(__file__).resolve().parents[2]
INTERACTIVE = ROOT / "interactive"
PAGE = Path("part/page.ipynb")

sys.path[:0] = [str(INTERACTIVE), str(ROOT / "_ext")]
import nn_interactive  # noqa: E402
from shorten import weights_script  # noqa: E402

CONF = """
import sys
sys.path.insert(0, "_ext")
extensions = ["myst_nb", "nn_interactive"]
nb_execution_mode = "off"
exclude_patterns = ["interactive", "_ext", "_build"]
"""
LABORATORY = "```{nn-digit}\n:id: digit\n\nOn paper.\n```\n"
NET = [
    np.linspace(-1, 1, 784 * 3, dtype=np.float32).reshape(784, 3),
    np.array([0.5, -0.25, 0], np.float32),
    np.linspace(-2, 2, 30, dtype=np.float32).reshape(3, 10),
    np.zeros(10, np.float32),
]


def parcel(data="real", weights=NET) -> dict:
    file = io.BytesIO()
    np.savez(file, *weights)
    return {"act": "relu", "data": data, "npz": base64.b64encode(file.getvalue()).decode()}


# -- from the run into the record --------------------------------------------------------------

CELL = """
from IPython.display import display
parcel = {"weights": {"npz": "AAAA", "data": "real", "act": "relu"}}
display({"text/plain": "told"}, raw=True, metadata={"laboratory": parcel})
"""


def test_run_puts_what_a_cell_hands_over_into_the_record(tmp_path):
    cells = [new_code_cell(CELL.strip()), new_code_cell("print('more')")]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    (tmp_path / PAGE).parent.mkdir()
    nbformat.write(new_notebook(cells=cells, metadata=metadata), tmp_path / PAGE)
    (tmp_path / "requirements.lock").write_text("numpy==2.0 \\\n    --hash=sha256:aa\n")
    store = Store(tmp_path)
    assert run([PAGE], jobs=1, store=store) == 0
    # A page that is not run again keeps its record, and so its weights.
    assert store.reason_to_run(PAGE) is None
    handed = {"npz": "AAAA", "data": "real", "act": "relu"}
    assert store.record(PAGE)["handed_over"] == {"weights": handed}


def test_other_metadata_is_left_alone():
    output = nbformat.v4.new_output("display_data", metadata={"image/png": {"width": 3}})
    stream = nbformat.v4.new_output("stream", text="words")
    cells = [new_markdown_cell("words"), new_code_cell("1", outputs=[output, stream])]
    assert handed_over(new_notebook(cells=cells)) == {}


# -- from the record into a script -------------------------------------------------------------


def probabilities(weights, X):
    kernel, bias, kernel2, bias2 = (w.astype(float) for w in weights)
    z = np.maximum(X @ kernel + bias, 0) @ kernel2 + bias2
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def test_script_holds_the_network(tmp_path):
    X = np.random.default_rng(0).uniform(size=(5, 784)) / 20
    code = f"""
{weights_script(parcel())}
const {{ DigitNetwork }} = await import("{(INTERACTIVE / "src/digit.mjs").as_uri()}");
const net = new DigitNetwork(globalThis.nnWeights);
const images = {json.dumps(X.tolist())};
console.log(JSON.stringify(images.map((image) => [...net.forward(image).probabilities])));
"""
    np.testing.assert_allclose(json.loads(run_module(code)), probabilities(NET, X), atol=1e-3)


@pytest.mark.parametrize(("data", "words"), [("real", ""), ("stand-in", "stand-in digits, not")])
def test_script_says_what_the_network_learnt_from(data, words):
    note = json.loads(
        run_module(weights_script(parcel(data)) + "console.log(JSON.stringify(nnWeights.note))")
    )
    assert words in note
    assert bool(note) == bool(words)


def test_script_sets_its_global_once():
    first, second = weights_script(parcel()), weights_script(parcel("stand-in"))
    assert run_module(f"{first}{second}console.log(nnWeights.note.length)").strip() == "0"


def test_no_pickle_is_read():
    with pytest.raises(ValueError, match="allow_pickle"):
        weights_script(parcel(weights=[np.array([print], dtype=object)]))


# -- from the record onto the page -------------------------------------------------------------


class Site:
    """A small project with a laboratory that needs weights."""

    def __init__(self, root: Path):
        self.root = root
        shutil.copytree(INTERACTIVE, root / "interactive")
        (root / "_ext").mkdir()
        for name in ("nn_interactive.py", "shrink.py"):
            shutil.copy(ROOT / "_ext" / name, root / "_ext")
        (root / "conf.py").write_text(CONF)
        (root / "part").mkdir()
        (root / "index.md").write_text("# Start\n\n```{toctree}\npart/page\n```\n")
        (root / "part/page.md").write_text(f"# Page\n\n{LABORATORY}")

    def record(self, **parts):
        path = self.root / "_build/runs/part/page.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(parts))
        later = path.stat().st_mtime + 10 * len(path.read_text())
        os.utime(path, (later, later))

    def build(self) -> str:
        command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", ".", "_build/html"]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        page = (self.root / "_build/html/part/page.html").read_text()
        return re.search(r'<nn-digit [^>]*weights="([^"]*)"', page)[1]

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in (self.root / "_build/html/_static").glob("nn-*"))


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


@pytest.mark.parametrize("record", [None, {}, {"handed_over": {}}])
def test_page_without_weights_names_no_file(site, record):
    if record is not None:
        site.record(**record)
    assert site.build() == ""
    assert site.files == []


def test_page_names_the_file_with_its_weights_and_loads_it_not(site):
    site.record(handed_over={"weights": parcel()})
    address = site.build()
    assert re.fullmatch(r"\.\./_static/nn-part-page\.js\?v=[0-9a-f]{8}", address)
    served = site.root / "_build/html/_static/nn-part-page.js"
    assert served.read_text() == weights_script(parcel())
    page = (site.root / "_build/html/part/page.html").read_text()
    assert "nn-part-page" not in page.replace(f'weights="{address}"', "")


def test_new_weights_reach_a_page_whose_text_is_the_same(site):
    site.record(handed_over={"weights": parcel()})
    first = site.build()
    site.record(handed_over={"weights": parcel("stand-in")})
    second = site.build()
    assert first != second
    served = (site.root / "_build/html/_static/nn-part-page.js").read_text()
    assert served == weights_script(parcel("stand-in"))


def test_network_of_the_size_of_the_page_is_small_enough():
    """Random weights hardly compress: what training leaves is smaller."""
    rng = np.random.default_rng(0)
    limits = [(784, 15), (15,), (15, 10), (10,)]
    weights = [rng.normal(0, 0.2, size=shape).astype(np.float32) for shape in limits]
    assert len(gzip.compress(weights_script(parcel(weights=weights)).encode(), 9)) <= 24_000


# -- the script of the laboratories ------------------------------------------------------------


def test_script_carries_no_presets():
    text = nn_interactive.joined()
    settings = json.loads(re.search(r"const SETTINGS = (.*);\n", text)[1])
    assert settings.keys() == nn_interactive.SETTINGS.keys()
    assert all(part["presets"] == {} for part in settings.values())
    assert all(
        settings[name]["options"] == part["options"]
        for name, part in nn_interactive.SETTINGS.items()
    )
