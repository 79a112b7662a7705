"""A key is one piece of work: done once, answered again, whatever crashes or races in between."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, func, select

from distrib_app import gate
from distrib_app.api import ROUTERS, create_api
from distrib_app.core.channels import Role
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.idempotency import IdempotencyRecord, forget_old_answers
from distrib_app.core.orders import SalesOrder

from .market import API, Client, Market, build_market, prove, serving

WANTED = {"seller": "BR", "buyer": "GZ", "lines": [{"sku": "TV", "qty": 2}]}
COUNT = {"location": "GZ-WH", "sku": "TV", "delta_qty": 4, "cause": "C"}


def count(market: Market, model: Any) -> int:
    """How many rows there are."""
    with market.database.read(SYSTEM) as session:
        return session.exec(select(func.count()).select_from(model)).one()


def test_the_first_answer_is_replayed(market: Market) -> None:
    first = market.call("gz", "POST", "/orders", json=WANTED, key="k")
    assert (first.status_code, "idempotency-replayed" in first.headers) == (201, False)
    before = market.commits()
    # the same content, written in another order
    turned = {"lines": [{"qty": 2, "sku": "TV"}], "buyer": "GZ", "seller": "BR"}
    again = market.call("gz", "POST", "/orders", json=turned, key="k")
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.content == first.content
    assert (market.commits(), count(market, SalesOrder)) == (before, 1)
    market.refuse("gz", "POST", "/orders", 422, json=WANTED | {"buyer": "OUT"}, key="k")
    # a key of another address, of another user, and none at all
    assert market.send("gz", "POST", "/stock/corrections", COUNT, key="k")["on_hand_qty"] == 4
    assert market.send("gz", "POST", "/stock/corrections", COUNT, key="k")["on_hand_qty"] == 4
    assert market.send("gz", "POST", "/stock/corrections", COUNT)["on_hand_qty"] == 8
    prove(market)


def test_a_refusal_is_not_kept(market: Market) -> None:
    dear = WANTED | {"lines": [{"sku": "AC", "qty": 99}]}
    market.refuse("gz", "POST", "/orders", 422, json=dear, key="k")
    assert count(market, IdempotencyRecord) == 0
    assert market.call("gz", "POST", "/orders", json=WANTED, key="k").status_code == 201


def test_an_answer_is_no_way_around_a_permission(market: Market) -> None:
    market.send("gz", "POST", "/stock/corrections", COUNT, key="k")
    with market.database.write(SYSTEM) as session:
        for role in session.exec(select(Role)):
            role.permissions = [name for name in role.permissions if name != "stock.write"]
    market.refuse("gz", "POST", "/stock/corrections", 403, json=COUNT, key="k")


def test_answers_are_kept_for_two_days(market: Market) -> None:
    market.send("gz", "POST", "/stock/corrections", COUNT, key="k")
    now = datetime.now(UTC)
    with market.database.write(SYSTEM) as session:
        assert forget_old_answers(session, now=now + timedelta(hours=47)) == 0
        assert forget_old_answers(session, now=now + timedelta(hours=49)) == 1
    assert market.send("gz", "POST", "/stock/corrections", COUNT, key="k")["on_hand_qty"] == 8


@pytest.fixture
def postgres_market(postgres: Any, built: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[Market]:
    """The market on PostgreSQL: the same rows, made anew."""
    with postgres.write(SYSTEM) as session:
        tokens = build_market(session)
    shutil.copy(built[0], tmp_path / "unused.db")
    with serving(tmp_path / "unused.db", tokens) as market, pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "get_database", lambda: postgres)
        market.database = postgres
        yield market


@pytest.mark.parametrize("kind", ["market", "postgres_market"])
def test_two_at_once_do_it_once(request: pytest.FixtureRequest, kind: str) -> None:
    market: Market = request.getfixturevalue(kind)
    barrier = Barrier(4)

    def place() -> Any:
        barrier.wait()
        return market.call("gz", "POST", "/orders", json=WANTED, key="race")

    with ThreadPoolExecutor(4) as pool:
        answers = [future.result() for future in [pool.submit(place) for _ in range(4)]]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sorted("idempotency-replayed" in answer.headers for answer in answers) == [False, True, True, True]
    assert (count(market, SalesOrder), count(market, IdempotencyRecord)) == (1, 1)


class LineCutError(ConnectionError):
    """The connection, or the process at its other end, is gone."""


def cut(app: Any) -> Any:
    """The application behind a connection that breaks when the answer is on its way."""

    async def call(scope: Any, receive: Any, _send: Any) -> None:
        async def send(_message: Any) -> None:
            raise LineCutError

        await app(scope, receive, send)

    return call


def post_over(app: Any, market: Market, path: str, body: Any) -> None:
    """A request whose answer never arrives."""
    client = Client(app)
    headers = {"authorization": f"Bearer {market.tokens['gz']}", "idempotency-key": "k"}
    with suppress(LineCutError, AssertionError, RuntimeError):
        client.request("POST", f"{API}{path}", json=body, headers=headers)
    client.close()


def test_a_crash_between_work_and_answer_replays(market: Market) -> None:
    post_over(cut(create_api(ROUTERS)), market, "/orders", WANTED)
    assert count(market, SalesOrder) == 1
    again = market.call("gz", "POST", "/orders", json=WANTED, key="k")
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert market.get("gz", f"/orders/{again.json()['number']}")["gross_amount"] == "6.67"
    assert count(market, SalesOrder) == 1
    prove(market)


def test_a_crash_before_the_commit_does_the_work_anew(market: Market) -> None:
    def dies(_session: Session) -> None:
        raise LineCutError

    event.listen(Session, "before_commit", dies)
    try:
        post_over(create_api(ROUTERS), market, "/orders", WANTED)
    finally:
        event.remove(Session, "before_commit", dies)
    assert (count(market, SalesOrder), count(market, IdempotencyRecord)) == (0, 0)
    done = market.call("gz", "POST", "/orders", json=WANTED, key="k")
    assert (done.status_code, "idempotency-replayed" in done.headers) == (201, False)
    assert count(market, SalesOrder) == 1
    prove(market)


def test_a_secret_is_answered_once_and_never_written_down(market: Market) -> None:
    body = {"name": "robot", "scopes": ["orders.read"], "days": 30}
    first = market.send("gz", "POST", "/me/tokens", body, key="k")
    (secret,) = [value for value in first.values() if isinstance(value, str) and len(value) > 30]
    problem = market.refuse("gz", "POST", "/me/tokens", 409, json=body, key="k")
    assert problem["code"] == "already_done"
    with market.database.read(SYSTEM) as session:
        assert [row.answer for row in session.exec(select(IdempotencyRecord))] == [{}]
    files = Path(str(market.database.engine.url.database)).parent.glob("test.db*")
    assert [path.name for path in files if secret.encode() in path.read_bytes()] == []


def test_a_verb_s_own_key_outlives_the_kept_answer(market: Market) -> None:
    number = market.place("gz", "BR", {"TV": 2}, key="o", ship="ops")
    back = {"lines": [{"line_no": 1, "qty": 1}]}
    first = market.send("ops", "POST", f"/orders/{number}/returns", back, key="b")
    with market.database.write(SYSTEM) as session:
        forget_old_answers(session, now=datetime.now(UTC) + timedelta(days=3))
    assert market.send("ops", "POST", f"/orders/{number}/returns", back, key="b")["number"] == first["number"]
