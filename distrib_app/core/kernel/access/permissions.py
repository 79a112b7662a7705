"""Every permission and every scoped resource of the platform, by name."""

from enum import StrEnum

from ..errors import msg


class Permission(StrEnum):
    """What a verb may ask for; a role holds a set of these, a tier caps it."""

    COCKPIT_READ = "cockpit.read"
    PARTNERS_READ = "partners.read"
    PARTNERS_WRITE = "partners.write"
    CATALOG_READ = "catalog.read"
    CATALOG_WRITE = "catalog.write"
    PRICES_READ = "prices.read"
    PRICES_WRITE = "prices.write"
    STOCK_READ = "stock.read"
    STOCK_WRITE = "stock.write"
    ORDERS_READ = "orders.read"
    ORDERS_PLACE = "orders.place"
    ORDERS_FULFIL = "orders.fulfil"
    ORDERS_RECEIVE = "orders.receive"
    ACCOUNTS_READ = "accounts.read"
    ACCOUNTS_WRITE = "accounts.write"
    CUSTOMERS_READ = "customers.read"
    CUSTOMERS_WRITE = "customers.write"
    USERS_INVITE = "users.invite"
    ADMIN_ACCESS = "admin.access"


class Resource(StrEnum):
    """Data sets that carry a scope level per tier; figures and documents are different ones."""

    PARTNERS = "partners"
    SALES_FIGURES = "sales_figures"
    SALES_DOCUMENTS = "sales_documents"
    STOCK = "stock"
    ACCOUNTS = "accounts"
    PRICES = "prices"
    CUSTOMERS = "customers"
    WORK = "work"


RESOURCE_NAMES: dict[str, str] = {
    Resource.PARTNERS: msg("Partners"),
    Resource.SALES_FIGURES: msg("Sales figures"),
    Resource.SALES_DOCUMENTS: msg("Sales documents"),
    Resource.STOCK: msg("Stock"),
    Resource.ACCOUNTS: msg("Accounts"),
    Resource.PRICES: msg("Prices"),
    Resource.CUSTOMERS: msg("End customers"),
    Resource.WORK: msg("Tasks, comments and files"),
}


class Level(StrEnum):
    """How far a scope reaches, ascending; the default is none."""

    NONE = "none"
    OWN = "own"
    PARTNER = "partner"
    SUBTREE = "subtree"
    TERRITORY = "territory"
    ALL = "all"

    @property
    def rank(self) -> int:
        """Position in the ascending order, to compare what may be granted."""
        return list(Level).index(self)
