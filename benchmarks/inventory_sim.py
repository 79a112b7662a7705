"""Computed water lines against fixed monthly replenishment, on two years of a real wholesaler's demand.

    python benchmarks/inventory_sim.py --json [--file FILE] [--rank revenue|units] [--top N]

Demand: the sales lines of Online Retail II that the import takes (`core/demo/online_retail.py`), goods only,
per SKU and day; what a customer gave back on the day it bought is no demand. The `--top` SKUs of both years
by revenue (or units). One place, a lead time of 14 days, no minimum order; what is not on hand is lost.

* **Monthly**: on the first of a month up to mean daily demand × (days of the month + lead time), plus the
  safety stock of a service level over that time by the formula of the water lines ("plain": none).
* **Water lines**: every day, where the position is below the warning line, up to the maximum; lines computed
  anew every week by the product's own rules (`compute_lines`, `replenishment`), R days of review.

Both know the demand of the last 90 days, the product's own window, and nothing of the future. The policies
start on day 200 with the stock they aim at. The 365 last days are measured; the days before are warm-up.
"usual" are the settings of the product; "tuned" chooses for each monthly policy the water lines that turned
fastest before the measured year at no lower fill rate there; "in_hindsight" chooses by the measured year
itself, which nobody could have known: it shows how far the rule goes.

`turnover` is units sold in a year ÷ mean units on hand at the end of a day (`turnover_value` the same in mean
selling prices; the file knows no costs), `fill_rate` units served from the shelf ÷ units asked for,
`stock_out_days` days × SKUs on which something was asked for and short. The last line is one JSON object.
"""

import argparse
import calendar
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from distrib_app.core.inventory.order_points import Position  # noqa: E402
from distrib_app.core.inventory.suggestions import replenishment  # noqa: E402
from distrib_app.core.inventory.water_lines import (  # noqa: E402
    THOUSAND,
    Demand,
    Lines,
    Supply,
    compute_lines,
)

LEAD_DAYS = 14
WINDOW_DAYS = 90
FIRST_DAY = 200
MEASURED_DAYS = 365
WEEK = 7
SERVICE_LEVELS = (800_000, 850_000, 900_000, 950_000, 975_000, 980_000, 990_000)
REVIEWS = (1, 3, 7, 14)
# what the product computes lines with where nobody asks otherwise
USUAL = "water 95% R7"
# the baseline without safety stock, and with one of the usual service level
PLAIN, SAFE = "monthly plain", "monthly 95%"
# the stretches of days that are told apart
BEFORE, MEASURED = 0, 1
_DEMAND = """
WITH bought AS (
    SELECT sku, customer, sold_at::DATE AS day, sum(qty) AS qty, sum(amount) AS amount
    FROM line WHERE reason IS NULL AND NOT regexp_full_match(sku, '{service}') GROUP BY ALL
), demand AS (
    SELECT sku, day, sum(qty)::BIGINT AS qty, sum(amount)::BIGINT AS amount
    FROM bought WHERE qty > 0 AND amount > 0 GROUP BY ALL
), top AS (SELECT sku FROM demand GROUP BY sku ORDER BY sum({rank}) DESC, sku LIMIT {top})
SELECT sku, day, qty, amount FROM demand JOIN top USING (sku) ORDER BY sku, day
"""


@dataclass(frozen=True)
class Article:
    """A SKU's units asked for on each day from `first` on, and its mean selling price in minor units."""

    code: str
    first: date
    daily: Sequence[int]
    price: int

    def past(self, day: int) -> Demand:
        """The demand of the days before `day` that a policy knows."""
        return Demand.of(self.daily[max(0, day - WINDOW_DAYS) : day])


