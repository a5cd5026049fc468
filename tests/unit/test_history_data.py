"""The tables behind the history pages: well-formed, in order, each row with its source."""

from importlib import resources
from pathlib import Path

import pandas as pd
import pytest
from pybtex.database import BibliographyData, parse_file

ROOT = Path(__file__).resolve().parents[2]
DATA = resources.files("nnutils") / "data"
KINDS = {"idea", "learning", "theory", "network", "criticism"}
COLUMNS = {
    "timeline": ["year", "who", "what", "kind", "key"],
    "networks": [
        "year",
        "network",
        "weight_layers",
        "parameters",
        "training_examples",
        "key",
        "where",
    ],
}
COUNTS = ["weight_layers", "parameters", "training_examples"]


@pytest.fixture(scope="module")
def sources() -> BibliographyData:
    return parse_file(str(ROOT / "references.bib"), bib_format="bibtex")


@pytest.fixture(params=COLUMNS)
def name(request) -> str:
    return request.param


@pytest.fixture
def table(name) -> pd.DataFrame:
    return pd.read_csv(DATA / f"{name}.csv")


def test_columns_are_the_documented_ones(name, table):
    assert table.columns.tolist() == COLUMNS[name]


def test_only_counts_may_be_missing(table):
    assert table.drop(columns=COUNTS, errors="ignore").notna().all(axis=None)


def test_years_are_sorted_whole_numbers(table):
    assert table["year"].dtype.kind == "i"
    assert table["year"].is_monotonic_increasing
    assert table["year"].between(1900, 2029).all()


def test_no_source_stands_twice(table):
    assert table["key"].is_unique


def test_no_text_has_stray_spaces(table):
    texts = table.select_dtypes(exclude="number").to_numpy().ravel()
    assert [text for text in texts if text != " ".join(text.split())] == []


def test_every_key_is_in_the_bibliography(table, sources):
    assert set(table["key"]) - set(sources.entries) == set()


def test_years_agree_with_the_bibliography(table, sources):
    stated = {row.key: row.year for row in table.itertuples()}
    assert stated == {key: int(sources.entries[key].fields["year"]) for key in stated}


def test_every_kind_is_known():
    assert set(pd.read_csv(DATA / "timeline.csv")["kind"]) == KINDS


def test_labels_fit_beside_the_time_axis():
    table = pd.read_csv(DATA / "timeline.csv")
    assert (table["who"] + table["what"]).str.len().max() <= 38


def test_counts_are_positive_whole_numbers():
    counts = pd.read_csv(DATA / "networks.csv")[COUNTS].melt()["value"].dropna()
    assert (counts >= 1).all()
    assert (counts % 1 == 0).all()


def test_every_network_has_a_number_and_stands_on_the_timeline():
    table = pd.read_csv(DATA / "networks.csv")
    assert table[COUNTS].notna().any(axis=1).all()
    assert set(table["key"]) <= set(pd.read_csv(DATA / "timeline.csv")["key"])
