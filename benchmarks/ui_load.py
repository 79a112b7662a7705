"""Two hundred people at once: socket clients against a real server on the demo network.

    python benchmarks/ui_load.py --json [--clients N] [--seconds S] [--think S] [--lines N] [--processes N]

Each client is signed in as a demo user and does what a browser does over the same socket: it hydrates, opens
lists, searches, pages, opens records, filters the cockpit and asks the palette, with a pause for thinking in
between. A round trip runs from the event to the answer that ends it (`is_hydrated` after a page, the first
answer after anything else). Reported: p50 and p95 of all and per action, errors (no answer within 15 s, an
error toast, a way to the login page), the state per client as sent (JSON) and, of one busy tab, as the server
keeps it (pickled), and the memory of the server. The last line is one JSON object.
"""

import argparse
import asyncio
import base64
import json
import os
import random
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
USERS = ("boss", "ops", "finance", "admin", "province", "city", "city2", "outlet")
PATIENCE = 15.0
ROOT_STATE = "reflex___state____state"
STATES = "distrib_app___state___"
ARRIVAL = 0.05  # seconds between two clients that arrive
SETTLING = 5  # seconds before counting begins
WORDS = ("粤", "广州", "yh", "so-2026", "电视", "GD", "空调", "hf", "tv", "家电", "bx", "2026")
# what somebody does and how often
MIX = (("list", 30), ("search", 15), ("page", 15), ("record", 20), ("cockpit", 10), ("palette", 10))
LISTS = ("/orders", "/partners", "/catalogue", "/stock", "/accounts")


def main() -> None:
    """Start a server, let everybody in, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--think", type=float, default=3.0, help="mean seconds between two actions")
    parser.add_argument("--lines", type=int, default=12_000, help="order lines of the demo network")
    parser.add_argument("--processes", type=int, default=1, help="processes of the server")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * options.clients)), hard))
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), options) as (url, process):
        idle = memory(process.pid)
        crowd = asyncio.run(run(url, process.pid, options))
        results = report(crowd, options) | {
            "server_rss_mb": memory(process.pid),
            "server_rss_idle_mb": idle,
            "server_cpu_share": crowd.cpu_share,
            "cores": os.cpu_count(),
            "state_pickled_kb_max": pickled(Path(folder), crowd.largest),
        }
    print(json.dumps(results))


@contextmanager
def serving(folder: Path, options: argparse.Namespace) -> Any:
    """A demo network and the server on it, stopped at the end."""
    environment = os.environ | {"DATA_DIR": str(folder), "DEMO": "1", "DATABASE_URL": ""}
    environment["PROCESSES"] = str(options.processes)
    command = [sys.executable, "-m", "distrib_app"]
    for arguments in (["demo", "--lines", str(options.lines)], ["build"]):
        subprocess.run(
            [*command, *arguments], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [*command, "serve", "--port", str(port)], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/ping", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        yield url, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def memory(pid: int) -> int:
    """Resident memory of a process and its children in MB."""
    pages = sum(
        int((Path("/proc") / str(one) / "statm").read_text().split()[1]) for one in (pid, *children(pid))
    )
    return pages * resource.getpagesize() // 1_048_576


def children(pid: int) -> list[int]:
    """All descendants of a process."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            found += [int(path.parent.name), *children(int(path.parent.name))]
    return found


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and its children."""
    total = 0
    for one in (pid, *children(pid)):
        total += sum(
            map(int, (Path("/proc") / str(one) / "stat").read_text().rpartition(")")[2].split()[11:13])
        )
    return total / os.sysconf("SC_CLK_TCK")


class Crowd:
    """Everybody's clients and what they saw."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []
        self.sizes: list[int] = []
        self.largest: dict[str, dict[str, Any]] = {}
        self.cpu_share = 0.0
        self.is_counting = False

    def note(self, action: str, seconds: float) -> None:
        """A round trip; the time in which everybody arrives does not count."""
        if self.is_counting:
            self.times[action].append(seconds * 1000)


async def run(url: str, server: int, options: argparse.Namespace) -> Crowd:
    """Let everybody arrive, then work for the time asked."""
    crowd = Crowd()
    arriving = options.clients * ARRIVAL
    deadline = time.monotonic() + arriving + SETTLING + options.seconds
    cookies = {name: sign_in(url, name) for name in USERS}
    tasks = []
    for index in range(options.clients):
        client = Client(url, cookies[USERS[index % len(USERS)]], crowd, random.Random(index))
        tasks.append(asyncio.create_task(work(client, index * ARRIVAL, deadline, options.think)))
    await asyncio.sleep(arriving + SETTLING)
    crowd.is_counting = True
    before, started = cpu_seconds(server), time.monotonic()
    await asyncio.sleep(options.seconds)
    crowd.cpu_share = round((cpu_seconds(server) - before) / (time.monotonic() - started), 2)
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, BaseException):
            crowd.errors.append(f"client: {result!r}"[:200])
    return crowd


