"""Barcodes and the category tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distrib_app.core.catalog import check_digit, is_gtin
from distrib_app.core.catalog.rules import descendants


@pytest.mark.parametrize(
    ("barcode", "expected"),
    [
        ("6901234567892", True),  # GTIN-13, the textbook example of GS1 China
        ("96385074", True),  # GTIN-8
        ("036000291452", True),  # GTIN-12
        ("10614141000415", True),  # GTIN-14
        ("6901234567893", False),
        ("690123456789", False),
        ("69012345678９2", False),  # a full-width digit is no digit
        ("690123456789A", False),
        ("", False),
    ],
)
def test_gtin(barcode: str, expected: bool) -> None:
    assert is_gtin(barcode) is expected


@given(
    body=st.text("0123456789", min_size=12, max_size=12), position=st.integers(0, 12), other=st.integers(1, 9)
)
def test_every_single_wrong_digit_is_found(body: str, position: int, other: int) -> None:
    barcode = body + str(check_digit(body))
    assert is_gtin(barcode)
    wrong = (int(barcode[position]) + other) % 10
    assert not is_gtin(f"{barcode[:position]}{wrong}{barcode[position + 1 :]}")


def test_descendants() -> None:
    parents = {1: None, 2: 1, 3: 1, 4: 3, 5: None}
    assert descendants(1, parents) == {1, 2, 3, 4}
    assert descendants(3, parents) == {3, 4}
    assert descendants(5, parents) == {5}
