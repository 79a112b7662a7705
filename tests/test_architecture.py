"""The rules of the house, held over the sources: who may import whom, what may touch money, clock and scope.

Every table here is the whole list of what is allowed; a test compares it with what is found.
"""

import importlib
import sys
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import pytest

from distrib_app.core.kernel.errors import DomainError

from .architecture import (
    CORE,
    Finding,
    Module,
    clock_reads,
    dynamic_imports,
    enum_names,
    floats,
    foreign_imports,
    imports_of,
    load,
    long_files,
    names_from_core,
    raw_sql,
    undocumented,
    unknown_rooms,
    upward_imports,
    users_of,
    within,
)

ROOT = Path(__file__).resolve().parents[1]
# a floor imports those before it, never those behind it
FLOORS = (
    "kernel",
    "workbench",
    "channels",
    "accounts",
    "catalog",
    "pricing",
    "journal",
    "inventory",
    "orders",
    "marketing",
    "tracing",
    "settlement",
    "analytics",
    "demo",
)
# modules that see all floors and that no floor sees
TOP = ("reactions", "invariants", "tables", "lists")
# what core uses beside the standard library, and where
LIBRARIES = {
    "*": {"sqlalchemy", "sqlmodel"},
    "workbench.storage": {"fsspec"},
    "workbench.thumbnails": {"PIL"},
    "inventory.transport": {"scipy"},
    "kernel.access.passwords": {"argon2"},
    "kernel.access.second_factor": {"pyotp"},
    "kernel.migrate": {"alembic"},
    "kernel.settings": {"pydantic", "pydantic_settings"},
    "kernel.words": {"pypinyin"},
    "workbench.export": {"xlsxwriter"},
    "workbench.sheets": {"python_calamine", "xlsxwriter"},
    "orders.routing_pairs": {"numpy"},
    "orders.wave_prices": {"numpy"},
    "orders.wave_search": {"numpy"},
    "orders.routing_programme": {"scipy"},
    "analytics": {"duckdb", "ibis", "numpy", "pandas", "pyarrow"},
    "demo": {"duckdb", "numpy", "pyarrow"},
}
WEB = ("reflex", "reflex_base", "fastapi", "starlette", "plotly", "apscheduler", "granian", "uvicorn")
# modules that count money: no float, no `/`. Averages and shares of analytics are exempt.
MONEY = (
    "workbench.approvals",
    "workbench.rule_book",
    "kernel.money",
    "kernel.ledger",
    "accounts",
    "catalog",
    "pricing",
    "journal",
    "inventory",
    "orders",
    "marketing",
    "settlement",
    "analytics.metrics",
    "analytics.rows",
    "demo",
)
# pure modules beside every `rules.py`
PURE = (
    "workbench.approvals",
    "workbench.calendar",
    "inventory.fair_share",
    "inventory.order_points",
    "inventory.suggestion_steps",
    "inventory.suggestions",
    "inventory.transfer_rules",
    "inventory.transport",
    "inventory.water_lines",
    "kernel.clock",
    "kernel.explain",
    "kernel.lifecycle",
    "kernel.words",
    "inventory.freight",
    "inventory.cover",
    "inventory.carrier_port",
    "inventory.shipment_stages",
    "inventory.fefo",
    "orders.feedback_rules",
    "orders.fulfilment_map",
    "orders.exceptions",
    "orders.lifecycle",
    "orders.merging",
    "orders.preempting",
    "orders.progress",
    "orders.urgency",
    "orders.routing",
    "orders.splitting",
    "orders.wave_prices",
    "orders.wave_search",
    "orders.waves",
    "inventory.tariff_lines",
    "orders.routing_bounds",
    "orders.routing_programme",
    "orders.routing_rules",
    "orders.routing_search",
    "analytics.disclosure",
    "workbench.magic",
    "workbench.mentions",
)
# modules whose statements the scope does not reach, each with its reason
RAW_SQL = {
    "kernel.db": "transactions of the drivers, bulk inserts",
    "kernel.migrate": "the advisory lock",
    "kernel.numbers": "counters are nobody's rows",
    "accounts.exposures": "names and zeros of the parts of its union, by account ids",
    "inventory.balances": "upsert of balances, by the ids of locked rows",
    "inventory.models": "conditions of partial indexes",
    "inventory.ageing": "a zero that is no parameter, so that the index of lots is used",
    "inventory.network_stock": "a zero that is no parameter, so that the index of what goes out is used",
    "analytics.lake": "the lake's lock and its numbering of postings",
    "demo.recording": "the table locks of an import",
    "invariants": "the system's own checks",
}
# functions that see beyond the actor for one decision
UNSCOPED = {
    "accounts.exposures.exposures_of",
    "accounts.invoicing.issue_credit_note",
    "accounts.invoicing.issue_invoice",
    "accounts.queries.get_account",
    "accounts.queries.party_facet.where",
    "accounts.queries.party_matches.search",
    "accounts.queries.party_names",
    "accounts.receipts.record_receipt",
    "accounts.service.follow_partner_move",
    "analytics.cockpit._visible_partners",
    "channels.actors.resolve_actor",
    "channels.deciders.holders_of",
    "channels.deciders.tell_deciders",
    "channels.deciders.tell_requester",
    "channels.grants.grant_territory",
    "channels.managing.administrator_ids",
    "channels.people.name_companies",
    "channels.queries._partner_rows",
    "channels.service.create_partner",
    "channels.service.move_partner",
    "inventory.balances.lock_places",
    "inventory.corrections._guess",
    "inventory.movements.find_receipts",
    "inventory.movements.receive",
    "inventory.movements.release",
    "inventory.movements.reserve",
    "inventory.movements.send_back",
    "inventory.movements.send_off",
    "inventory.movements.ship",
    "inventory.movements.take_back",
    "inventory.movements.write_off_lost",
    "inventory.queries.location_ids_of",
    "inventory.recalls._receivers",
    "inventory.records.get_stock_record",
    "inventory.reports._own_places",
    "inventory.bookings.prepare_booking",
    "inventory.shipment_events._close",
    "inventory.shipments._places",
    "inventory.shipment_events.record_shipment_event",
    "inventory.shipment_events.settle_shipment",
    "inventory.service.own_location",
    "inventory.service.create_location",
    "inventory.service.follow_partner_move",
    "inventory.shares._change",
    "orders.carrying.follow_shipment",
    "orders.delivering.arrive",
    "orders.delivering.lock_together",
    "orders.delivering._shipment_ids",
    "orders.answering.decline_part",
    "orders.fees._account",
    "orders.goods.find_ordered",
    "orders.part_detail.get_part",
    "orders.merge_groups._open_parts",
    "orders.merge_groups._terms",
    "orders.parties.find_parties",
    "orders.placing._find_earlier",
    "orders.placing.place_order",
    "orders.feeding.feed_choice",
    "orders.feeding.feed_part",
    "orders.feeding.feed_rows",
    "orders.feeding.follow_transfer",
    "orders.production.cancel_production",
    "orders.production.plan_production",
    "orders.production_asking.request_production",
    "orders.production_finishing.finish_production",
    "orders.production_work.load_request",
    "orders.return_plan.sold_legs",
    "inventory.pending._note",
    "inventory.pending.clear_pending",
    "inventory.pending.follow_document",
    "inventory.pending.is_expected",
    "inventory.planning.compute_water_lines",
    "inventory.quotas.give_back_quota",
    "inventory.quotas.quotas_for",
    "inventory.quotas.take_quota",
    "inventory.quotas.take_quotas",
    "inventory.suggesting._own",
    "inventory.transfer_freight.plan_carriage",
    "inventory.transfer_arrivals.clear_road",
    "inventory.transfer_carrying.follow_transfer_shipment",
    "inventory.transfer_shortages._take_back",
    "inventory.transfer_tasks.written_off",
    "inventory.transfer_moves.receive_transfer",
    "inventory.transfer_moves.ship_transfer",
    "inventory.transfer_places.find_place_by_code",
    "inventory.transfer_places.list_transfer_places",
    "inventory.transfer_list._rows",
    "inventory.transfer_queries._shipment",
    "inventory.transfer_titles._sales",
    "inventory.transfer_titles.find_titles",
    "inventory.transfer_titles.free_credit",
    "inventory.transfer_titles.hold_credit",
    "inventory.transfer_titles.pass_titles",
    "inventory.transfer_work.read_transfer",
    "inventory.transfer_answers._check_fit",
    "inventory.transferring._find_earlier",
    "inventory.transferring._request",
    "inventory.transfer_answers.follow_withdrawal",
    "inventory.transferring.transfer_for_suggestion",
    "orders.returns._find_earlier",
    "orders.returns._shipment_numbers",
    "orders.second_titles.settle_second",
    "orders.service._reserve_again",
    "orders.service.allocate_order",
    "orders.service.cancel_order",
    "orders.service.supply_of",
    "orders.placing._find_more",
    "orders.shipping._send",
    "orders.soft_allocations.soft_stock",
    "orders.shipping.load_part",
    "orders.shipping.ship_parts",
    "orders.sourcing.find_sources",
    "orders.sourcing.sources_at",
    "orders.urgent_orders._tighten",
    "orders.urgent_orders.prioritise_order",
    "orders.map_queries._places",
    "orders.settling._receive_late",
    "orders.tracking._order_of",
    "orders.tracking.complain",
    "orders.tracking.rate_order",
    "orders.tracking.track_order",
    "orders.suggested.forget_expected",
    "orders.titles._behind",
    "orders.titles._buy_back",
    "orders.titles._invoice_supply",
    "orders.work.OrderWork.lock_account",
    "orders.work.hold_accounts",
    "orders.work.read_work",
    "pricing.queries.find_prices",
    "pricing.queries.price_history",
    "pricing.queries.prices_for",
    "pricing.service._warn",
    "workbench.files.sweep_files",
    "workbench.job_queries.get_job",
    "workbench.job_queries.list_jobs",
    "workbench.jobs.JobContext.save",
    "workbench.jobs.ask_cancel",
    "workbench.jobs.stop_here",
    "workbench.tasks.find_open",
}
# functions of core that act as the system
SYSTEM = {
    "analytics.lake._has_work",
    "analytics.lake._number_postings",
    "analytics.lake._remove_unlisted",
    "analytics.lake.compact_lake",
    "analytics.lake.sync_lake",
    "analytics.lake.write_lake_batches",
    "analytics.store.LakeStore.month_sums",
    "analytics.store.LakeStore.refresh",
    "demo.first_aid.write_first_aid",
    "demo.generate._found",
    "demo.generate.generate_demo",
    "demo.made_to_order._list_goods",
    "demo.masters.write_regions",
    "demo.planning.plan_stock",
    "demo.recording._record",
    "demo.recording.record",
    "demo.volume.generate_volume",
    "inventory.transfer_tasks._raise",
    "inventory.transfer_tasks.cure_transfer_tasks",
    "kernel.access.actor",
    "workbench.cleaning._swept",
    "workbench.cleaning.remove_expired",
    "workbench.job_running._do",
    "workbench.job_running._finish",
    "workbench.job_running._give_back",
    "workbench.job_running._keep_figures",
    "workbench.job_running.beat",
    "workbench.job_running.claim_next",
    "workbench.jobs.JobContext.progress",
    "workbench.jobs.JobContext.save",
}