def sign_in(url: str, username: str) -> str:
    """The session cookie of a demo user."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_arguments: Any, **_keywords: Any) -> None:
            return None

    body = urllib.parse.urlencode({"username": username}).encode()
    request = urllib.request.Request(f"{url}/session/demo", body, {"Origin": url})
    try:
        urllib.request.build_opener(Stay).open(request)
    except urllib.error.HTTPError as answer:
        cookie: str = answer.headers["set-cookie"]
        return cookie.partition(";")[0]
    raise RuntimeError("the demo sign-in did not answer with a redirect")


class Socket:
    """Just enough of a WebSocket: text frames over a stream."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, url: str, path: str, cookie: str) -> "Socket":
        """Connect and shake hands."""
        host = urllib.parse.urlsplit(url).netloc
        name, _, port = host.partition(":")
        reader, writer = await asyncio.open_connection(name, int(port), limit=2**22)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            f"GET {path} HTTP/1.1", f"Host: {host}", f"Origin: {url}", "Upgrade: websocket",
            "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13",
            f"Cookie: {cookie}", "Accept-Language: zh-CN", "", "",
        )  # fmt: skip
        writer.write("\r\n".join(lines).encode())
        status = await reader.readline()
        if b" 101 " not in status:
            raise ConnectionError(status.decode())
        while (await reader.readline()).strip():
            pass
        return cls(reader, writer)

    async def send(self, text: str) -> None:
        """One masked text frame."""
        data, mask = text.encode(), os.urandom(4)
        size = len(data)
        head = b"\x81" + (
            bytes([0x80 | size])
            if size < 126
            else b"\xfe" + size.to_bytes(2, "big")
            if size < 65_536
            else b"\xff" + size.to_bytes(8, "big")
        )
        masked = (
            int.from_bytes(data, "big") ^ int.from_bytes((mask * (size // 4 + 1))[:size], "big")
        ).to_bytes(size, "big")
        self._writer.write(head + mask + masked)
        await self._writer.drain()

    async def receive(self) -> str:
        """The next text, joined from its frames; control frames are left out."""
        whole = b""
        while True:
            first, second = await self._reader.readexactly(2)
            size = second & 0x7F
            if size >= 126:
                size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8), "big")
            data = await self._reader.readexactly(size)
            kind = first & 0x0F
            if kind == 8:
                raise ConnectionError("the server closed the socket")
            if kind in (0, 1):
                whole += data
                if first & 0x80:
                    return whole.decode()

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


class Client:
    """One tab: the state it was sent, where it is, and how it asks."""

    def __init__(self, url: str, cookie: str, crowd: Crowd, rng: random.Random) -> None:
        self.url, self.cookie, self.crowd, self.rng = url, cookie, crowd, rng
        self.state: dict[str, dict[str, Any]] = {}
        self.path = "/"
        self.waiting: tuple[str, asyncio.Future[list[dict[str, Any]]]] | None = None

    async def arrive(self) -> None:
        """Connect and hydrate at the home page."""
        token = uuid.uuid4()
        self.socket = await Socket.open(
            self.url, f"/_event/?token={token}&EIO=4&transport=websocket", self.cookie
        )
        self.listener = asyncio.create_task(self._listen())
        hydrate = {"name": f"{ROOT_STATE}.hydrate_and_load", "payload": {}, "router_data": self._where()}
        await self._ask("hydrate", "page", "40/_event," + json.dumps({"event": hydrate}))

    def _where(self) -> dict[str, Any]:
        split = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(split.query))
        return {"pathname": split.path, "asPath": self.path} | ({"query": query} if query else {})

    async def go(self, path: str, action: str) -> None:
        """Open a page as the router of the browser does."""
        self.path = path
        name = f"{ROOT_STATE}.reflex___state____on_load_internal_state.on_load_internal"
        await self._ask(action, "page", self._event(name, {}))

    async def call(self, handler: str, payload: dict[str, Any], action: str) -> None:
        """Fire a handler and follow where it leads."""
        for event in await self._ask(action, "handler", self._event(f"{ROOT_STATE}.{handler}", payload)):
            if event["name"] == "_redirect":
                await self.go(event["payload"]["path"], action)

    def _event(self, name: str, payload: dict[str, Any]) -> str:
        event = {"name": name, "payload": payload, "router_data": self._where()}
        return "42/_event," + json.dumps(["event", event])

    async def _ask(self, action: str, kind: str, frame: str) -> list[dict[str, Any]]:
        future: asyncio.Future[list[dict[str, Any]]] = asyncio.get_running_loop().create_future()
        self.waiting = (kind, future)
        started = time.perf_counter()
        await self.socket.send(frame)
        try:
            events = await asyncio.wait_for(future, PATIENCE)
        except TimeoutError:
            self.crowd.errors.append(f"{action}: no answer for {frame[:160]}")
            return []
        self.crowd.note(action, time.perf_counter() - started)
        return events

    async def _listen(self) -> None:
        while True:
            text = await self.socket.receive()
            if text == "2":
                await self.socket.send("3")
            elif text.startswith("42/_event,"):
                self._take(json.loads(text.removeprefix("42/_event,"))[1])

    def _take(self, update: dict[str, Any]) -> None:
        for name, values in (update.get("delta") or {}).items():
            self.state.setdefault(name, {}).update(values)
        events = update.get("events") or []
        for event in events:
            said = json.dumps(event)
            if "toast" in said and "error" in said:
                self.crowd.errors.append(f"toast: {said[:300]}")
            if event["name"] == "_redirect" and event["payload"]["path"].startswith("/login"):
                self.crowd.errors.append("sent to the login page")
        if self.waiting is None or self.waiting[1].done():
            return
        kind, future = self.waiting
        root = (update.get("delta") or {}).get(ROOT_STATE, {})
        if kind == "handler" or root.get("is_hydrated_rx_state_") is True:
            future.set_result(events)

    def leave(self) -> None:
        """Hang up and leave behind how large the tab's state was."""
        size = len(json.dumps(self.state, ensure_ascii=False).encode())
        if size > max(self.crowd.sizes, default=0):
            self.crowd.largest = self.state
        self.crowd.sizes.append(size)
        self.listener.cancel()
        self.socket.close()

    def addresses(self) -> list[str]:
        """The records that the lists of this tab lead to."""
        return [
            value
            for values in self.state.values()
            for row in values.get("rows_rx_state_") or []
            if isinstance(row, dict)
            for key, value in row.items()
            if key.endswith("_href") and isinstance(value, str) and value.count("/") > 1
        ]


