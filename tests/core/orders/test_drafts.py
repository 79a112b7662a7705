"""Lines as people paste them: what is understood, and the row that is none by its number."""

import pytest

from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.orders import PastedLineError, parse_lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("A-1 3", {"A-1": 3}),
        ("A-1,3\nB\t12\nC;4\nD × 5\nE x6", {"A-1": 3, "B": 12, "C": 4, "D": 5, "E": 6}),
        ("A-1", {"A-1": 1}),
        ("A 2\n\n  A 3  \n", {"A": 5}),
        ("A 0\nB 1", {"B": 1}),
    ],
)
def test_pasted_lines(text: str, expected: dict[str, int]) -> None:
    assert parse_lines(text) == expected


@pytest.mark.parametrize(
    ("text", "row", "shown"),
    [
        ("A 1\nB 十二\nC 3", 2, "B 十二"),
        ("A 1\n\n\nB 1.5", 4, "B 1.5"),
        ("A -3", 1, "A -3"),
        ("A 1234567890", 1, "A 1234567890"),
        ("A 1 " + "x" * 100, 1, "A 1 " + "x" * 36),
    ],
)
def test_a_row_that_is_none_is_named(text: str, row: int, shown: str) -> None:
    with pytest.raises(PastedLineError) as caught:
        parse_lines(text)
    assert caught.value.facts == {"row": row, "text": shown}


def test_no_more_than_a_page_of_lines() -> None:
    assert len(parse_lines("\n".join(f"S{number} 1" for number in range(200)))) == 200
    with pytest.raises(InvalidError):
        parse_lines("\n".join(f"S{number} 1" for number in range(201)))
