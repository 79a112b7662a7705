"""What the schedule does: the lake, the nightly proof, the nightly cleaning. Each says how it went."""

from typing import Any

from .core.analytics import compact_lake
from .core.channels import Network
from .core.invariants import check_all
from .core.inventory import compute_water_lines, make_suggestions
from .core.kernel.access import SYSTEM
from .core.kernel.clock import utc_now
from .core.kernel.errors import DomainError, msg
from .core.kernel.settings import get_settings
from .core.orders import (
    complete_delivered,
    due_holds,
    due_offers,
    expire_hold,
    expire_offer,
    watch_orders,
)
from .core.workbench import cure_tasks, escalate_overdue, raise_task, remove_expired
from .core.workbench.models import Severity
from .gate import get_database
from .lake import get_lake, sync
from .worker import get_job_files

Said = tuple[str, dict[str, Any]]
BROKEN = "broken_invariant"
NO_NETWORK = msg("There is no network yet.")


class BrokenInvariantError(DomainError):
    """The nightly proof found rows that contradict each other."""

    code = "broken_invariant"
    status = 500
    template = msg("{count} rules do not hold: {rules}")


def sync_quietly() -> None:
    """New postings into the lake."""
    sync()


def compact() -> Said:
    """Small Parquet files become large ones."""
    merged = compact_lake(get_database(), get_settings().lake, now=utc_now())
    return msg("{files} files merged"), {"files": merged}


def check_everything() -> Said:
    """Every invariant over the whole database and the lake. Raises `BrokenInvariantError`."""
    sync()
    with get_database().read(SYSTEM) as session:
        findings = check_all(session, store=get_lake())
    broken = [finding for finding in findings if not finding.is_clean]
    rules = "; ".join(f"{finding.name}: {finding.detail}" for finding in broken)
    _tell_administrators({"count": len(broken), "rules": rules})
    if broken:
        raise BrokenInvariantError(count=len(broken), rules=rules)
    return msg("all {count} rules hold"), {"count": len(findings)}


def _tell_administrators(facts: dict[str, Any]) -> None:
    """A task for the brand's administrators while rules are broken; it is cured with them."""
    subject, now = ("schedule", "invariants"), utc_now()
    with get_database().write(SYSTEM) as session:
        network = session.get(Network, 1)
        if network is None:
            return
        if not facts["count"]:
            cure_tasks(session, SYSTEM, kind=BROKEN, subjects=[subject], now=now)
            return
        raise_task(
            session,
            SYSTEM,
            kind=BROKEN,
            subject=subject,
            title=BrokenInvariantError.template,
            facts=facts,
            owner_id=network.brand_id,
            roles=["administrator"],
            severity=Severity.CRITICAL,
            now=now,
        )


def escalate() -> Said:
    """Tasks past their due time become more severe, and whoever decides them is told."""
    with get_database().write(SYSTEM) as session:
        count = escalate_overdue(session, SYSTEM, now=utc_now())
    return msg("{count} tasks escalated"), {"count": count}


def clean_up() -> Said:
    """What has expired goes: files, answers kept for repeated requests, old notices, old runs."""
    removed = remove_expired(get_database(), files=get_job_files(), now=utc_now())
    return msg("{files} files, {rows} rows removed"), {"files": removed.files, "rows": removed.rows}


def compute_lines() -> Said:
    """The water lines of the whole network that nobody set by hand, from the demand of late."""
    with get_database().write(SYSTEM) as session:
        if session.get(Network, 1) is None:
            return NO_NETWORK, {}
        count = compute_water_lines(session, SYSTEM, now=utc_now())
    return msg("{computed} lines computed, {kept} kept as set by hand"), {
        "computed": count.computed,
        "kept": count.kept,
    }


def suggest() -> Said:
    """What to order, move and clear today; a second run on the same day adds nothing."""
    with get_database().write(SYSTEM) as session:
        if session.get(Network, 1) is None:
            return NO_NETWORK, {}
        counts = make_suggestions(session, SYSTEM, now=utc_now())
    return msg("{count} new suggestions"), {"count": sum(counts.values())}


# rounds of one run: a transaction stays short, and what is left waits for the next run
ROUNDS = 20


def watch() -> Said:
    """What goes wrong with orders becomes tasks, what is cured closes them."""
    raised = cured = 0
    for _ in range(ROUNDS):
        with get_database().write(SYSTEM) as session:
            if session.get(Network, 1) is None:
                return NO_NETWORK, {}
            count = watch_orders(session, SYSTEM, now=utc_now())
        raised, cured = raised + count.raised, cured + count.cured
        if count.is_complete:
            break
    return msg("{raised} problems noticed, {cured} settled by themselves"), {"raised": raised, "cured": cured}


def expire() -> Said:
    """Stock of orders held too long is free again, offers that nobody answered lapse; one order at a time."""
    with get_database().read(SYSTEM) as session:
        holds = due_holds(session, SYSTEM, now=utc_now())
        offers = due_offers(session, SYSTEM, now=utc_now())
    freed = lapsed = 0
    for number in holds:
        with get_database().write(SYSTEM) as session:
            freed += expire_hold(session, SYSTEM, number=number, now=utc_now()) > 0
    for number in offers:
        with get_database().write(SYSTEM) as session:
            lapsed += expire_offer(session, SYSTEM, number=number, now=utc_now())
    return msg("{holds} holds and {offers} offers expired"), {"holds": freed, "offers": lapsed}


def complete() -> Said:
    """Orders that arrived a while ago and that nobody minds are closed."""
    total = 0
    for _ in range(ROUNDS):
        with get_database().write(SYSTEM) as session:
            count = complete_delivered(session, SYSTEM, now=utc_now())
        total += count
        if not count:
            break
    return msg("{count} orders completed"), {"count": total}
