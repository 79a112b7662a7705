"""From a timeline of core to what every record page shows of it: sentences, files, who and when."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .. import routes
from ..core.kernel.errors import msg
from ..core.kernel.lifecycle import ActionRow
from ..core.workbench import FileRow, PersonRow, TimelineRow
from ..core.workbench.models import Decision
from ..i18n import gettext, translate_notice
from ..i18n.presentation import NO_VALUE, for_people, instant, money, own_name

# Events in words. What stands in braces is a fact of the event; unknown kinds show their own name.
EVENTS: dict[str, str] = {
    "account.credit_set": msg("Credit limit changed: {old} → {new}"),
    "account.opened": msg("Account opened"),
    "file.removed": msg("File removed: {name}"),
    "membership.added": msg("A person was added"),
    "account.urgency_set": msg("Urgency of the buyer changed"),
    "order.bumped": msg("Gave way to urgent {by}: {goods}; new promise {promised_on}"),
    "order.marked_urgent": msg("Marked urgent"),
    "order.prioritised": msg("Took {qty} from orders that can wait: {orders}"),
    "order.unmarked_urgent": msg("No longer urgent"),
    "order.allocated": msg("Missing quantity reserved"),
    "order.cancelled": msg("Order cancelled"),
    "order.complained": msg("The recipient complained"),
    "order.completed": msg("Order completed"),
    "order.delivered": msg("Goods delivered"),
    "order.exception_cured": msg("A problem has settled by itself: {exception}"),
    "order.exception_raised": msg("A problem was noticed: {exception}"),
    "order.fed": msg("{qty} came for {part} with {number} and are reserved"),
    "order.feed_asked": msg("{number} brings goods for {part}: {source} has what {target} lacks"),
    "order.feed_lost": msg("{number} came to nothing: {part} goes on waiting"),
    "order.hold_expired": msg("Held too long: its stock is free again ({qty})"),
    "order.in_transit": msg("On the road with {carrier}"),
    "order.lost": msg("Reported lost by {carrier}"),
    "order.offer_expired": msg("Nobody answered: the offer of {part} lapsed"),
    "order.part_accepted": msg("A partner serves a part from its own stock"),
    "order.part_declined": msg("A partner declined to serve a part"),
    "order.picked": msg("Goods picked"),
    "order.placed": msg("Order placed"),
    "order.rated": msg("The recipient rated the delivery"),
    "order.refused": msg("Refused by the receiver"),
    "order.released": msg("Order released"),
    "order.returned": msg("Goods returned"),
    "order.shipped": msg("Goods shipped"),
    "order.shortage_settled": msg("Short delivery settled"),
    "partner.created": msg("Admitted to the network"),
    "partner.moved": msg("Moved below {parent}"),
    "partner.status_changed": msg("Status changed: {old} → {new}"),
    "production.asked": msg("Production {number} asked for"),
    "production.cancelled": msg("Production {number} given up"),
    "production.finished": msg("Production {number} finished"),
    "production.planned": msg("Production {number} planned for {promised_on}"),
    "production.started": msg("Production {number} started"),
    "sku.created": msg("SKU created"),
    "sku.flags_changed": msg("Ordering of this SKU changed"),
    "stock.corrected": msg("Stock corrected by {qty} ({cause})"),
    "task.answered": msg("Supplement given"),
    "task.approved": msg("Approved and done"),
    "task.asked": msg("Asked for approval"),
    "task.asked_again": msg("The record had changed: everybody is asked again"),
    "task.assigned": msg("Assigned"),
    "task.cured": msg("Settled by itself"),
    "task.escalated": msg("Overdue: made more urgent"),
    "task.raised": msg("Raised"),
    "task.rejected": msg("Rejected"),
    "task.resolved": msg("Resolved"),
    "task.step_taken": msg("Approved, on to the next step"),
    "task.supplement_asked": msg("Supplement asked for"),
    "task.withdrawn": msg("Withdrawn"),
    "transfer.approved": msg("Agreed: the goods are reserved"),
    "transfer.cancelled": msg("Called off"),
    "transfer.carried": msg("On the road with {carrier}"),
    "transfer.delivered": msg("Handed over by {carrier}, to be counted"),
    "transfer.lost": msg("Reported lost by {carrier}"),
    "transfer.picked": msg("Goods lie ready"),
    "transfer.received": msg("Received {qty}, short {short}; signed by {signed_by}"),
    "transfer.refused": msg("Refused by the receiver"),
    "transfer.rejected": msg("Refused"),
    "transfer.requested": msg("Transfer asked for"),
    "transfer.settled": msg("Settled"),
    "transfer.short_settled": msg("What was short: {outcome}"),
    "transfer.shipped": msg("Goods on their way"),
    "territory.granted": msg("Territory granted: {region}"),
}
# facts that say more than the sentence
DETAILS = ("shipment", "document", "reason")
AMOUNTS = {"account.credit_set": ("old", "new", "temporary")}
DECISIONS: dict[str, tuple[str, str]] = {
    Decision.APPROVED: (msg("Approved: {title}"), "good"),
    Decision.PARTLY: (msg("Approved in part: {title}"), "good"),
    Decision.REJECTED: (msg("Rejected: {title}"), "bad"),
    Decision.SUPPLEMENT: (msg("Supplement asked for: {title}"), "warn"),
}
_UNITS = ((1_048_576, "MB"), (1024, "KB"))


@dataclass(frozen=True)
class Entry:
    """An entry of the timeline, ready to be shown."""

    kind: str
    title: str
    note: str
    text: str = ""
    mark: str = ""
    tone: str = ""
    href: str = ""
    files: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Words:
    """What codes and amounts among the facts of a record's events mean to its reader."""

    codes: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""


