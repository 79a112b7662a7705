"""Two at once on one transfer, or on the last units: one of them, and the books hold."""

from datetime import timedelta

import pytest

from distrib_app.core.inventory import (
    ArrivedLine,
    approve_transfer,
    cancel_transfer,
    receive_transfer,
    record_shipment_event,
    ship_transfer,
)
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.events import install_reactions
from distrib_app.core.reactions import REACTIONS
from tests.core.orders.test_race import together

from .haul import Hauler, broken, lines_of
from .shop import NOW, check_stock, stock


@pytest.fixture
def road(haul: Database) -> tuple[Hauler, Hauler, str]:
    """A transfer of four AC from GD to GZ on the road."""
    gd, gz = (Hauler.named(haul, name) for name in ("gd", "gz"))
    number = gd.ask("GD-WH", "GZ-WH", {"AC": 4})
    gz.do(approve_transfer, number)
    gd.do(ship_transfer, number)
    return gd, gz, number


def test_received_and_called_off_at_once(haul: Database, road: tuple[Hauler, Hauler, str]) -> None:
    gd, gz, number = road
    answers = together(
        lambda: gz.do(receive_transfer, number, lines=[ArrivedLine(1, 4)], signed_by="王"),
        lambda: gd.do(cancel_transfer, number, outcome="restore"),
        lambda: gz.do(receive_transfer, number, lines=[ArrivedLine(1, 4)], signed_by="李"),
    )
    assert answers.count("transition") == 2
    ended = ({"settled", "cancelled"} & set(answers)).pop()
    assert stock(haul)["GZ-WH", "AC"][0] == (11 if ended == "settled" else 7)
    assert stock(haul).get(("GD-WH", "AC"), (0, 0))[0] == (0 if ended == "settled" else 4)
    check_stock(haul)
    assert broken(haul) == {}


def test_two_goes_at_once_never_bring_more_than_left(
    haul: Database, road: tuple[Hauler, Hauler, str]
) -> None:
    _, gz, number = road
    answers = together(
        *[lambda: gz.do(receive_transfer, number, lines=[ArrivedLine(1, 3)], signed_by="王")] * 3
    )
    assert sorted(answers) == ["partly_received", "road_quantity", "road_quantity"]
    assert lines_of(haul) == [(4, 0, 4, 3, 0, 0, 0)]
    check_stock(haul)
    assert broken(haul) == {}


def test_two_yeses_over_the_last_units(haul: Database) -> None:
    gd, gz = (Hauler.named(haul, name) for name in ("gd", "gz"))
    numbers = [gd.ask("GD-WH", "GZ-WH", {"AC": 3}, key) for key in ("a", "b")]
    answers = together(*[lambda number=number: gz.do(approve_transfer, number) for number in numbers])
    assert sorted(answers) == ["approved", "insufficient_stock"]
    assert stock(haul)["GD-WH", "AC"] == (4, 3)
    assert sorted(gd.get(number).status for number in numbers) == ["approved", "requested"]
    check_stock(haul)
    assert broken(haul) == {}


def test_the_same_key_at_once_is_one_transfer(haul: Database) -> None:
    ops = Hauler.named(haul, "ops")
    answers = together(*[lambda: ops.ask("PLANT", "SOUTH", {"AC": 2}, "same")] * 3)
    assert len([one for one in set(answers) if one.startswith("TF-")]) == 1
    assert stock(haul)["PLANT", "AC"] == (5, 2)
    assert broken(haul) == {}


def test_handed_over_while_it_is_counted(haul: Database, road: tuple[Hauler, Hauler, str]) -> None:
    """Whoever comes first: it is received once, and nobody is left to count it."""
    gd, gz, number = road
    shipment = gz.get(number).shipment.number
    install_reactions({"shipment.reported": REACTIONS["shipment.reported"]})

    def deliver(hour: int) -> str:
        with haul.write(SYSTEM) as session:
            is_new = record_shipment_event(
                session,
                SYSTEM,
                shipment_number=shipment,
                kind="delivered",
                occurred_at=NOW - timedelta(hours=hour),
                source_key=f"d-{hour}",
                now=NOW,
            )
        return "told" if is_new else "known"

    try:
        answers = together(
            lambda: deliver(1),
            lambda: gz.do(receive_transfer, number, lines=[ArrivedLine(1, 4)], signed_by="王"),
            lambda: deliver(2),
        )
    finally:
        install_reactions({})
    assert sorted(answers) == ["settled", "told", "told"]
    assert gz.get(number).shipment.status == "delivered"
    assert gz.inbox() == [] == gd.inbox()
    assert stock(haul)["GZ-WH", "AC"] == (11, 0)
    assert broken(haul) == {}
