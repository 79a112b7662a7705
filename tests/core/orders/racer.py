"""A process that places orders as fast as it can; the race test starts two of them."""

import sys
import time

from distrib_app.core import tables as _tables  # noqa: F401  (all tables, as in the app)
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.orders import OrderRefusedError

from .trade import Trader


def main(url: str, buyer: str, start: str, count: str) -> None:
    """Place `count` one-unit orders for `buyer` from the instant `start` on; print what became of each."""
    database = Database(url)
    trader = Trader(database, SYSTEM)
    with database.read(SYSTEM) as session:
        session.connection()
    while time.time() < float(start):
        time.sleep(0.01)
    for index in range(int(count)):
        try:
            trader.place({"TV": 1}, buyer=buyer, key=f"race-{index}")
            print("placed", flush=True)
        except OrderRefusedError as error:
            reasons = [(reason.code, reason.facts["available"]) for reason in error.reasons]
            print(f"refused {reasons}", flush=True)
    database.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