# refusals that share a code: to a machine they are one case, to a person each says its own sentence
FAMILIES = {
    "reused_key": {"accounts.ReusedKeyError", "inventory.ReusedKeyError", "orders.ReusedKeyError"},
    "source_value": {
        "demo.BadCustomerError",
        "demo.BadDateError",
        "demo.BadNumberError",
        "demo.BadPriceError",
        "demo.BadQuantityError",
        "demo.BadTextError",
        "demo.BadValueError",
        "demo.MixedDocumentError",
        "demo.UnknownKeyError",
    },
}


@lru_cache(maxsize=1)
def modules() -> list[Module]:
    """The package, read once."""
    return load(ROOT)


def core(*names: str) -> list[Module]:
    """Modules of core, all or those named."""
    return within(modules(), *(f"{CORE}.{name}" for name in names)) if names else within(modules(), CORE)


def none(findings: list[Finding]) -> None:
    """Fail with one line per breach."""
    assert not findings, "\n" + "\n".join(map(str, findings))


def test_no_floor_imports_upward() -> None:
    none(upward_imports(modules(), FLOORS, TOP))


def test_every_room_of_core_stands_on_a_floor() -> None:
    none(unknown_rooms(modules(), FLOORS, TOP))


def test_core_imports_only_what_the_table_allows() -> None:
    none(foreign_imports(modules(), LIBRARIES))


