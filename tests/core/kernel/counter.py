"""A process that takes numbers as fast as it can; the race test starts two of them."""

import sys
import time
from datetime import date

from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.numbers import next_number


def main(url: str, start: str, count: str) -> None:
    """Take `count` numbers of one day, each in a transaction of its own, from the instant `start` on."""
    database = Database(url)
    time.sleep(max(0, float(start) - time.time()))
    for _ in range(int(count)):
        with database.write(SYSTEM) as session:
            number = next_number(session, "SO", date(2026, 10, 15))
        print(number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
