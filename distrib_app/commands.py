"""What each command of the command line does."""

import argparse
import asyncio
import getpass
import json
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import serving
from .carriers import simulate
from .core.analytics import CockpitQuery, cockpit_json, get_cockpit
from .core.channels import add_membership, get_network, has_partners, set_up
from .core.channels.models import Partner
from .core.demo import generate_demo, generate_volume, import_adventureworks, import_online_retail
from .core.invariants import check_all
from .core.kernel.access import SYSTEM, create_token, create_user
from .core.kernel.clock import business_day, parse_days, utc_now
from .core.kernel.db import Database
from .core.kernel.errors import DomainError, msg
from .core.kernel.migrate import upgrade, write_revision
from .core.kernel.settings import get_settings
from .gate import get_database
from .lake import get_lake, sync

Command = Callable[[argparse.Namespace], int | None]
COMMANDS: dict[str, Command] = {}
DEMO_LINES = 150_000
RECORD_LINES = 1_000_000  # beyond that only the usual demo goes through records, the rest into the lake


class PortTakenError(DomainError):
    """Another program listens there."""

    code = "port_taken"
    template = msg(
        "Port {port} on {host} is taken. Stop the other program or choose another: make run PORT=8001"
    )


class FileMissingError(DomainError):
    """A file or folder named on the command line does not exist."""

    code = "file_missing"
    template = msg("{path} does not exist.")


def command(function: Command) -> Command:
    """Register a command under its name."""
    COMMANDS[function.__name__.replace("_", "-")] = function
    return function


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Describe all commands and their options."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("init-db", help="migrations, regions, tiers and roles")
    demo = commands.add_parser("demo", help="fill an empty database with the demo network")
    demo.add_argument(
        "--lines", type=int, default=DEMO_LINES, help="order lines; above a million straight into the lake"
    )
    demo.add_argument("--seed", type=int, default=7)
    demo.add_argument(
        "--as-of", type=date.fromisoformat, default=None, help="last day of trade (default today)"
    )
    load = commands.add_parser("import", help="load a real data set")
    load.add_argument("source", choices=["online-retail", "adventureworks"])
    load.add_argument("path", type=Path, help="online_retail_II.csv[.xz], or the folder of Parquet files")
    load.add_argument("--rejects", type=Path, default=None, help="where to write rejected lines (CSV)")
    cockpit = commands.add_parser("cockpit", help="the brand cockpit as JSON")
    cockpit.add_argument("--json", action="store_true", help="one JSON object (the default)")
    cockpit.add_argument("--from", dest="first", default="", metavar="DAY", help="first day")
    cockpit.add_argument("--to", dest="last", default="", metavar="DAY", help="last day, inclusive")
    cockpit.add_argument("--region", default="", metavar="CODE")
    commands.add_parser("check-invariants", help="prove that the books, the stock and the lake agree")
    commands.add_parser("sync-lake", help="bring new journal postings into the lake")
    admin = commands.add_parser("create-admin", help="the first administrator (asks for a password)")
    admin.add_argument("--user", required=True)
    admin.add_argument("--name", default="")
    token = commands.add_parser("token", help="API tokens").add_subparsers(dest="action", required=True)
    create = token.add_parser("create", help="print a new bearer token once")
    create.add_argument("--user", required=True)
    create.add_argument("--name", default="command line")
    run = commands.add_parser("run", help="set up what is missing, build if needed, serve")
    run.add_argument("--host", default=get_settings().host)
    run.add_argument("--port", type=int, default=get_settings().port)
    serve = commands.add_parser("serve", help="only serve: no set-up, no build")
    serve.add_argument("--host", default=get_settings().host)
    serve.add_argument("--port", type=int, default=get_settings().port)
    commands.add_parser("jobs", help="only do jobs, without the web: one more process beside `serve`")
    carrier = commands.add_parser("simulate-carrier", help="a carrier to try with, in demo mode only")
    carrier.add_argument("--port", type=int, default=8090)
    carrier.add_argument("--platform", default="", metavar="URL", help="default http://HOST:PORT")
    carrier.add_argument("--seconds", type=int, default=20, help="between the stages of a parcel")
    migration = commands.add_parser("make-migration", help="write a migration for what changed in the models")
    migration.add_argument("message")
    commands.add_parser("build", help="build the pages if a source changed")


@command
def init_db(_options: argparse.Namespace) -> None:
    """Migrations, then the tables every database starts with."""
    upgrade(get_database())
    with get_database().write(SYSTEM) as session:
        set_up(session)


@command
def demo(options: argparse.Namespace) -> None:
    """The demo network into an empty database, and into the lake."""
    init_db(options)
    now = utc_now()
    as_of = options.as_of or business_day(now, "Asia/Shanghai")
    lines = options.lines if options.lines <= RECORD_LINES else DEMO_LINES
    report = generate_demo(
        get_database(), seed=options.seed, as_of=as_of, lines=lines, now=now, progress=show_progress
    )
    sync()
    print_report(report)
    if options.lines > RECORD_LINES:
        more = options.lines - lines
        folder = get_settings().lake
        generate_volume(
            get_database(), folder, seed=options.seed, lines=more, now=now, progress=show_progress
        )
        print(f"{more:,} more rows went straight into the lake: for benchmarks, not in the records.")


