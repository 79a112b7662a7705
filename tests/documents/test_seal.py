"""Seals: what was printed opens, whatever was altered does not; the key is made once."""

import base64
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.kernel.settings import get_settings
from distrib_app.documents import Seal, get_secret, open_seal, seal_token
from distrib_app.documents.seal import qr_svg

SECRET = b"0" * 32
SEAL = Seal("order", "SO-20261123-0001", "2026-11-23", 2_085_700, "CNY")


def test_a_seal_opens_as_it_was_made() -> None:
    assert open_seal(seal_token(SEAL, SECRET), SECRET) == SEAL
    assert open_seal(seal_token(SEAL, SECRET), b"1" * 32) is None


@settings(max_examples=100)
@given(st.integers(min_value=0, max_value=400), st.integers(min_value=1, max_value=255))
def test_one_altered_byte_closes_it(place: int, flip: int) -> None:
    token = seal_token(SEAL, SECRET)
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[place % len(raw)] ^= flip
    altered = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    assert open_seal(altered, SECRET) is None


@settings(max_examples=100)
@given(st.text(max_size=350))
def test_no_other_text_opens(token: str) -> None:
    assert open_seal(token, SECRET) is None


def test_a_higher_amount_cannot_be_written_in() -> None:
    token = seal_token(SEAL, SECRET)
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    forged = raw.replace(b"2085700", b"2985700")
    assert forged != raw
    assert open_seal(base64.urlsafe_b64encode(forged).decode().rstrip("="), SECRET) is None


def test_the_qr_code_is_inline_and_small() -> None:
    svg = qr_svg(f"https://distrib.example/verify/{seal_token(SEAL, SECRET)}")
    assert svg.startswith("<svg") and "<script" not in svg and len(svg) < 12_000


def test_the_key_is_made_once_and_kept_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "new"))
    get_settings.cache_clear()
    try:
        found: list[bytes] = []
        threads = [threading.Thread(target=lambda: found.append(get_secret())) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(found)) == 1 and len(found[0]) == 64
        stored = tmp_path / "new" / "document.key"
        assert stored.read_bytes() == found[0]
        assert stat.S_IMODE(stored.stat().st_mode) == 0o600
        assert [path.name for path in stored.parent.iterdir()] == ["document.key"]
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