async def work(client: Client, delay: float, deadline: float, think: float) -> None:
    """Arrive, then act and think until the time is over."""
    await asyncio.sleep(delay)
    await client.arrive()
    actions, weights = zip(*MIX, strict=True)
    while time.monotonic() < deadline:
        await asyncio.sleep(min(client.rng.expovariate(1 / think), 4 * think))
        if client.listener.done():
            client.listener.result()
        await act(client, client.rng.choices(actions, weights)[0])
    client.leave()


async def act(client: Client, action: str) -> None:
    """One thing somebody does."""
    rng = client.rng
    place = rng.choice(LISTS)
    word = rng.choice(WORDS)
    if action == "record":
        known = client.addresses()
        await client.go(rng.choice(known) if known else place, action if known else "list")
    elif action == "search":
        await client.go(f"{place}?search={urllib.parse.quote(word)}", action)
    elif action == "page":
        await client.go(f"{place}?page={rng.randrange(2, 5)}", action)
    elif action == "cockpit":
        name, value = rng.choice(
            (("region", "440000"), ("region", "320000"), ("category", "AC"), ("view", "channel"))
        )
        if client.path.partition("?")[0] != "/":
            await client.go("/", action)
        await client.call(f"{STATES}cockpit____cockpit_state.choose", {"name": name, "value": value}, action)
    elif action == "palette":
        await client.call(f"{STATES}palette____palette.look_for", {"word": word}, action)
    else:
        await client.go(place, action)


def report(crowd: Crowd, options: argparse.Namespace) -> dict[str, Any]:
    """The figures; errors are also listed on stderr."""
    times = [value for values in crowd.times.values() for value in values]
    for error in crowd.errors[:10]:
        print(error, file=sys.stderr)
    return {
        "clients": options.clients,
        "processes": options.processes,
        "seconds": options.seconds,
        "think_s": options.think,
        "round_trips": len(times),
        "per_second": round(len(times) / options.seconds, 1),
        **figures(times),
        "per_action": {name: figures(values) for name, values in sorted(crowd.times.items())},
        "errors": len(crowd.errors),
        "state_sent_kb_max": round(max(crowd.sizes, default=0) / 1024, 1),
        "state_sent_kb_median": round(statistics.median(crowd.sizes or [0]) / 1024, 1),
    }


def figures(times: list[float]) -> dict[str, float]:
    """p50 and p95 in milliseconds."""
    if len(times) < 2:
        return {}
    return {
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
    }


def pickled(folder: Path, sent: dict[str, dict[str, Any]]) -> float:
    """KB that a state store would keep of the largest tab: all it was sent, pickled by the framework."""
    os.environ |= {"DATA_DIR": str(folder), "DEMO": "1"}
    import reflex as rx

    import distrib_app.pages

    assert distrib_app.pages
    root = rx.State(_reflex_internal_init=True)
    for name, values in sent.items():
        state = root.get_substate(name.split("."))
        state.__dict__ |= {
            plain: value
            for key, value in values.items()
            if (plain := key.removesuffix("_rx_state_")) in state.base_vars
        }
    waiting, total = [root], 0
    while waiting:
        state = waiting.pop()
        waiting += state.substates.values()
        total += len(state._serialize())  # one entry a state, as the store keeps them
    return round(total / 1024, 1)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
