"""What is sold: categories, products, SKUs."""

from .errors import BarcodeError
from .models import Category, Product, Sku, SkuKind
from .queries import CategoryRow, SkuRow, find_skus_by_code, list_categories, list_skus
from .rules import check_digit, is_gtin
from .search import search_skus, search_skus_inside
from .service import create_category, create_product, create_sku, set_sku_flags

__all__ = [
    "BarcodeError",
    "Category",
    "CategoryRow",
    "Product",
    "Sku",
    "SkuKind",
    "SkuRow",
    "check_digit",
    "create_category",
    "create_product",
    "create_sku",
    "find_skus_by_code",
    "is_gtin",
    "list_categories",
    "list_skus",
    "search_skus",
    "search_skus_inside",
    "set_sku_flags",
]