@dataclass
class Tally:
    """What a stretch of days came to, over all articles; worth in minor units."""

    days: int = 0
    asked: int = 0
    sold: int = 0
    on_hand: int = 0
    sold_worth: int = 0
    on_hand_worth: int = 0
    orders: int = 0
    stock_out_days: int = 0

    @property
    def fill_rate(self) -> float:
        """Units served from the shelf ÷ units asked for."""
        return self.sold / self.asked

    @property
    def turnover(self) -> float:
        """Units sold in a year ÷ mean units on hand."""
        return self.sold * 365 / self.on_hand

    def figures(self) -> dict[str, float]:
        """As the last line shows them."""
        return {
            "turnover": round(self.turnover, 2),
            "turnover_value": round(self.sold_worth * 365 / self.on_hand_worth, 2),
            "fill_rate": round(self.fill_rate, 4),
            "mean_on_hand": round(self.on_hand / self.days),
            "stock_out_days": self.stock_out_days,
            "orders": self.orders,
        }


Tallies = tuple[Tally, Tally]


class Rule(Protocol):
    """How one article is ordered: the stock it aims at on a day, and what it orders that morning."""

    def target(self, day: int) -> int: ...

    def qty(self, day: int, position: Position) -> int: ...


# the rule of each article
Policy = Callable[[Article], Rule]


