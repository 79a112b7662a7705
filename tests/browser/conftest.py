"""A real server with its own data, a real Chromium, and people who are signed in."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from distrib_app.core.analytics import LakeStore, sync_lake
from distrib_app.core.invariants import check_all
from distrib_app.core.kernel.access import SYSTEM, create_token
from distrib_app.core.kernel.clock import Period, business_day, utc_now
from distrib_app.core.kernel.db import Database

from .install import FLAGS, find_browser

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "tests" / "output"
LAST_MONTH = Period.month(business_day(utc_now(), "Asia/Shanghai")).previous()


@dataclass(frozen=True)
class Server:
    """A running server and the data it serves."""

    url: str
    data: Path
    database_url: str = ""
    told: list[str] = field(default_factory=list)  # what the commands before its start printed

    def command(self, *arguments: str, typed: str = "") -> str:
        """Run a command of the command line on the same data; `typed` is what somebody types."""
        result = subprocess.run(
            [sys.executable, "-m", "distrib_app", *arguments],
            cwd=ROOT,
            env=self.environment(),
            input=typed,
            capture_output=True,
            text=True,
            check=True,
        )
        return result.stdout

    @contextmanager
    def records(self) -> Iterator[Database]:
        """The records, opened beside the running server."""
        database = Database(self.database_url or f"sqlite:///{self.data / 'distrib.db'}")
        try:
            yield database
        finally:
            database.dispose()

    def broken(self) -> list[str]:
        """What `check-invariants` would call broken, the lake included."""
        lake = self.data / "lake"
        with self.records() as database:
            sync_lake(database, lake, now=utc_now())
            with database.read(SYSTEM) as session:
                findings = check_all(session, store=LakeStore(database, lake))
        return [f"{one.name}: {one.detail}" for one in findings if not one.is_clean]

    def token(self, username: str) -> str:
        """A bearer token of a user."""
        with self.records() as database, database.write(SYSTEM) as session:
            return create_token(session, username=username, name="journey", now=utc_now())

    def environment(self) -> dict[str, str]:
        """The settings of this server and of commands on its data."""
        kept = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "LAKE_DIR"}}
        own = {"DATA_DIR": str(self.data), "DEMO": "1"}
        return kept | own | ({"DATABASE_URL": self.database_url} if self.database_url else {})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def built() -> None:
    """The production bundle of the present sources."""
    from distrib_app.serving import build_pages

    build_pages()


@pytest.fixture(scope="session")
def start_server(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start servers on free ports; all are stopped at the end."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*prepare: list[str], database_url: str = "", processes: int = 1) -> Server:
        data = tmp_path_factory.mktemp("data")
        port = _free_port()
        server = Server(f"http://127.0.0.1:{port}", data, database_url)
        for arguments in prepare:
            server.told.append(server.command(*arguments))
        log = (data / "server.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "distrib_app", "serve", "--port", str(port)],
            cwd=ROOT,
            env=server.environment() | {"PROCESSES": str(processes)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        running.append(process)
        _wait(server, process)
        return server

    yield start
    for process in running:
        process.terminate()
    for process in running:
        process.wait(20)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError((server.data / "server.log").read_text())
        try:
            urllib.request.urlopen(f"{server.url}/ping", timeout=2)
            return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError("the server did not answer within a minute")


@pytest.fixture(scope="session")
def demo(start_server: Callable[..., Server]) -> Server:
    """A server with a small demo network."""
    return start_server(["demo", "--lines", "12000"])


@pytest.fixture(scope="session")
def browser() -> Iterator["playwright_api.Browser"]:
    """A headless Chromium."""
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium or Chrome on this machine and none could be installed")
    with playwright_api.sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield instance
        instance.close()


@dataclass
class Person:
    """Somebody with a browser of their own."""

    page: "playwright_api.Page"
    server: Server

    def open(self, path: str) -> None:
        """Go to a page and wait until it has loaded what it shows and takes clicks."""
        self.page.goto(self.server.url + path)
        self.page.wait_for_selector("main h1, .empty", timeout=20_000)
        self.page.wait_for_function(
            "!document.querySelector('.user-name') || document.querySelector('.user-name').innerText"
        )

    def screenshot(self, name: str) -> None:
        """Keep a picture in tests/output."""
        OUTPUT.mkdir(exist_ok=True)
        self.page.screenshot(path=str(OUTPUT / f"{name}.png"))

    def number(self, selector: str) -> str:
        """The text of an element without its signs: digits, point and minus."""
        return re.sub(r"[^\d.−-]", "", self.page.inner_text(selector))


@pytest.fixture
def sign_in(browser: "playwright_api.Browser", demo: Server) -> Iterator[Callable[..., Person]]:
    """`sign_in("boss")` gives that demo user with an own browser context; errors on a page fail the test.

    The cookie comes from the form's own address; the form itself is filled in in `test_sign_in.py`. Then the
    page `at` is opened, or none for who goes elsewhere at once.
    """
    contexts = []
    problems: list[str] = []

    def enter(
        username: str,
        *,
        server: Server = demo,
        width: int = 1440,
        height: int = 900,
        lang: str = "",
        at: str = "/",
    ) -> Person:
        context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        if lang == "en":  # a tab keeps the language it was switched to
            page.goto(f"{server.url}/login/")
            page.click("[data-switch=language]")
            page.wait_for_selector("html[lang=en]")
        context.request.post(
            f"{server.url}/session/demo",
            form={"username": username},
            headers={"Origin": server.url},
            max_redirects=0,
        )
        if at:
            page.goto(server.url + at)
            page.wait_for_selector("main h1")
        return Person(page, server)

    yield enter
    for context in contexts:
        context.close()
    assert problems == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a browser; `tests/conftest.py` says which worker runs it."""
    for item in items:
        if Path(str(item.fspath)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
