"""A process that takes numbers as fast as it can; the race test starts two of them."""

import sys
import time
from datetime import date

from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.numbers import next_number


def main(start: str, count: str, *urls: str) -> None:
    """Take `count` numbers of one day, each in a transaction of its own, from the instant `start` on."""
    time.sleep(max(0, float(start) - time.time()))
    for url in urls:
        database = Database(url)
        for _ in range(int(count)):
            with database.write(SYSTEM) as session:
                print(next_number(session, "SO", date(2026, 10, 15)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