class Monthly:
    """Up to the mean demand of month and lead time, and a safety stock where a service level asks for it."""

    def __init__(self, article: Article, service_ppm: int | None) -> None:
        self.article, self.service_ppm = article, service_ppm

    def target(self, day: int) -> int:
        today = self.article.first + timedelta(days=day)
        span = calendar.monthrange(today.year, today.month)[1] + LEAD_DAYS
        demand = self.article.past(day)
        if self.service_ppm is None:
            return -(-demand.total_qty * span // demand.days)
        return compute_lines(demand, Supply(span * THOUSAND, 0, 0, self.service_ppm), 1).warning_qty

    def qty(self, day: int, position: Position) -> int:
        if (self.article.first + timedelta(days=day)).day != 1:
            return 0
        return max(0, self.target(day) - position.qty)


class WaterLines:
    """Below the warning line up to the maximum, both computed anew every week."""

    def __init__(self, article: Article, service_ppm: int, review_days: int) -> None:
        self.article = article
        self.supply = Supply(LEAD_DAYS * THOUSAND, 0, review_days, service_ppm)
        self.lines = Lines(0, 0, 0)

    def target(self, day: int) -> int:
        self.lines = compute_lines(self.article.past(day), self.supply, 1)
        return self.lines.max_qty

    def qty(self, day: int, position: Position) -> int:
        if (day - FIRST_DAY) % WEEK == 0:
            self.target(day)
        return replenishment(position.qty, self.lines, 1)


def main() -> None:
    """Read, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--file", type=Path)
    parser.add_argument("--rank", choices=("revenue", "units"), default="revenue")
    parser.add_argument("--top", type=int, default=500)
    options = parser.parse_args()
    folder = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))
    file = options.file or folder / "online_retail_ii" / "online_retail_II.csv.xz"
    if not file.exists():
        sys.exit(f"{file} is absent (SHARED_DATA)")
    started = time.perf_counter()
    articles = read_articles(file, rank=options.rank, top=options.top)
    results = {
        "skus": len(articles),
        "ranked_by": options.rank,
        "lead_days": LEAD_DAYS,
        **compare(articles),
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(results))


def read_articles(file: Path, *, rank: str, top: int) -> list[Article]:
    """The `top` SKUs with a quantity for every day of the file."""
    import duckdb

    from distrib_app.core.demo.imports import parse_csv, read_file
    from distrib_app.core.demo.online_retail import COLUMNS, SERVICE_CODES, load_lines

    source = parse_csv(read_file(file), file=file.name, columns=COLUMNS)
    column = {"revenue": "amount", "units": "qty"}[rank]
    with duckdb.connect() as engine:
        load_lines(engine, source, file=file.name, now=datetime.now(UTC))
        rows = engine.execute(_DEMAND.format(service=SERVICE_CODES, rank=column, top=top)).fetchall()
        found = engine.execute("SELECT min(sold_at)::DATE, max(sold_at)::DATE FROM line").fetchone()
    assert found is not None
    first, last = found
    daily: dict[str, list[int]] = {}
    worth: dict[str, int] = {}
    for code, day, qty, amount in rows:
        series = daily.setdefault(code, [0] * ((last - first).days + 1))
        series[(day - first).days] = qty
        worth[code] = worth.get(code, 0) + amount
    return [
        Article(code, first, series, worth[code] // (sum(series) * 10_000)) for code, series in daily.items()
    ]


def policies() -> Iterator[tuple[str, Policy]]:
    """The monthly policies, then the water lines, by name."""
    yield PLAIN, lambda article: Monthly(article, None)
    for level in SERVICE_LEVELS:
        yield f"monthly {level / 10_000:g}%", lambda article, level=level: Monthly(article, level)
    for level in SERVICE_LEVELS:
        for review in REVIEWS:
            yield (
                f"water {level / 10_000:g}% R{review}",
                lambda article, level=level, review=review: WaterLines(article, level, review),
            )


def compare(articles: Sequence[Article]) -> dict[str, Any]:
    """All policies, and the water lines beside the monthly ones."""
    found = {name: simulate(articles, policy) for name, policy in policies()}
    monthly = [name for name in found if name.startswith("monthly")]
    return {
        "usual": [beside(found, name, USUAL) for name in (PLAIN, SAFE)],
        "tuned": [beside(found, name, line) for name in monthly if (line := quickest(found, name, BEFORE))],
        "in_hindsight": [
            beside(found, name, line) for name in monthly if (line := quickest(found, name, MEASURED))
        ],
        "policies": {name: tallies[MEASURED].figures() for name, tallies in found.items()},
    }


def quickest(found: Mapping[str, Tallies], baseline: str, stretch: int) -> str | None:
    """The water lines that turned fastest over a stretch of days at no lower fill rate than `baseline`."""
    least = found[baseline][stretch].fill_rate
    fit = [
        name
        for name, tallies in found.items()
        if name.startswith("water") and tallies[stretch].fill_rate >= least
    ]
    return max(fit, key=lambda name: found[name][stretch].turnover, default=None)


def beside(found: Mapping[str, Tallies], baseline: str, lines: str) -> dict[str, Any]:
    """One policy beside the other in the measured year."""
    one, other = found[baseline][MEASURED], found[lines][MEASURED]
    return {
        "baseline": baseline,
        "water_lines": lines,
        "turnover": [round(one.turnover, 2), round(other.turnover, 2)],
        "turnover_ratio": round(other.turnover / one.turnover, 2),
        "value_ratio": round(
            other.sold_worth * one.on_hand_worth / (one.sold_worth * other.on_hand_worth), 2
        ),
        "fill_rate": [round(one.fill_rate, 4), round(other.fill_rate, 4)],
        "orders_ratio": round(other.orders / one.orders, 1),
    }


def simulate(articles: Sequence[Article], policy: Policy) -> Tallies:
    """What a policy came to before the measured year and in it."""
    before, measured = Tally(), Tally()
    for article in articles:
        run(article, policy(article), before, measured)
    return before, measured


def run(article: Article, rule: Rule, before: Tally, measured: Tally) -> None:
    """The days of one article: receive, sell, count; the next morning order for `LEAD_DAYS` later."""
    end = len(article.daily)
    arriving = [0] * (end + LEAD_DAYS + 1)
    on_hand, on_order = rule.target(FIRST_DAY), 0
    before.days, measured.days = end - MEASURED_DAYS - FIRST_DAY, MEASURED_DAYS
    for day in range(FIRST_DAY, end):
        on_hand += arriving[day]
        on_order -= arriving[day]
        asked = article.daily[day]
        sold = min(on_hand, asked)
        on_hand -= sold
        qty = rule.qty(day + 1, Position(on_hand=on_hand, on_order=on_order))
        arriving[day + LEAD_DAYS + 1] += qty
        on_order += qty
        tally = measured if day >= end - MEASURED_DAYS else before
        tally.asked += asked
        tally.sold += sold
        tally.on_hand += on_hand
        tally.sold_worth += sold * article.price
        tally.on_hand_worth += on_hand * article.price
        tally.orders += qty > 0
        tally.stock_out_days += sold < asked


if __name__ == "__main__":
    main()
