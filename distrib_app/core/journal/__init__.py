"""The sales journal: who sold what to whom at which step of the channel."""

from .models import FlowStep, JournalLeg, JournalPosting
from .service import LEG_COLUMNS, LegDraft, bulk_post_legs, flow_step, post_legs

__all__ = [
    "LEG_COLUMNS",
    "FlowStep",
    "JournalLeg",
    "JournalPosting",
    "LegDraft",
    "bulk_post_legs",
    "flow_step",
    "post_legs",
]
