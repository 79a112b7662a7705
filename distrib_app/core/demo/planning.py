"""The demo's water lines and what is suggested on its last day: by the verbs that the jobs call."""

from datetime import datetime

from sqlmodel import Session

from ..inventory import Supply, compute_water_lines, make_suggestions
from ..kernel.access import SYSTEM

# resellers of the demo order about once in six weeks, a week before they want the goods
_SUPPLY = Supply(lead_milli=7_000, lead_deviation_milli=2_000, review_days=42)


def plan_stock(session: Session, *, now: datetime) -> None:
    """Lines for every SKU with demand or stock, then today's suggestions for the whole network."""
    compute_water_lines(session, SYSTEM, supply=_SUPPLY, now=now)
    make_suggestions(session, SYSTEM, now=now)
