"""What the schedule does at night: the proof that tells of broken rules, and the cleaning."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select, text

from distrib_app import gate
from distrib_app.chores import (
    BrokenInvariantError,
    check_everything,
    clean_up,
    complete,
    expire,
    watch,
)
from distrib_app.core.kernel.access import SYSTEM, User
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.idempotency import IdempotencyRecord
from distrib_app.core.workbench import store_file
from distrib_app.core.workbench.job_models import JobRun
from distrib_app.core.workbench.models import Notice, StoredFile, Task
from distrib_app.worker import get_job_files
from tests.api.conftest import built, market
from tests.api.market import Market

__all__ = ["built", "market"]
pytestmark = pytest.mark.service


def tasks(session: Session) -> list[tuple[str, str, str]]:
    rows = session.exec(select(Task).where(Task.kind == "broken_invariant")).all()
    return [(row.status, row.severity, row.subject_key) for row in rows]


def test_a_broken_rule_is_told_until_it_holds_again(market: Market) -> None:
    message, facts = check_everything()
    assert (message, facts["count"] > 10) == ("all {count} rules hold", True)
    with market.database.write(SYSTEM) as session:
        session.connection().execute(text("UPDATE stock_balance SET on_hand_qty = on_hand_qty + 1"))
    for _ in range(2):  # the second night finds the same task
        with pytest.raises(BrokenInvariantError) as caught:
            check_everything()
        assert caught.value.facts["count"] == 1
    with market.database.read(SYSTEM) as session:
        assert tasks(session) == [("open", "critical", "invariants")]
    with market.database.write(SYSTEM) as session:
        session.connection().execute(text("UPDATE stock_balance SET on_hand_qty = on_hand_qty - 1"))
    check_everything()
    with market.database.read(SYSTEM) as session:
        assert [status for status, _, _ in tasks(session)] == ["cured"]


def test_what_has_expired_goes_and_nothing_else(market: Market, tmp_path: object) -> None:
    get_job_files.cache_clear()
    now, files = utc_now(), get_job_files()
    old, recent = now - timedelta(days=200), now - timedelta(days=1)
    with gate.get_database().write(SYSTEM) as session:
        user = session.exec(select(User).where(User.username == "gz")).one()
        assert user.id is not None
        for index, (made_at, expires_at) in enumerate(
            [(old, recent), (old, None), (old, now + timedelta(days=1))]
        ):
            store_file(
                session,
                SYSTEM,
                files=files,
                name=f"{index}.txt",
                content=b"x",
                now=made_at,
                expires_at=expires_at,
            )
        for key, instant in (("old", old), ("new", now)):
            session.add(
                IdempotencyRecord(
                    user_id=user.id, route="r", key=key, request_hash="h", status=200, created_at=instant
                )
            )
            session.add(JobRun(number=key, kind="k", status="done", created_at=old, finished_at=instant))
            session.add(Notice(user_id=user.id, kind="k", title=key, created_at=old, read_at=instant))
        session.add(Notice(user_id=user.id, kind="k", title="unread", created_at=old))
        session.add(JobRun(number="waiting", kind="k", created_at=old))
    assert clean_up() == ("{files} files, {rows} rows removed", {"files": 1, "rows": 3})
    assert clean_up()[1] == {"files": 0, "rows": 0}
    with market.database.read(SYSTEM) as session:
        kept = session.exec(select(StoredFile).order_by(StoredFile.name)).all()
        assert [row.name for row in kept] == ["1.txt", "2.txt"]
        assert all(files.open(row.key).read() == b"x" for row in kept)
        assert sorted(session.exec(select(JobRun.number))) == ["new", "waiting"]
        assert sorted(session.exec(select(Notice.title).where(Notice.kind == "k"))) == ["new", "unread"]


def test_orders_are_looked_after(market: Market) -> None:
    """Each says what it did; the second time there is nothing left to do."""
    number = market.place("gz", "BR", {"TV": 1}, key="k", ship="ops")
    market.send("gz", "POST", f"/orders/{number}/deliver", {"signed_by": "王五"})
    waiting = market.place("gz", "BR", {"TV": 1}, key="k2")
    with market.database.write(SYSTEM) as session:
        long_ago = {"at": (utc_now() - timedelta(days=30)).replace(tzinfo=None).isoformat(sep=" ")}
        session.connection().execute(text("UPDATE shipment SET delivered_at = :at"), long_ago)
        session.connection().execute(text("UPDATE fulfilment_order SET created_at = :at"), long_ago)
    assert complete() == ("{count} orders completed", {"count": 1})
    assert market.get("gz", f"/orders/{number}")["status"] == "completed"
    message, facts = watch()
    assert (message, facts["cured"]) == ("{raised} problems noticed, {cured} settled by themselves", 0)
    assert facts["raised"] >= 1
    listed = market.get("ops", "/tasks", kind="order_unshipped")["items"]
    assert [(row["subject"]["kind"], row["subject"]["key"]) for row in listed] == [("part", f"{waiting}-1")]
    assert expire() == ("{holds} holds and {offers} offers expired", {"holds": 0, "offers": 0})
    assert watch()[1] == {"raised": 0, "cured": 0}
    assert complete()[1] == {"count": 0}
