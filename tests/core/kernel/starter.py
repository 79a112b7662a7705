"""A process that brings a database up as `init-db` does; the race test starts two of them."""

import sys
import time

from distrib_app.core import tables as _tables  # noqa: F401  (else each loads them inside the race)
from distrib_app.core.channels import set_up
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.migrate import upgrade


def main(start: str, *urls: str) -> None:
    """Migrate, then insert what every database starts with, from the instant `start` on."""
    time.sleep(max(0, float(start) - time.time()))
    for url in urls:
        database = Database(url)
        upgrade(database)
        with database.write(SYSTEM) as session:
            set_up(session)
        print("up", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
