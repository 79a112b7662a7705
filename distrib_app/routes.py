"""Every route pattern and link builder, once."""

from urllib.parse import quote

LOGIN = "/login"
COCKPIT = "/"
PARTNERS = "/partners"
PARTNER = "/partners/[code]"
TIERS = "/tiers"
ORDERS = "/orders"
ORDER_NEW = "/orders/new"
ORDER = "/orders/[number]"
FULFILMENTS = "/fulfilments"
CONTROL_TOWER = "/control-tower"
TRACKING = "/track/[link]"
CATALOGUE = "/catalogue"
SKU = "/catalogue/[sku]"
STOCK = "/stock"
TRANSFERS = "/transfers"
TRANSFER = "/transfers/[number]"
REPLENISHMENT = "/replenishment"
WATER_LINES = "/water-lines"
QUOTAS = "/quotas"
PRODUCTION = "/production"
CARRIERS = "/carriers"
STOCK_NETWORK = "/stock/network"
STOCK_RECORD = "/stock/[place]/[sku]"
SALES_ROWS = "/sales-rows"
ACCOUNTS = "/accounts"
ACCOUNT = "/accounts/[seller]/[buyer]"
NOTICES = "/notices"
JOBS = "/jobs"
IMPORT = "/import"
CUSTOMERS = "/customers"
CUSTOMER = "/customers/[code]"
FORBIDDEN = "/forbidden"
USERS = "/users"
USER = "/users/[username]"
ROLES = "/roles"
AUDIT = "/audit"
ACCOUNT_OWN = "/account"
SECOND_STEP = "/second-step"
FORGOTTEN = "/forgotten"
INVITATION = "/invitation/[link]"
PREFERENCES = "/preferences"
INBOX = "/inbox"
WAITING = "/waiting"
APPROVALS = "/approvals"

SIGN_IN = "/session/sign-in"
SIGN_IN_DEMO = "/session/demo"
SIGN_OUT = "/session/sign-out"
GIVE_CODE = "/session/code"
ASK_RESET = "/session/forgotten"
USE_LINK = "/session/password"
BEGIN_VIEW = "/session/view"
END_VIEW = "/session/view-end"
FILES = "/files"
API = "/api/v1"
EXPORTS = "/exports"
DOCUMENTS = "/documents"
VERIFY = "/verify"
TEMPLATES = "/import-templates"


def partner(code: str) -> str:
    """The record page of a partner."""
    return f"/partners/{code}"


def order(number: str) -> str:
    """The record page of an order."""
    return f"/orders/{number}"


def order_why(number: str, key: str) -> str:
    """The record page of an order with the why of one of its numbers."""
    return f"/orders/{number}?why={quote(key, safe='')}"


def transfer(number: str) -> str:
    """The record page of a transfer."""
    return f"/transfers/{number}"


def tracking(link: str, language: str = "") -> str:
    """The public page on which a recipient follows an order."""
    return f"/track/{link}" + (f"?lang={language}" if language else "")


def order_again(number: str) -> str:
    """The order pad, filled with what an order was for."""
    return f"{ORDER_NEW}?again={quote(number, safe='')}"


def sku(code: str) -> str:
    """The record page of a SKU."""
    return f"/catalogue/{code}"


def stock_record(place_code: str, sku_code: str) -> str:
    """The record page of a SKU at a place."""
    return f"/stock/{quote(place_code, safe='')}/{quote(sku_code, safe='')}"


def stock_why(place_code: str, sku_code: str, key: str) -> str:
    """The record page of a SKU at a place with the why of one of its numbers."""
    return f"{stock_record(place_code, sku_code)}?why={quote(key, safe='')}"


def customer(partner_code: str, code: str) -> str:
    """The record page of an end customer of a partner."""
    return f"/customers/{quote(code, safe='')}?partner={quote(partner_code, safe='')}"


def template(entity: str, language: str) -> str:
    """The sheet to fill in for an import."""
    return f"{TEMPLATES}/{entity}.xlsx?lang={language}"


def account(seller_code: str, buyer_code: str) -> str:
    """The record page of a trading account."""
    return f"/accounts/{seller_code}/{buyer_code}"


def user(username: str) -> str:
    """The page of a user."""
    return f"/users/{username}"


def invitation(link: str) -> str:
    """Where a one-time link leads."""
    return f"/invitation/{link}"


def file(key: str) -> str:
    """The address of an uploaded file."""
    return f"{FILES}/{key}"


def thumbnail(key: str) -> str:
    """The small picture of an uploaded image."""
    return f"{FILES}/{key}/thumbnail"


def task(number: str) -> str:
    """The inbox with this task open."""
    return f"{INBOX}?task={number}"


def subject(kind: str, key: str) -> str:
    """The record page of what a comment, a task or a notice is about; empty where there is none."""
    builders = {
        "order": order,
        "part": lambda number: f"{FULFILMENTS}?search={number}",
        "partner": partner,
        "sku": sku,
        "account": lambda pair: account(*pair.split(":", 1)),
        "stock": lambda pair: stock_record(*pair.split(":", 1)),
        "task": task,
        "transfer": transfer,
        "user": user,
        "file": file,
    }
    return builders[kind](key) if kind in builders else ""


def export(name: str, form: str, query: str = "") -> str:
    """The download of a list as `csv` or `xlsx`, with the query of its page."""
    return f"{EXPORTS}/{name}.{form}" + (f"?{query}" if query else "")


def document(kind: str, number: str, form: str = "") -> str:
    """A document as `html` (the print view) or `pdf`; `kind` is order, delivery or statement."""
    return f"{DOCUMENTS}/{kind}/{number}" + (f".{form}" if form else "")
