"""Checks of the page on the history of the field, which reads two small tables."""

import csv
import re
from importlib import resources
from typing import Any

import numpy as np

from nnutils.checking import HintError, as_array, as_number, call

_COLUMNS = ("year", "who", "what", "kind", "key")
_KINDS = ("idea", "learning", "theory", "network", "criticism")


def _events() -> list[dict[str, str]]:
    """Read the rows of the timeline."""
    path = resources.files("nnutils") / "data" / "timeline.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _year(key: str) -> int:
    return next(int(row["year"]) for row in _events() if row["key"] == key)


def exercise_1(answer: Any) -> str | None:
    """Perceptron, reverse mode, neocognitron, zip-code reader, LSTM: CEDAB."""
    letters = "".join(map(str, answer)) if isinstance(answer, list | tuple) else answer
    if not isinstance(letters, str):
        return 'Give the five letters as one string, such as "ABCDE".'
    letters = re.sub(r"[^A-Z]", "", letters.upper())
    if sorted(letters) != list("ABCDE"):
        return "Use each of the letters A, B, C, D and E once."
    keys = {
        "A": "lecun1989",
        "B": "hochreiter1997",
        "C": "rosenblatt1957",
        "D": "fukushima1980",
        "E": "linnainmaa1970",
    }
    right = "".join(sorted(keys, key=lambda letter: _year(keys[letter])))
    if letters == right:
        return None
    if letters == right[::-1]:
        return "That is the right order, with the youngest first. Begin with the oldest."
    if letters.index("D") < letters.index("E"):
        return "The reverse mode is older than the neocognitron: it began with rounding errors."
    if letters.index("B") < letters.index("A"):
        return "The LSTM answers a problem that was found after networks read zip codes."
    return "Look the five keys up in the table: the first author's name and the year."


def exercise_2(answer: Any) -> str | None:
    """Entries before the book on perceptrons: 8."""
    number = as_number(answer)
    years = np.array([int(row["year"]) for row in _events()])
    book = _year("minsky1969")
    if number == np.sum(years < book):
        return None
    if number == np.sum(years <= book):
        return "You counted the entries of the same year too. Only earlier years count."
    if number == np.sum(years < book) + 1:
        return "One too many: an entry of the same year, or the book itself, does not count."
    if number == np.sum(years > book):
        return "That is the number of entries after the book."
    if number == np.sum(years < _year("rumelhart1986")):
        return "That is the count before the famous paper on backpropagation. Take the book."
    return 'Compare the column "year" with the year of "minsky1969" and add up what is smaller.'


def exercise_3(answer: Any) -> str | None:
    """Parameters doubled 12.6 times in 23 years: once in 1.83 years."""
    number = as_number(answer)
    growth = 60e6 / 9760
    years = _year("krizhevsky2012") - _year("lecun1989")

    def near(value: float) -> bool:
        return bool(np.isclose(number, value, rtol=0.02, atol=0))

    if near(years / np.log2(growth)):
        return None
    if near(np.log2(growth) / years):
        return "These are doublings per year. The doubling time is one over it."
    if near(np.log2(growth)):
        return "That is how often the number doubled. Divide the years by it."
    if near(years / np.log(growth)):
        return "You used the natural logarithm. Doublings are counted by the logarithm to base 2."
    if near(years / np.log10(growth)):
        return "That is the time for a growth by ten. Doublings need the logarithm to base 2."
    if near(1.29):
        return "That is the fit through all seven networks. Use only the two."
    return "Divide the years between the two by the base-2 logarithm of the growth factor."


def exercise_4(answer: Any) -> str | None:
    """12 maps of 25 shared weights and 768 biases: 1,068; 19,968 with weights for each unit."""
    shared, alone = as_array(answer, shape=(2,))
    maps, units, patch = 12, 12 * 8 * 8, 5 * 5
    if shared == units * (patch + 1):
        return "The first number is without sharing. All units of a map use the same 25 weights."
    if shared == maps * patch:
        return "The biases are missing in the first number: each of the units has one of its own."
    if shared == maps * (patch + 1):
        return "You gave one bias to each map. Here each unit has a bias of its own."
    if shared == units:
        return "These are the biases. Add the weights: 25 for each map."
    if shared == patch + 8 * 8:
        return "That is one map. There are 12 of them."
    if shared != maps * patch + units:
        return "Count the weights of one patch for each map, then one bias for each unit."
    if alone == units * patch:
        return "The biases are missing in the second number: they stay when the sharing goes."
    if alone == 8 * 8 * (patch + 1):
        return "The second number is that of one map. There are 12 of them."
    if alone == shared:
        return "Both numbers are the same. Without sharing each unit brings its own 25 weights."
    if alone != units * (patch + 1):
        return "The first number is right. For the second count the units, and what each has."
    return None


def exercise_5(answer: Any) -> str | None:
    """Year of the second key minus year of the first."""
    import pandas as pd

    cases = (
        ([1999, 1950, 1973], ["c", "a", "b"], "a", "b", 23),
        ([1961, 1990, 1970, 1933], ["d", "a", "c", "b"], "a", "d", -29),
    )
    for years, keys, idea, use, right in cases:
        # Row labels that are not 0, 1, 2 show whether rows are found by key.
        table = pd.DataFrame({"year": years, "key": keys}, index=range(7, 7 + len(keys)))
        handed = table.copy()
        value = call(answer, handed, idea, use)
        if isinstance(value, pd.Series | pd.DataFrame):
            return "You return a column, not a number. Pick the single value out of it first."
        number = as_number(value)
        if number == right:
            if not handed.equals(table):
                return "Your function changes its argument: work on a copy."
            continue
        if number == -right:
            return (
                "The sign is reversed, or lost: take the second year minus the first, "
                "negative if the second is the older."
            )
        if number == abs(right) + 1:
            return "Off by one: from one year to the next it is one year."
        return "Find the two years by their keys, wherever the rows stand, and subtract."
    return None


def exercise_6(answer: Any) -> str | None:
    """Any new row with the five columns, a known kind and a matching key."""
    if not isinstance(answer, dict):
        return "Give the row as a dictionary with the five columns as keys."
    if set(answer) != set(_COLUMNS):
        return f"The columns are {', '.join(_COLUMNS)}; yours are {', '.join(map(str, answer))}."
    rule = "The year should be a whole number from 1600 to 2029, without quotation marks."
    if isinstance(answer["year"], str):
        return rule
    year = as_number(answer["year"])
    if year != int(year) or not 1600 <= year <= 2029:
        return rule
    texts = {name: answer[name] for name in _COLUMNS[1:]}
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise HintError(f"The entry {name!r} should be a string that says something.")
    if texts["kind"] not in _KINDS:
        return f"The kind should be one of {', '.join(_KINDS)}."
    surname = re.fullmatch(r"([^\W\d_]+)(\d{4})[a-z]?", texts["key"])
    if surname is None or texts["key"] != texts["key"].lower():
        return "The key is a surname in small letters and the year, without a space: hebb1949."
    if int(surname[2]) != year:
        return "The year in the key is not the year of the row."
    # The first author ends at a comma, "&", "and" or "et al."
    first = re.split(r",|&|\band\b|\bet\b", texts["who"])[0]
    if re.sub(r"[^\w]", "", first.lower()) != surname[1]:
        return (
            "The key begins with the whole surname of the first author, and so does the entry "
            "'who': Nair & Hinton, with the key nair2010."
        )
    if any(row["key"] == texts["key"] for row in _events()):
        return "The table has this key already. Choose something that it misses."
    return None
