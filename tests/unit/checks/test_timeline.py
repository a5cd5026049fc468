"""Checks of the history page: right answers pass, each mistake gets its own hint."""

import numpy as np
import pandas as pd
import pytest

from nnutils import check
from nnutils.checks import timeline


def waiting(table, idea, use):
    year = table.set_index("key")["year"]
    return year[use] - year[idea]


def column(table, idea, use):
    return table["year"][table["key"] == use]


def by_position(table, idea, use):
    return table["year"].iloc[1] - table["year"].iloc[0]


def in_place(table, idea, use):
    table.index = table["key"]
    return table["year"][use] - table["year"][idea]


ROW = {
    "year": 2010,
    "who": "Nair & Hinton",
    "what": "rectified units return",
    "kind": "learning",
    "key": "nair2010",
}
GROWTH = 60e6 / 9760

RIGHT = [
    (1, "CEDAB"),
    (1, "c, e, d, a, b"),
    (1, list("CEDAB")),
    (2, 8),
    (2, np.int64(8)),
    (3, 23 / np.log2(GROWTH)),
    (3, 1.83),
    (3, 1.8),
    (4, [1068, 19_968]),
    (4, np.array([1068.0, 19_968])),
    (5, waiting),
    (5, lambda table, idea, use: np.float64(waiting(table, idea, use))),
    (6, ROW),
    (6, ROW | {"who": "van der Malsburg", "key": "vandermalsburg1973", "year": np.int64(1973)}),
    (6, ROW | {"key": "nair2010b"}),
    (6, ROW | {"who": "Nair, V. and Hinton, G. E."}),
    (6, ROW | {"who": "Nair and Hinton"}),
    (6, ROW | {"who": "Nair et al."}),
    (6, ROW | {"who": "Leibniz", "year": 1676, "key": "leibniz1676"}),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_right_answers_pass(number, answer):
    assert check(f"timeline/{number}", answer).passed


MISTAKES = [
    (1, "BADEC", "youngest first"),
    (1, "CDEAB", "rounding errors"),
    (1, "CEDBA", "zip codes"),
    (1, "ECDAB", "Look the five keys up"),
    (1, "CEDA", "each of the letters"),
    (1, "CEDAA", "each of the letters"),
    (2, 10, "same year too"),
    (2, 9, "One too many"),
    (2, 24, "after the book"),
    (2, 18, "famous paper"),
    (2, 5, "Compare the column"),
    (3, np.log2(GROWTH) / 23, "one over it"),
    (3, np.log2(GROWTH), "Divide the years"),
    (3, 23 / np.log(GROWTH), "natural logarithm"),
    (3, 23 / np.log10(GROWTH), "growth by ten"),
    (3, 1.29, "all seven"),
    (3, 1.3, "all seven"),
    (3, 7, "base-2 logarithm"),
    (4, [300, 19_200], "missing in the first number"),
    (4, [312, 19_968], "one bias to each map"),
    (4, [19_968, 1068], "without sharing"),
    (4, [768, 19_968], "These are the biases"),
    (4, [89, 1664], "That is one map"),
    (4, [9760, 19_968], "Count the weights"),
    (4, [1068, 19_200], "missing in the second number"),
    (4, [1068, 1664], "second number is that of one map"),
    (4, [1068, 1068], "Both numbers are the same"),
    (4, [1068, 64_660], "The first number is right"),
    (5, column, "column, not a number"),
    (5, lambda *a: -waiting(*a), "sign is reversed"),
    (5, lambda *a: abs(waiting(*a)), "sign is reversed"),
    (5, lambda *a: waiting(*a) + 1, "Off by one"),
    (5, by_position, "by their keys"),
    (5, in_place, "work on a copy"),
    (5, lambda table, idea, use: table.loc[use, "year"], "stopped with KeyError"),
    (6, list(ROW.values()), "as a dictionary"),
    (6, {"year": 2010}, "The columns are"),
    (6, ROW | {"year": "2010"}, "without quotation marks"),
    (6, ROW | {"year": 2010.5}, "whole number"),
    (6, ROW | {"year": 10}, "whole number"),
    (6, ROW | {"year": 1599, "key": "nair1599"}, "from 1600"),
    (6, ROW | {"what": " "}, "says something"),
    (6, ROW | {"what": 3}, "says something"),
    (6, ROW | {"kind": "paper"}, "one of idea"),
    (6, ROW | {"key": "Nair2010"}, "small letters"),
    (6, ROW | {"key": "nair 2010"}, "small letters"),
    (6, ROW | {"key": "nair2011"}, "not the year of the row"),
    (6, ROW | {"key": "hinton2010"}, "first author"),
    (6, ROW | {"key": "nairhinton2010"}, "first author"),
    (6, ROW | {"key": "n2010"}, "first author"),
    (6, ROW | {"who": "V. Nair"}, "first author"),
    (6, ROW | {"who": "Hebb", "year": 1949, "key": "hebb1949"}, "already"),
]


@pytest.mark.parametrize(("number", "answer", "phrase"), MISTAKES)
def test_each_mistake_gets_its_own_hint(number, answer, phrase):
    result = check(f"timeline/{number}", answer)
    assert result.status == "wrong"
    assert phrase in result.message


@pytest.mark.parametrize("row", timeline._events(), ids=lambda row: row["key"])
def test_rows_of_the_table_follow_its_own_rule(row):
    # Of a right row that is there already, nothing but that is said.
    assert "already" in check("timeline/6", row | {"year": int(row["year"])}).message


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("answer", ["many", [1, 2], float("nan"), {"a": 1}, lambda: 1])
def test_a_number_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"timeline/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 6])
@pytest.mark.parametrize("answer", [5, "text", np.ones(5), {"a": 1}, lambda: 1, [1, 2]])
def test_a_text_of_the_wrong_kind_gets_a_hint(number, answer):
    result = check(f"timeline/{number}", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("answer", [1068, "many", [1068], [1068, 1, 2], [1068, np.nan]])
def test_a_pair_of_the_wrong_kind_gets_a_hint(answer):
    result = check("timeline/4", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize(
    "answer", [16, "years", lambda: 1, lambda *_: "text", lambda *_: pd.Series([1])]
)
def test_a_function_of_the_wrong_kind_gets_a_hint(answer):
    result = check("timeline/5", answer)
    assert result.status == "wrong"
    assert "cannot read" not in result.message


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_placeholders_are_open(number):
    assert check(f"timeline/{number}", ...).status == "open"


@pytest.mark.parametrize(
    ("number", "placeholder"), [(5, lambda table, idea, use: ...), (6, ROW | {"key": ...})]
)
def test_placeholders_of_another_shape_are_open(number, placeholder):
    assert check(f"timeline/{number}", placeholder).status == "open"