def test_core_knows_no_web_no_scheduler_no_figures() -> None:
    none(imports_of(core(), *WEB))


def test_no_import_hides() -> None:
    none(dynamic_imports(modules()))


def test_pages_describe_and_decide_nothing() -> None:
    pages = within(modules(), "distrib_app.pages")
    assert pages
    none(names_from_core(pages, enum_names(core()) | {"msg"}))
    none(imports_of(pages, "sqlmodel", "sqlalchemy", "distrib_app.gate", "distrib_app.api"))


def test_figures_are_drawn_from_rows() -> None:
    none(
        imports_of(
            within(modules(), "distrib_app.figures"), "sqlmodel", "sqlalchemy", "reflex", "distrib_app.gate"
        )
    )


def test_states_know_no_fastapi_and_api_no_reflex() -> None:
    none(imports_of(within(modules(), "distrib_app.state"), "fastapi", "starlette"))
    none(imports_of(within(modules(), "distrib_app.api"), "reflex", "distrib_app.state", "distrib_app.pages"))


def test_only_the_scheduler_imports_apscheduler() -> None:
    importers = {finding.file for finding in imports_of(modules(), "apscheduler")}
    assert importers == {"distrib_app/scheduler.py"}


def test_rules_are_pure() -> None:
    pure = [module for module in core() if module.name.endswith(".rules")] + core(*PURE)
    assert len(pure) >= 9
    none(imports_of(pure, "sqlalchemy", "sqlmodel", "random", "secrets", "uuid", "time", "os"))
    local = [module for module in pure if not module.is_in(f"{CORE}.kernel")]
    none(imports_of(local, f"{CORE}.kernel.db", f"{CORE}.kernel.events", f"{CORE}.kernel.settings"))
    models = [finding for finding in _from_models(pure) if finding.text not in enum_names(core())]
    none(models)


