import pytest

from agents.formats import count, duration, percent


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (4.21, "4.2 s"),
        (9.97, "10 s"),
        (45.2, "45 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (720, "12 min"),
        (3_599.7, "1 h"),
        (3_900, "1 h 5 min"),
        (12_000, "3 h 20 min"),
    ],
)
def test_durations_are_what_people_say(seconds, text):
    assert duration(seconds) == text


def test_fractions_and_counts():
    assert (percent(0.951), percent(0.951, 0.0031), count(12_000)) == ("95.1 %", "95.1 ± 0.3 %", "12,000")
