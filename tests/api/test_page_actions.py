"""Whatever a page can do, the API can do: every verb that a state writes through stands in a router too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import distrib_app

PACKAGE = Path(distrib_app.__file__).parent
# verbs of pages without an endpoint, each with its reason
ONLY_ON_PAGES: dict[str, str] = {}


def trees(folder: str) -> Iterator[tuple[str, ast.Module]]:
    """The syntax trees of a storey."""
    for path in sorted((PACKAGE / folder).rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def said(node: ast.AST) -> Iterator[str]:
    """Every name within a node; what a wrapper wraps is said, too."""
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            yield child.id
        elif isinstance(child, ast.Attribute):
            yield child.attr


def core_names(tree: ast.Module) -> set[str]:
    """What a module imports from core."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and ".core" in f".{node.module}"
        for alias in node.names
    }


def inner_functions(tree: ast.Module) -> dict[str, ast.AST]:
    """Functions of a module by name: a verb may be called inside one of them."""
    return {
        node.name: node
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }


def verbs_of_pages() -> dict[str, str]:
    """Every function of core that a state hands to `_write`, with where."""
    found: dict[str, str] = {}
    for file, tree in trees("state"):
        core, functions = core_names(tree), inner_functions(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_write" and node.args:
                for name in set(said(node.args[0])):
                    inside = set(said(functions[name])) if name in functions else {name}
                    verbs = {one for one in inside & core if one[0].islower()}
                    found |= dict.fromkeys(verbs, f"{file}:{node.lineno}")
    return found


def test_every_action_of_a_page_has_its_endpoint() -> None:
    routed = {name for _, tree in trees("api") for name in said(tree)}
    verbs = verbs_of_pages()
    assert {"place_order", "ship_order", "add_price", "move_partner"} <= verbs.keys()
    missing = {
        verb: f"{where} writes through {verb}; call it from a router in distrib_app/api"
        for verb, where in verbs.items()
        if verb not in routed and verb not in ONLY_ON_PAGES
    }
    assert not missing, "\n" + "\n".join(missing.values())
    assert ONLY_ON_PAGES.keys() <= verbs.keys(), "an exception that is none any more"