def _from_models(pure: list[Module]) -> list[Finding]:
    return [
        Finding(module.file, item.line, item.name)
        for module in pure
        for item in module.imports
        if item.module.endswith(".models") or item.target.endswith(".models")
    ]


def test_core_reads_the_clock_in_one_place() -> None:
    places = {finding.file for finding in clock_reads(core())}
    assert places == {"distrib_app/core/kernel/clock.py"}


@pytest.mark.parametrize("name", MONEY)
def test_no_float_touches_money(name: str) -> None:
    none(floats(core(name)))


def test_sql_beyond_the_scope_is_written_in_few_modules() -> None:
    places = {_dotted(finding) for finding in raw_sql(core())}
    assert places == set(RAW_SQL)


def _dotted(finding: Finding) -> str:
    return finding.file.removeprefix("distrib_app/core/").removesuffix(".py").replace("/", ".")


def test_who_sees_beyond_the_actor() -> None:
    assert set(users_of(core(), "unscoped")) == UNSCOPED


def test_who_acts_as_the_system() -> None:
    assert set(users_of(core(), "SYSTEM")) == SYSTEM


def test_everything_public_in_core_is_explained() -> None:
    none(undocumented(core()))


def test_no_file_has_outgrown_its_room(capsys: pytest.CaptureFixture[str]) -> None:
    none(long_files(modules(), 400))
    long = long_files(modules(), 300)
    if long:
        with capsys.disabled():
            print("\nfiles of more than 300 lines:", *(f"{item.file} ({item.line})" for item in long))


def _errors() -> set[type[DomainError]]:
    for module in core():
        importlib.import_module(module.name)
    seen: set[type[DomainError]] = set()
    waiting = [DomainError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind.__module__.startswith(f"{CORE}."):
                seen.add(kind)
            waiting.append(kind)
    return seen


def test_every_refusal_has_a_code_and_a_sentence_of_its_own() -> None:
    errors = _errors()
    assert len(errors) > 20
    assert {kind.__name__ for kind in errors if "template" not in vars(kind)} == set()
    assert {kind.__name__ for kind in errors if not 400 <= kind.status < 600} == set()
    by_code: dict[str, set[str]] = defaultdict(set)
    for kind in errors:
        by_code[kind.code].add(f"{kind.__module__.split('.')[2]}.{kind.__name__}")
    assert {code: names for code, names in by_code.items() if len(names) > 1} == FAMILIES


def test_every_package_names_what_it_offers() -> None:
    for floor in FLOORS[1:]:
        name = f"{CORE}.{floor}"
        if not core(floor) or floor == "demo":
            continue
        package = importlib.import_module(name)
        assert sorted(package.__all__) == sorted(set(package.__all__)), name
        missing = [public for public in package.__all__ if not hasattr(package, public)]
        assert missing == [], name
    assert sys.modules[CORE].__doc__
