"""Examples of request bodies: written down for the operations people try first, made from the schema else."""

from typing import Any

from .schemas import Schema

EXAMPLES: dict[str, Any] = {
    "orders_quote": {"seller": "GD-001", "buyer": "GD-006", "lines": [{"sku": "AC01-01", "qty": 10}]},
    "orders_place": {"seller": "GD-001", "buyer": "GD-006", "lines": [{"sku": "AC01-01", "qty": 10}]},
    "orders_allocate": {"version": 1},
    "orders_ship": {"carrier": "SF", "waybill": "SF1234567890", "version": 1},
    "orders_deliver": {"signed_by": "王芳"},
    "orders_cancel": {"reason": "ordered twice", "version": 1},
    "orders_take_back": {"lines": [{"line_no": 1, "qty": 2}], "reason": "scratched"},
    "accounts_add_account": {"seller": "GD-001", "buyer": "GD-006", "credit_limit_amount": "500000.00"},
    "accounts_change_account": {"version": 1, "credit_limit_amount": "800000.00"},
    "accounts_add_receipt": {
        "seller": "GD-001",
        "buyer": "GD-006",
        "amount": "6000.00",
        "method": "transfer",
        "received_on": "2026-10-15",
        "reference": "bank 4711",
    },
    "pricing_record_price": {
        "seller": "GD-001",
        "sku": "AC01-01",
        "unit_price": "3390",
        "valid_from": "2026-01-01",
        "buyer_scope": "all",
    },
    "catalog_add_product": {"code": "FAN", "name": "电扇", "name_en": "Fan", "category": "AIR"},
    "catalog_add_sku": {"code": "FAN-1", "name": "电扇 1", "product": "FAN", "tax_ppm": 130000},
    "channels_admit_partner": {
        "code": "GD-900",
        "name": "佛山家电",
        "tier": "city",
        "parent": "GD-006",
        "region": "440600",
    },
    "inventory_receive_goods": {
        "location": "PLANT",
        "cause": "PO-1001",
        "lines": [{"sku": "AC01-01", "qty": 50, "unit_cost": "2500"}],
    },
}
_FORMATS = {"date": "2026-10-15", "date-time": "2026-10-15T04:00:00Z"}


def sample(schema: Schema, schemas: Schema) -> Any:
    """A value of the shape that a schema describes: its required properties, the first of its choices."""
    if "$ref" in schema:
        return sample(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for name in ("example", "default", "const"):
        if name in schema:
            return schema[name]
    for name in ("examples", "enum"):
        if schema.get(name):
            return schema[name][0]
    choices = [one for name in ("anyOf", "oneOf", "allOf") for one in schema.get(name, ())]
    return sample(choices[0], schemas) if choices else _sample_of_type(schema, schemas)


def _sample_of_type(schema: Schema, schemas: Schema) -> Any:
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        properties = schema.get("properties", {})
        return {key: sample(properties[key], schemas) for key in schema.get("required", [])}
    if kind == "array":
        return [sample(schema.get("items", {}), schemas)]
    if kind == "string":
        return _FORMATS.get(schema.get("format", ""), "text")
    return {"integer": schema.get("minimum", 1), "number": 1, "boolean": True}.get(kind)
