"""Carriers' price lists as they are stored, and as freight reads them."""

import json
from functools import lru_cache
from typing import Any

from .freight import Tariff, WeightBand, ZoneCharge, check_tariff

# a place without any lane of its own delivers by itself, within so many days
OWN_DELIVERY_DAYS = 2


def read_tariff(
    *,
    code: str,
    currency: str,
    volumetric_divisor: int | None,
    minimum_amount: int,
    bands: Any,
    zones: Any,
) -> Tariff:
    """A stored price list as freight takes it; equal ones are read once. Raises like `check_tariff`."""
    return _tariff(
        code,
        currency,
        volumetric_divisor,
        minimum_amount,
        json.dumps(bands),
        json.dumps(zones, sort_keys=True),
    )


@lru_cache(maxsize=1024)
def _tariff(
    code: str, currency: str, volumetric_divisor: int | None, minimum_amount: int, bands: str, zones: str
) -> Tariff:
    tariff = Tariff(
        code=code,
        currency=currency,
        bands=tuple(WeightBand(**band) for band in json.loads(bands)),
        zones={name: ZoneCharge(**charge) for name, charge in json.loads(zones).items()},
        volumetric_divisor=volumetric_divisor,
        minimum_amount=minimum_amount,
    )
    check_tariff(tariff)
    return tariff


@lru_cache(maxsize=32)
def free_tariff(currency: str) -> Tariff:
    """The tariff of a place that delivers by itself: nothing, whatever it weighs."""
    return Tariff("", currency, (WeightBand(0, 0, 0, 0),), {"": ZoneCharge()})
