"""Proof of delivery: who signed, when, and the photo of it."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from distrib_app.core.channels import PEOPLE
from distrib_app.core.inventory import get_shipment
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import DomainError, InvalidError, NotFoundError
from distrib_app.core.orders import deliver_order, deliver_part, ship_order
from distrib_app.core.reactions import SUBJECTS
from distrib_app.core.workbench import FileStore, install_subjects, store_file
from tests.core.inventory.shop import NOW

from .trade import Trader, check_books, counts

Who = Callable[[str], Trader]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _subjects() -> None:
    install_subjects(SUBJECTS, PEOPLE)


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "white").save(out, "PNG")
    return out.getvalue()


def keep(trader: Trader, folder: Path, number: str, **facts: Any) -> str:
    known = {"name": "door.png", "content": png(), "subject": ("order", number), "is_shared": True} | facts
    with trader.database.write(trader.actor) as session:
        files = FileStore(str(folder), max_bytes=1_000_000)
        return store_file(session, trader.actor, files=files, now=NOW, **known).key


def out(who: Who) -> tuple[str, str]:
    number = who("gz").place({"TV": 2})
    [shipment] = who("ops").do(ship_order, number)
    return number, shipment


def test_name_time_and_photo_stay_on_the_shipment(trade: Database, who: Who, tmp_path: Path) -> None:
    number, shipment = out(who)
    key = keep(who("gz"), tmp_path, number)
    who("gz").do(
        deliver_order,
        number,
        signed_by=" 李雷 ",
        signed_at=NOW + HOUR,
        proof_file=key,
        now=NOW + 3 * HOUR,
    )
    with trade.read(who("ops").actor) as session:
        found = get_shipment(session, shipment)
    assert (found.signed_by, found.delivered_at, found.proof_file) == ("李雷", NOW + HOUR, key)
    assert [row.proof_file for row in who("ops").get(number).shipments] == [key]
    check_books(trade)


def test_the_time_lies_between_shipping_and_now(trade: Database, who: Who) -> None:
    number, _ = out(who)
    before = counts(trade)
    for moment in (NOW - HOUR / 3600, NOW + 2 * HOUR):
        with pytest.raises(InvalidError) as caught:
            who("gz").do(deliver_order, number, signed_by="x", signed_at=moment, now=NOW + HOUR)
        assert caught.value.facts["field"] == "signed_at"
    assert counts(trade) == before
    who("gz").do(deliver_part, f"{number}-1", signed_by="x", signed_at=NOW)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"is_shared": False}, InvalidError),
        ({"name": "a.txt", "content": b"hello"}, InvalidError),
        ({"subject": ("", "")}, InvalidError),
    ],
)
def test_a_photo_is_a_picture_that_all_parties_see(
    trade: Database, who: Who, tmp_path: Path, facts: dict[str, Any], refusal: type[DomainError]
) -> None:
    number, _ = out(who)
    key = keep(who("gz"), tmp_path, number, **facts)
    before = counts(trade)
    with pytest.raises(refusal):
        who("gz").do(deliver_order, number, signed_by="x", proof_file=key)
    with pytest.raises(NotFoundError):
        who("gz").do(deliver_order, number, signed_by="x", proof_file="0" * 32)
    assert counts(trade) == before


def test_a_photo_of_another_order_is_none(trade: Database, who: Who, tmp_path: Path) -> None:
    number, _ = out(who)
    other = who("gz").place({"TV": 1}, key="other")
    key = keep(who("gz"), tmp_path, other)
    with pytest.raises(InvalidError):
        who("gz").do(deliver_order, number, signed_by="x", proof_file=key)
