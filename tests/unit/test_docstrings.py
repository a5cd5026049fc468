"""The examples in the docstrings of nnutils run, and all that is public stands on its page."""

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

import nnutils
from nnutils import datasets

PAGE = Path(__file__).resolve().parents[2] / "chapters" / "reference" / "nnutils_api.md"
DOCUMENTED = re.findall(r"^\.\. auto(?:function|class):: (\S+)$", PAGE.read_text(), re.M)


def modules():
    names = [module.name for module in pkgutil.walk_packages(nnutils.__path__, "nnutils.")]
    return [nnutils, *map(importlib.import_module, names)]


def examples():
    """Find the docstrings that have examples; each starts with no names but its own."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [test for module in modules() for test in finder.find(module, globs={})]
    return {test.name: test for test in found if test.examples}


EXAMPLES = examples()


def resolve(name):
    """Return what a name on the page stands for."""
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def home(name):
    """Return the full name under which doctest finds an object."""
    thing = resolve(name)
    return f"{thing.__module__}.{thing.__qualname__}"


@pytest.fixture
def untouched(monkeypatch):
    """Compare what an example could leave behind; it must not draw on a screen or download."""
    assert matplotlib.get_backend().lower() == "agg"
    monkeypatch.setattr(datasets, "LOADED", {})
    monkeypatch.setattr(datasets, "_fetch", lambda *_: pytest.fail("an example downloads"))
    monkeypatch.delenv("NNUTILS_DATA_DIR", raising=False)

    def state():
        generator = np.random.get_state()  # noqa: NPY002
        parts = [part.tolist() if isinstance(part, np.ndarray) else part for part in generator]
        return dict(matplotlib.rcParams), parts, np.geterr()

    before = state()
    yield
    plt.close("all")
    assert state() == before


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_as_printed(name, untouched):
    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF)
    runner.run(EXAMPLES[name], out=said.append, clear_globs=False)
    assert "".join(said) == ""


def test_every_public_name_stands_on_the_page():
    wanted = {home(f"nnutils.{name}") for name in nnutils.__all__}
    assert wanted <= {home(name) for name in DOCUMENTED}
    assert len(DOCUMENTED) == len(set(DOCUMENTED))


def test_everything_on_the_page_has_an_example():
    assert [name for name in DOCUMENTED if home(name) not in EXAMPLES] == []


@pytest.mark.parametrize("name", DOCUMENTED)
def test_examples_import_what_they_show(name):
    source = "".join(example.source for example in EXAMPLES[home(name)].examples)
    assert "from nnutils" in source


@pytest.mark.parametrize("name", [name for name in DOCUMENTED if inspect.isclass(resolve(name))])
def test_examples_of_a_class_use_each_public_method(name):
    source = "".join(example.source for example in EXAMPLES[home(name)].examples)
    methods = [n for n, f in vars(resolve(name)).items() if callable(f) and n[0] != "_"]
    assert [method for method in methods if f".{method}(" not in source] == []


@pytest.mark.parametrize("name", nnutils.__all__)
def test_every_parameter_is_described_in_order(name):
    function = getattr(nnutils, name)
    section = re.search(
        r"^Parameters\n-+\n(.*?)\n\n\w+\n---", inspect.getdoc(function), re.M | re.S
    )
    described = re.findall(r"^(\w+(?:, \w+)*) : ", section[1], re.M)
    names = [part for line in described for part in line.split(", ")]
    assert names == list(inspect.signature(function).parameters)
