"""Who is in the demo network: the tree of partners, their conduct, territories and sign-ins, as a plan."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from ..channels import PartnerKind, PartnerStatus, child_path
from ..kernel.money import allocate
from .geography import Place, Province
from .names import SHOP, local_firm, person, province_firm

CITY_AGENTS, COUNTY_AGENTS, OUTLETS = 150, 300, 200
USER_NAMES = ("boss", "ops", "finance", "admin", "province", "city", "city2", "outlet", "finance2")
HOME_PROVINCE = "GD"  # where the demo users work; nobody there is in trouble


class Conduct(StrEnum):
    """How a partner orders and pays."""

    PROMPT = "prompt"
    CASUAL = "casual"  # now and then a few days late
    LATE = "late"
    SHRINKING = "shrinking"
    OVERDUE = "overdue"  # stopped paying, and then could not order any more
    SUSPENDED = "suspended"


TROUBLES = {Conduct.LATE: 6, Conduct.SHRINKING: 5, Conduct.OVERDUE: 4, Conduct.SUSPENDED: 1}


@dataclass(slots=True, eq=False)
class Party:
    """A partner of the plan. `is_direct` buys from the brand; `sells` resells to its children."""

    id: int
    code: str
    name: str
    name_en: str
    tier: str
    kind: PartnerKind
    parent: "Party | None"
    path: str
    home: Place
    province: Province | None
    is_direct: bool = False
    conduct: Conduct = Conduct.PROMPT
    markup: int = 1_000  # resale price in ‰ of the brand's base price
    children: list["Party"] = field(default_factory=list)

    @property
    def sells(self) -> bool:
        """Whether anybody buys from this partner."""
        return bool(self.children)

    @property
    def status(self) -> PartnerStatus:
        """The partner's status at the end of the story."""
        return PartnerStatus.SUSPENDED if self.conduct is Conduct.SUSPENDED else PartnerStatus.ACTIVE

    def is_under(self, other: "Party") -> bool:
        """Whether this partner stands below `other`."""
        return self is not other and self.path.startswith(other.path)


@dataclass(frozen=True, slots=True)
class Grant:
    """A territory to be written: all product lines of a region."""

    party: Party
    region_id: int
    is_exclusive: bool


@dataclass(frozen=True, slots=True)
class SignIn:
    """A demo user to be written."""

    username: str
    name: str
    role: str
    party: Party


@dataclass(slots=True)
class NetworkDraft:
    """The planned network; `parties` has parents before their children, the brand first."""

    brand: Party
    parties: list[Party]
    grants: list[Grant]
    sign_ins: list[SignIn]


# Resale price in ‰ of the base price by tier: each tier buys below what it sells for, all inside ±10 %.
_MARKUPS = {"province": (950, 965), "city": (990, 1_010), "county": (1_040, 1_065), "outlet": (1_000, 1_001)}


class _Planner:
    def __init__(self, brand: Party, first_id: int, rng: Random) -> None:
        self.brand, self.rng, self.next_id = brand, rng, first_id
        self.parties = [brand]
        self.names: set[str] = set()
        self.counters: dict[str, int] = {}

    def add(
        self, tier: str, parent: Party, province: Province, home: Place, names: tuple[str, str] | None = None
    ) -> Party:
        """Admit one partner under `parent`; a name nobody has yet is found when none is given."""
        if names is None:
            proposals = local_firm(self.rng, home.short_name, home.name_en)
            names = next(pair for pair in proposals if pair[0] not in self.names)
        self.names.add(names[0])
        number = self.counters[province.letters] = self.counters.get(province.letters, 0) + 1
        party = Party(
            id=self.next_id,
            code=f"{province.letters}-{number:03d}",
            name=names[0],
            name_en=names[1],
            tier=tier,
            kind=PartnerKind.OUTLET if tier == "outlet" else PartnerKind.AGENT,
            parent=parent,
            path=child_path(parent.path, self.next_id),
            home=home,
            province=province,
            is_direct=parent is self.brand,
            markup=self.rng.randrange(*_MARKUPS[tier]),
        )
        self.next_id += 1
        if parent is not self.brand:
            parent.children.append(party)
        self.parties.append(party)
        return party

    def shop(self, parent: Party, province: Province, home: Place) -> Party:
        """Admit an outlet; the first of a place carries the brand's name."""
        names = (home.short_name + SHOP[0], f"{home.name_en} {SHOP[1]}")
        return self.add("outlet", parent, province, home, names if names[0] not in self.names else None)


