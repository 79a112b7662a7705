"""The form of a delivery: who signed and when, the photo of it, and what did not arrive."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..core.kernel.clock import zone
from ..core.kernel.errors import InvalidError, msg
from ..core.orders import SHORTAGES, Shortage

REASONS = tuple(SHORTAGES.items())


def parse_delivery(form: Mapping[str, str], zone_name: str) -> dict[str, Any]:
    """What the delivering verbs take. Raises `InvalidError` naming the field."""
    return {
        "signed_by": form.get("signed_by", ""),
        "signed_at": _instant(form.get("signed_at", ""), zone_name),
        "proof_file": form.get("proof_file", "")[:40],
        "shortages": [
            Shortage(int(key.removeprefix("missing-")), int(value), form.get(f"why-{key[8:]}", "")[:20])
            for key, value in form.items()
            if key.startswith("missing-") and _quantity(key, value)
        ],
    }


def _quantity(key: str, value: str) -> int:
    if value and not (value.isdecimal() and key.removeprefix("missing-").isdecimal()):
        raise InvalidError(field=msg("Quantity"), reason=msg("is not a whole number"))
    return int(value or 0)


def _instant(text: str, zone_name: str) -> datetime | None:
    """What a person chose on the clock of their own zone."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=zone(zone_name)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidError(field=msg("Signed at"), reason=text[:30]) from error