@command
def make_migration(options: argparse.Namespace) -> None:
    """A new revision in migrations/versions, from the difference between models and an upgraded database."""
    with TemporaryDirectory() as folder:
        write_revision(Database(f"sqlite:///{folder}/new.db"), options.message)


@command
def build(_options: argparse.Namespace) -> None:
    """The production bundle, if a source changed."""
    serving.build_pages()


@command
def serve(options: argparse.Namespace) -> None:
    """Only serve what is there."""
    if not serving.is_port_free(options.host, options.port):
        raise PortTakenError(host=options.host, port=options.port)
    serving.serve(options.host, options.port)


@command
def jobs(_options: argparse.Namespace) -> None:
    """Do queued jobs, and the schedule when no other process does, until stopped."""
    asyncio.run(_do_jobs())


async def _do_jobs() -> None:
    from .scheduler import running_jobs  # noqa: PLC0415 - no other command needs the scheduler

    stopped = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)
    async with running_jobs():
        await stopped.wait()


@command
def run(options: argparse.Namespace) -> None:
    """Everything `make run` needs, in order; prints the address and serves until stopped."""
    if not serving.is_port_free(options.host, options.port):
        raise PortTakenError(host=options.host, port=options.port)
    init_db(options)
    with get_database().read(SYSTEM) as session:
        is_empty = not has_partners(session)
    if is_empty:
        print("The database is empty: filling in the demo network …", flush=True)
        demo(argparse.Namespace(seed=7, lines=DEMO_LINES, as_of=None))
    if not serving.is_built():
        print("Building the pages …", flush=True)
    serving.build_pages()
    shown = "localhost" if options.host in {"127.0.0.1", "0.0.0.0"} else options.host
    print(f"Ready: http://{shown}:{options.port}", flush=True)
    if get_settings().demo:
        print("Demo sign-ins are on the login page (one click each).", flush=True)
    serving.serve(options.host, options.port)


@command
def cockpit(options: argparse.Namespace) -> None:
    """The brand cockpit of the system, all time unless dates are given."""
    query = CockpitQuery(period=parse_days(options.first, options.last), region_code=options.region)
    sync()
    with get_database().read(SYSTEM) as session:
        answer = get_cockpit(session, SYSTEM, store=get_lake(), query=query)
    print(json.dumps(cockpit_json(answer), ensure_ascii=False, indent=2))


@command
def sync_lake(_options: argparse.Namespace) -> None:
    """New postings into the lake."""
    report = sync()
    print(f"{report.postings} postings, {report.rows} rows, {report.files} files")


@command
def check_invariants(_options: argparse.Namespace) -> int:
    """Every invariant with its verdict; exit code 1 if one is broken."""
    sync()
    with get_database().read(SYSTEM) as session:
        findings = check_all(session, store=get_lake())
    for finding in findings:
        print(f"{'ok     ' if finding.is_clean else 'BROKEN '} {finding.name}: {finding.detail}")
    return 0 if all(finding.is_clean for finding in findings) else 1


@command
def create_admin(options: argparse.Namespace) -> None:
    """A user with the administrator role at the brand."""
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    now = utc_now()
    with get_database().write(SYSTEM) as session:
        network = get_network(session)
        brand = session.get_one(Partner, network.brand_id)
        create_user(session, username=options.user, name=options.name, password=password, now=now)
        add_membership(
            session,
            SYSTEM,
            username=options.user,
            partner_code=brand.code,
            role_code="administrator",
            now=now,
        )
    print(f"{options.user} can sign in now.")


@command
def token(options: argparse.Namespace) -> None:
    """A new bearer token, printed once."""
    with get_database().write(SYSTEM) as session:
        print(create_token(session, username=options.user, name=options.name, now=utc_now()))


def _import(options: argparse.Namespace) -> None:
    if not options.path.exists():
        raise FileMissingError(path=options.path)
    init_db(options)
    rejects = options.rejects or get_settings().data_dir / f"rejects-{options.source}.csv"
    rejects.parent.mkdir(parents=True, exist_ok=True)
    common: dict[str, Any] = {"rejects_path": rejects, "now": utc_now(), "progress": show_progress}
    if options.source == "online-retail":
        report = import_online_retail(get_database(), path=options.path, **common)
    else:
        report = import_adventureworks(get_database(), folder=options.path, **common)
    sync()
    print_report(report)


COMMANDS["import"] = _import


def print_report(report: Any) -> None:
    """A report as JSON, for people and for scripts."""
    print(json.dumps(asdict(report), ensure_ascii=False, indent=2, default=str))


_shown_at = 0.0


def show_progress(stage: str, done: int, total: int) -> None:
    """A progress bar on stderr; quiet where nobody watches."""
    global _shown_at  # noqa: PLW0603 - one bar per process
    if not sys.stderr.isatty() or (done < total and time.monotonic() - _shown_at < 0.1):
        return
    _shown_at = time.monotonic()
    width = 30 * done // total if total else 30
    end = "\n" if done >= total else ""
    print(f"\r{stage:<28} [{'█' * width}{' ' * (30 - width)}] {done:,}/{total:,}", end=end, file=sys.stderr)


@command
def simulate_carrier(options: argparse.Namespace) -> None:
    """Take bookings and push what happens, until interrupted."""
    settings = get_settings()
    platform_url = options.platform or f"http://{settings.host}:{settings.port}"
    simulate(get_database(), platform_url=platform_url, port=options.port, seconds=options.seconds)