def entry(row: TimelineRow, words: Words, language: str, zone: str) -> Entry:
    """One entry in the reader's language and zone."""
    who = row.actor_name or gettext(msg("System"), language)
    at = instant(row.at, zone)
    note = f"{who} · {at}"
    if row.kind == "event":
        return Entry("event", _sentence(row, words, language), note)
    if row.kind == "task":
        # the platform asks nobody for anything: what it raises is to be done
        asked = msg("Asked: {title}") if row.actor_name else msg("To do: {title}")
        title = gettext(asked, language, title=_title(row.what, row.facts, language, zone))
        return Entry("task", title, note, href=routes.subject("task", row.reference))
    if row.kind == "decision":
        template, tone = DECISIONS[row.what]
        title = _title(str(row.facts["title"]), row.facts["facts"], language, zone)
        return Entry(
            "decision",
            gettext(template, language, title=title),
            note,
            text=row.text,
            tone=tone,
            href=routes.subject("task", row.reference),
        )
    company = own_name(row.company, language) if row.company else ""
    mark = msg("Visible to all parties") if row.is_shared else msg("Internal")
    return Entry(
        row.kind,
        who,
        " · ".join(filter(None, (company, at))),
        text=row.text,
        mark=gettext(mark, language),
        tone="accent" if row.is_shared else "neutral",
        files=[file_row(file) for file in row.files],
    )


def _sentence(row: TimelineRow, words: Words, language: str) -> str:
    template = gettext(EVENTS.get(row.what, row.what), language)
    facts: dict[str, str] = defaultdict(lambda: NO_VALUE)
    for name, value in row.facts.items():
        if name in AMOUNTS.get(row.what, ()) and isinstance(value, int):
            facts[name] = money(value, words.currency, language) if words.currency else str(value)
        else:
            facts[name] = words.codes.get(str(value), str(value))
    detail = next((str(row.facts[name]) for name in DETAILS if row.facts.get(name)), "")
    return " ".join(filter(None, (template.format_map(facts), detail)))


def _title(title: str, facts: Mapping[str, object], language: str, zone: str) -> str:
    return for_people(translate_notice(title, facts, language), language, zone)


def file_row(row: FileRow) -> dict[str, str]:
    """A file with its links; `thumbnail` is empty where there is no picture."""
    return {
        "key": row.key,
        "name": row.name,
        "size": file_size(row.size),
        "href": routes.file(row.key),
        "thumbnail": routes.thumbnail(row.key) if row.has_thumbnail else "",
        "can_remove": "yes" if row.can_remove else "",
    }


def file_size(size: int) -> str:
    """Bytes as people say them, rounded up: 12 KB, 3 MB."""
    for unit, name in _UNITS:
        if size >= unit:
            return f"{-(-size // unit)} {name}"
    return f"{size} B"


def actions(rows: Sequence[ActionRow], language: str) -> list[dict[str, str]]:
    """The next actions: allowed, or why not."""
    return [
        {
            "verb": row.verb,
            "label": gettext(row.label, language),
            "reason": gettext(row.reason, language) if row.reason else "",
        }
        for row in rows
    ]


def colleagues(rows: Sequence[PersonRow]) -> list[dict[str, str]]:
    """Whom one may mention, as choices."""
    return [{"value": row.username, "text": f"{row.name} @{row.username}"} for row in rows]
