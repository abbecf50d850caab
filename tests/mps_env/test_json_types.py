import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from mps_env.json_types import check_types


def function(
    anything,
    *,
    count: int = 1,
    rate: float | Callable[[float], float] = 0.1,
    flag: bool = False,
    name: str | None = None,
    sizes: tuple[int, ...] = (),
    options: Mapping[str, Any] | None = None,
    head: Literal["linear", "softmax"] = "linear",
):
    raise AssertionError("only its annotations are looked at")


class Made:
    def __init__(self, count: int) -> None:
        raise AssertionError("only its annotations are looked at")


def test_what_annotations_allow_passes():
    check_types("it", function, {"anything": object(), "count": 2, "rate": 1, "flag": True, "name": None})
    check_types("it", function, {"count": np.int64(2), "rate": np.float32(0.1), "name": Path("here")})
    check_types("it", function, {"rate": abs, "sizes": [1, 2], "options": {"a": 1}, "head": "softmax", "other": 1})


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"count": 2.5}, "it takes count as a whole number, got 2.5."),
        ({"count": True}, "it takes count as a whole number, got True."),
        ({"rate": "abc"}, "it takes rate as a number, got 'abc'."),
        ({"flag": 3}, "it takes flag as true or false, got 3."),
        ({"name": 1}, "it takes name as a string or null, got 1."),
        ({"sizes": "12"}, "it takes sizes as a list, got '12'."),
        ({"options": 3}, "it takes options as a mapping or null, got 3."),
        ({"head": "x"}, "it takes head as one of linear, softmax, got 'x'."),
    ],
)
def test_what_they_do_not_is_refused_in_a_line(keywords, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check_types("it", function, keywords)


@pytest.mark.parametrize("made", [Made, partial(function, 1)])
def test_classes_and_partials_are_looked_into(made):
    with pytest.raises(ValueError, match="count as a whole number"):
        check_types("it", made, {"count": "many"})


def test_an_annotation_that_cannot_be_read_hides_no_other():
    def half_known(model: "OnlyForTypeCheckers", count: "int") -> None: ...  # noqa: F821

    check_types("it", half_known, {"model": 3, "count": 1})
    with pytest.raises(ValueError, match="count as a whole number"):
        check_types("it", half_known, {"model": 3, "count": "many"})


def test_what_has_no_annotations_passes():
    check_types("it", lambda count: count, {"count": "many"})
