"""Two at once on one transfer, or on the last units: one of them, and the books hold."""

import pytest

from distrib_app.core.inventory import (
    ArrivedLine,
    approve_transfer,
    cancel_transfer,
    receive_transfer,
    ship_transfer,
)
from distrib_app.core.kernel.db import Database
from tests.core.orders.test_race import together

from .haul import Hauler, broken, lines_of
from .shop import check_stock, stock


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
