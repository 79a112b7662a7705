"""What a new password must be, as a table."""

import pytest

from distrib_app.core.kernel.access.passwords import (
    LIKE_USER_NAME,
    TOO_COMMON,
    TOO_LONG,
    TOO_SHORT,
    password_fault,
)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", TOO_SHORT),
        ("nine-char", TOO_SHORT),
        ("ten--chars", None),
        ("电池马订书钉正确答案", None),
        ("x" * 201, TOO_LONG),
        ("wang.fang-01", LIKE_USER_NAME),
        ("WANG_FANG2026", LIKE_USER_NAME),
        ("wang fang likes tea", None),
        ("Password123", TOO_COMMON),
        ("Qwerty-12345", TOO_COMMON),
        ("aaaaaaaaaaaa", TOO_COMMON),
        ("abababababab", TOO_COMMON),
        ("1234567890", TOO_COMMON),
        ("demo-demo-1", None),
        ("correct horse", None),
    ],
)
def test_a_new_password(password: str, fault: str | None) -> None:
    assert password_fault(password, "wang.fang") == fault