def plan_network(provinces: Sequence[Province], *, brand: Party, first_id: int, rng: Random) -> NetworkDraft:
    """The whole network below `brand`; ids count up from `first_id`."""
    planner = _Planner(brand, first_id, rng)
    weights = [province.weight for province in provinces]
    needed = [_needed_cities(province) for province in provinces]
    extra = allocate(CITY_AGENTS - sum(needed), weights)
    counties = allocate(COUNTY_AGENTS, [0 if p.is_municipality else p.weight for p in provinces])
    outlets = allocate(OUTLETS, weights)
    grants: list[Grant] = []
    for index, province in enumerate(provinces):
        cities = min(needed[index] + extra[index], len(province.cells))
        grants += _plan_province(planner, province, cities, counties[index], outlets[index])
    _assign_conduct(planner.parties[1:], rng)
    return NetworkDraft(brand, planner.parties, grants, _sign_ins(planner.parties, rng))


def _own_direct(province: Province) -> int:
    # With four direct buyers, one of them is a city agent that buys from its agent as well.
    return max(0, min(province.direct_count, 3) - province.agent_count)


def _needed_cities(province: Province) -> int:
    return _own_direct(province) + province.agent_count


def _plan_province(
    planner: _Planner, province: Province, city_count: int, county_count: int, outlet_count: int
) -> list[Grant]:
    agents = [
        planner.add(
            "province",
            planner.brand,
            province,
            province.place,
            province_firm(province.character, province.pinyin, ordinal),
        )
        for ordinal in range(province.agent_count)
    ]
    direct_count = _own_direct(province)
    parents = [planner.brand] * direct_count + agents * city_count
    cities = [
        planner.add("city", parent, province, cell)
        for parent, cell in zip(parents[:city_count], province.cells[:city_count], strict=True)
    ]
    if province.direct_count > 3:
        cities[direct_count].is_direct = True
    counties = []
    for index in range(county_count):
        parent = cities[index % len(cities)]
        places = parent.home.inner or (parent.home,)
        counties.append(planner.add("county", parent, province, places[(index // len(cities)) % len(places)]))
    for index in range(outlet_count):
        parents = counties if counties and index % 2 else cities
        parent = parents[index // 2 % len(parents)]
        places = parent.home.inner or (parent.home,)
        planner.shop(parent, province, places[index % len(places)])
    return _plan_grants(province, agents, cities, counties)


def _plan_grants(
    province: Province, agents: list[Party], cities: list[Party], counties: list[Party]
) -> list[Grant]:
    """Exclusive grants that never overlap between two lines of the tree.

    A provincial agent alone in its province holds all of it; otherwise each holds, cell by cell, those of
    its own city agents and a share of the unserved ones. County agents share.
    """
    if len(agents) == 1 and all(city.parent is agents[0] for city in cities):
        grants = [Grant(agents[0], province.place.region_id, True)]
    else:
        holders = {city.home.code: city.parent for city in cities}
        grants = []
        for index, cell in enumerate(province.cells):
            holder = holders.get(cell.code, agents[index % len(agents)])
            if holder in agents:
                grants.append(Grant(holder, cell.region_id, True))
    grants += [Grant(city, city.home.region_id, True) for city in cities]
    grants += [Grant(county, county.home.region_id, False) for county in counties]
    return grants


def _assign_conduct(parties: Sequence[Party], rng: Random) -> None:
    at_home = [party.province is not None and party.province.letters == HOME_PROVINCE for party in parties]
    outside = [party for party, home in zip(parties, at_home, strict=True) if not home]
    for party in rng.sample(outside, len(outside) // 10):
        party.conduct = Conduct.CASUAL
    # Trouble comes to county agents nobody depends on, so that the channel above keeps flowing.
    leaves = [party for party in outside if party.tier == "county" and not party.sells]
    kinds = [conduct for conduct, count in TROUBLES.items() for _ in range(count)]
    for party, conduct in zip(rng.sample(leaves, len(kinds)), kinds, strict=True):
        party.conduct = conduct


def _sign_ins(parties: Sequence[Party], rng: Random) -> list[SignIn]:
    brand = parties[0]
    home = [party for party in parties[1:] if party.code.startswith(HOME_PROVINCE)]
    first, second = [party for party in home if party.tier == "province"][:2]
    city = next(p for p in home if p.tier == "city" and p.parent is first and not p.is_direct)
    rival = next(p for p in home if p.tier == "city" and p.parent is second and not p.is_direct)
    outlet = next(p for p in home if p.kind is PartnerKind.OUTLET and p.is_under(city))
    staff = [(role, brand) for role in ("executive", "operations", "finance", "administrator")]
    posts = staff + [("owner", party) for party in (first, city, rival, outlet)]
    posts.append(("finance", brand))  # the second pair of eyes that an approval needs
    return [
        SignIn(username, person(rng), role, party)
        for username, (role, party) in zip(USER_NAMES, posts, strict=True)
    ]
