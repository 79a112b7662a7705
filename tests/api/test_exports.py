"""Exports and saved views over REST, and the download of a page by its session cookie."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from sqlmodel import select

from distrib_app import gate, worker
from distrib_app.core.kernel.access import SYSTEM, User, open_session
from distrib_app.core.kernel.db import get_by
from distrib_app.core.lists import LISTS
from distrib_app.core.workbench import FileStore, get_job
from distrib_app.core.workbench.models import Notice

from .market import API, Market


def fetched(market: Market, who: str, path: str, **headers: str) -> Any:
    """A download; its answer is no JSON."""
    known = {"authorization": f"Bearer {market.tokens[who]}"} if who else {}
    return market.client.request("GET", path, headers=known | headers)


def rows_of(response: Any) -> list[list[Any]]:
    if "csv" in response.headers["content-type"]:
        return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(response.content))
    found: list[list[Any]] = book.get_sheet_by_index(0).to_python()
    return found


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_list_is_downloaded_with_its_query(traded: Market, form: str) -> None:
    response = fetched(
        traded, "ops", f"{API}/exports/orders.{form}?status=shipped&status=delivered&sort=number"
    )
    assert response.status_code == 200, response.text
    assert response.headers["content-disposition"].startswith('attachment; filename="orders-')
    assert response.headers["cache-control"] == "no-store"
    listed = traded.get("ops", "/orders", status=["shipped", "delivered"], sort="number", limit=100)["items"]
    assert [row[0] for row in rows_of(response)[1:]] == [row["number"] for row in listed]
    assert len(listed) >= 5
    chinese = fetched(traded, "ops", f"{API}/exports/orders.{form}", **{"accept-language": "zh"})
    assert rows_of(chinese)[0][0] == "单号"


def test_a_city_agent_downloads_its_own_rows_only(traded: Market) -> None:
    for name in LISTS:
        if name == "sales-rows":
            continue
        response = fetched(traded, "gz", f"{API}/exports/{name}.csv")
        assert response.status_code in (200, 403), (name, response.text)
        text = response.text
        assert traded.numbers["SZ"] not in text
        assert "SZ 家电" not in text
    own = {row[0] for row in rows_of(fetched(traded, "gz", f"{API}/exports/orders.csv"))[1:]}
    assert own == {traded.numbers["GZ"], traded.numbers["GZ from GD"]}


@pytest.mark.parametrize(
    ("file", "status"),
    [
        ("orders.pdf", 404),
        ("orders", 404),
        ("secrets.csv", 404),
        ("orders.csv?sort=colour", 422),
        ("orders.csv?colour=red", 422),
        ("orders.csv?search=" + "x" * 101, 422),
        ("orders.csv?buyer=%00", 422),
    ],
)
def test_what_cannot_be_exported_is_refused(traded: Market, file: str, status: int) -> None:
    traded.refuse("ops", "GET", f"/exports/{file}", status)


def test_the_page_downloads_with_its_cookie_and_nothing_else_does(traded: Market) -> None:
    now = datetime.now(UTC)
    with traded.database.write(SYSTEM) as session:
        user = get_by(session, User, "user", username="gz")
        token = open_session(session, user=user, hours=1, now=now)
    cookie = {"cookie": f"{gate.COOKIE}={token}"}
    response = fetched(traded, "", "/exports/orders.csv?lang=en", **cookie)
    assert response.status_code == 200
    rows = rows_of(response)
    assert rows[0][0] == "Number"
    assert {row[0] for row in rows[1:]} == {traded.numbers["GZ"], traded.numbers["GZ from GD"]}
    assert fetched(traded, "", "/exports/orders.csv").status_code == 401
    assert (
        fetched(traded, "gz", "/exports/orders.csv").status_code == 401
    )  # a token opens the API, not the page
    assert fetched(traded, "", f"{API}/exports/orders.csv", **cookie).status_code == 401


def test_views_are_saved_shared_renamed_and_deleted(market: Market) -> None:
    body = {"list": "orders", "name": "Open", "query": "status=placed", "is_shared": True}
    saved = market.send("ops", "POST", "/views", body)
    assert (saved["name"], saved["query"], saved["is_own"]) == ("Open", "status=placed", True)
    assert [row["name"] for row in market.get("boss", "/views/orders")["items"]] == ["Open"]
    assert market.get("gz", "/views/orders")["items"] == []
    market.refuse("boss", "PATCH", "/views/orders/Open", 404, json={"name": "Mine"})
    market.refuse("boss", "DELETE", "/views/orders/Open", 404)
    market.refuse("ops", "POST", "/views", 404, json=body | {"list": "secrets"})
    renamed = market.send("ops", "PATCH", "/views/orders/Open", {"name": "Placed"})
    assert renamed["name"] == "Placed"
    headers = {"authorization": f"Bearer {market.tokens['ops']}"}
    assert market.client.request("DELETE", f"{API}/views/orders/Placed", headers=headers).status_code == 204
    assert market.get("ops", "/views/orders")["items"] == []


def test_a_large_export_is_a_job_that_leaves_a_file(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "get_job_files", lambda: FileStore(str(tmp_path / "files")))
    body = {"list": "stock", "format": "xlsx", "query": "state=available"}
    answer = market.call("ops", "POST", "/exports", json=body)
    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"
    market.refuse("ops", "POST", "/exports", 404, json=body | {"list": "secrets"})
    market.refuse("ops", "POST", "/exports", 422, json=body | {"format": "pdf"})
    assert worker.work_once()
    with market.database.read(SYSTEM) as session:
        job = get_job(session, SYSTEM, number=answer.json()["number"])
        user = get_by(session, User, "user", username="ops")
        notices = session.exec(select(Notice).where(Notice.user_id == user.id)).all()
    assert job.status == "done", (job.message, job.facts)
    assert job.result["rows"] == market.get("ops", "/stock", state="available")["total"] > 0
    with worker.get_job_files().open(job.result["file"]) as handle:
        book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(handle.read()))
    assert len(book.get_sheet_by_index(0).to_python()) == job.result["rows"] + 1
    assert [(row.kind, row.subject_key) for row in notices] == [("export", job.result["file"])]
