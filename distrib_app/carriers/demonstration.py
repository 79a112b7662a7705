"""The simulated carrier beside a running demo: set up in the platform, moving parcels by itself."""

from ..core.inventory import renew_carrier_secret, set_carrier
from ..core.kernel.access import SYSTEM
from ..core.kernel.clock import utc_now
from ..core.kernel.db import Database
from ..core.kernel.errors import DomainError, msg
from ..core.kernel.settings import get_settings
from ..routes import API
from .simulator import SimulatedCarrier

CODE, NAME, NAME_EN = "SIM", "模拟速运", "Simulated Express"


class OnlyDemoError(DomainError):
    """The simulated carrier works for demo databases alone."""

    code = "only_demo"
    template = msg("The simulated carrier runs in demo mode only: set DEMO=1.")


def simulate(database: Database, *, platform_url: str, port: int, seconds: int) -> None:
    """Serve the simulated carrier until interrupted; parcels move one stage every so many seconds.

    Each start agrees on a new secret. Raises `OnlyDemoError`.
    """
    if not get_settings().demo:
        raise OnlyDemoError
    address = f"{platform_url.rstrip('/')}{API}/carriers/{CODE}/events"
    with SimulatedCarrier(secret=_agree(database, port), platform_url=address, port=port) as carrier:
        print(f"{NAME_EN} ({CODE}) on {carrier.url}, pushes to {address}", flush=True)
        carrier.keep_moving(seconds)


def _agree(database: Database, port: int) -> str:
    now = utc_now()
    with database.write(SYSTEM) as session:
        set_carrier(
            session,
            SYSTEM,
            code=CODE,
            name=NAME,
            name_en=NAME_EN,
            service_url=f"http://127.0.0.1:{port}",
            now=now,
        )
        return renew_carrier_secret(session, SYSTEM, code=CODE, now=now)
