"""Whatever the description allows, and much that it forbids: no fault of ours, no undocumented answer.

A few requests per operation belong to `make test`; many, as several users, to the sweep.
"""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from distrib_app.api import ROUTERS, create_api

from .market import API, Market, run_trade, serving

DOCUMENT = create_api(ROUTERS).openapi()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = [(method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# codes that exist, so that more than refusals is reached
CODES = {
    "code": ["GZ", "SZ", "BR", "TV", "city"],
    "sku": ["TV", "AC"],
    "location": ["PLANT", "GZ-WH"],
    "seller": ["BR", "GD"],
    "buyer": ["GZ", "SZ"],
    "resource": ["stock", "partners"],
    "username": ["gz", "fin"],
    "permission": ["stock.read"],
    "page": ["orders", "partners"],
}
USERS = ["admin", "gz"]


@pytest.fixture(scope="module")
def busy(built: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder with a market in which everybody has traded, its tokens and numbers."""
    path, tokens = built
    folder = tmp_path_factory.mktemp("busy")
    shutil.copy(path, folder / "test.db")
    with serving(folder / "test.db", tokens) as market:
        run_trade(market)
        market.database.dispose()
        return folder, tokens, dict(market.numbers)


@pytest.fixture
def disturbed(busy: Any, tmp_path: Path) -> Iterator[Market]:
    """A copy of it that may be ruined."""
    folder, tokens, numbers = busy
    shutil.copytree(folder, tmp_path / "copy")
    with serving(tmp_path / "copy" / "test.db", tokens) as market:
        market.numbers |= numbers
        yield market


def explore(market: Market, who: str, method: str, path: str, examples: int, *, is_random: bool) -> None:
    """Send `examples` requests, right and wrong ones, and hold every answer against the description."""
    operation = SCHEMA[path][method]
    known = CODES | {"number": list(market.numbers.values())}
    headers = {"authorization": f"Bearer {market.tokens[who]}"}
    asked = st.one_of(operation.as_strategy(), operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=not is_random,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=asked, data=st.data())
    def run(case: Any, data: st.DataObject) -> None:
        for name in case.path_parameters or {}:
            if name in known and data.draw(st.booleans()):
                case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
        sent = case.as_transport_kwargs(base_url="http://testserver", headers=headers)
        sent.pop("cookies", None)
        headers_sent = [(name, str(value).encode("latin-1")) for name, value in sent.pop("headers").items()]
        try:
            request = httpx.Request(**sent, headers=headers_sent)
            content = request.read()
        except (AttributeError, TypeError):
            reject()  # nothing that could be sent as a form
        response = market.client.request(
            request.method, str(request.url), headers=request.headers, content=content
        )
        response.elapsed = timedelta(0)
        case.validate_response(response, checks=CHECKS)

    run()


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[" ".join(one) for one in OPERATIONS])
def test_a_few_requests(disturbed: Market, method: str, path: str) -> None:
    for who in USERS:
        explore(disturbed, who, method, path, 2, is_random=False)


@pytest.mark.sweep
@pytest.mark.parametrize("who", [*USERS, "fin", "gd"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[" ".join(one) for one in OPERATIONS])
def test_many_requests(disturbed: Market, who: str, method: str, path: str) -> None:
    explore(disturbed, who, method, path, 100, is_random=True)


def test_the_description_is_reached_below_its_address() -> None:
    assert all(path.startswith(API) for _, path in OPERATIONS)
