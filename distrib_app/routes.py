"""Every route pattern and link builder, once."""

LOGIN = "/login"
COCKPIT = "/"
PARTNERS = "/partners"
PARTNER = "/partners/[code]"
TIERS = "/tiers"
ORDERS = "/orders"
ORDER_NEW = "/orders/new"
ORDER = "/orders/[number]"
CATALOGUE = "/catalogue"
SKU = "/catalogue/[sku]"
STOCK = "/stock"
SALES_ROWS = "/sales-rows"
ACCOUNTS = "/accounts"
ACCOUNT = "/accounts/[seller]/[buyer]"
FORBIDDEN = "/forbidden"

SIGN_IN = "/session/sign-in"
SIGN_IN_DEMO = "/session/demo"
SIGN_OUT = "/session/sign-out"
API = "/api/v1"


def partner(code: str) -> str:
    """The record page of a partner."""
    return f"/partners/{code}"


def order(number: str) -> str:
    """The record page of an order."""
    return f"/orders/{number}"


def sku(code: str) -> str:
    """The record page of a SKU."""
    return f"/catalogue/{code}"


def account(seller_code: str, buyer_code: str) -> str:
    """The record page of a trading account."""
    return f"/accounts/{seller_code}/{buyer_code}"
