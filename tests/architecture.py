"""What the architecture tests look with: every checker reads sources and names file and line of a breach.

Nothing is imported or run; a checker sees a list of modules, so that the tests of these checkers can show it
a small tree with a breach in it.
"""

import ast
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = "distrib_app"
CORE = f"{PACKAGE}.core"


@dataclass(frozen=True)
class Module:
    """One source file of the package."""

    root: Path
    path: Path

    @cached_property
    def file(self) -> str:
        """The path below the root, as findings show it."""
        return self.path.relative_to(self.root).as_posix()

    @cached_property
    def source(self) -> str:
        """The text of the file."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def name(self) -> str:
        """The dotted name, `distrib_app.core.orders.service`."""
        parts = self.path.relative_to(self.root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.source, self.file)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the syntax tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def imports(self) -> list["Import"]:
        """Every import, wherever in the file, with relative ones made absolute."""
        return list(self._imports())

    def _imports(self) -> Iterator["Import"]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from (Import(node.lineno, alias.name, "") for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                yield from (Import(node.lineno, base, alias.name) for alias in node.names)

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        package = parts if self.path.name == "__init__.py" else parts[:-1]
        kept = package[: len(package) - node.level + 1]
        return ".".join([*kept, *([node.module] if node.module else [])])

    def is_in(self, *packages: str) -> bool:
        """Whether the module is one of `packages` or lies in one."""
        return any(self.name == package or self.name.startswith(package + ".") for package in packages)


@dataclass(frozen=True)
class Import:
    """`from module import name`; the name is empty for `import module`."""

    line: int
    module: str
    name: str

    @property
    def target(self) -> str:
        """The longest dotted name that may be a module."""
        return f"{self.module}.{self.name}" if self.name else self.module

    @property
    def top(self) -> str:
        """The top-level package."""
        return self.module.partition(".")[0]

    def is_in(self, *packages: str) -> bool:
        """Whether the target is one of `packages` or lies in one."""
        return any(self.target == package or self.target.startswith(package + ".") for package in packages)


@dataclass(frozen=True, order=True)
class Finding:
    """A breach at a line."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.text}"


Modules = Sequence[Module]
# methods that SQLAlchemy names and documents
OVERRIDES = frozenset({"process_bind_param", "process_result_value"})
_SQL_CLOCK = re.compile(r"\b(NOW\(\)|CURRENT_TIMESTAMP|CURRENT_DATE|LOCALTIMESTAMP)", re.IGNORECASE)


def load(root: Path, package: str = PACKAGE) -> list[Module]:
    """All modules of the package below `root`."""
    return [Module(root, path) for path in sorted((root / package).rglob("*.py"))]


def within(modules: Modules, *packages: str) -> list[Module]:
    """Those that lie in one of `packages`."""
    return [module for module in modules if module.is_in(*packages)]


def found(modules: Modules, look: Callable[[Module], Iterator[tuple[int, str]]]) -> list[Finding]:
    """What `look` finds in the modules, in order of file and line."""
    return sorted(Finding(module.file, line, text) for module in modules for line, text in look(module))


def upward_imports(modules: Modules, floors: Sequence[str], top: Collection[str]) -> list[Finding]:
    """Imports from a floor above one's own, and of the modules on top of all floors."""
    ranks = {f"{CORE}.{floor}": rank for rank, floor in enumerate(floors)}
    tops = tuple(f"{CORE}.{name}" for name in top)

    def rank_of(name: str) -> int | None:
        return next((rank for floor, rank in ranks.items() if f"{name}.".startswith(f"{floor}.")), None)

    def look(module: Module) -> Iterator[tuple[int, str]]:
        own = rank_of(module.name)
        if own is None:
            return
        for item in module.imports:
            other = rank_of(item.target)
            if (other is not None and other > own) or item.is_in(*tops):
                yield item.line, f"imports upward: {item.target}"

    return found(modules, look)


def unknown_rooms(modules: Modules, floors: Sequence[str], top: Collection[str]) -> list[Finding]:
    """Packages and modules of core that stand on no floor."""

    def look(module: Module) -> Iterator[tuple[int, str]]:
        room = module.name.removeprefix(CORE).strip(".").partition(".")[0]
        if room and room not in floors and room not in top:
            yield 1, f"{room} is no floor"

    return found(within(modules, CORE), look)


def foreign_imports(modules: Modules, allowed: Mapping[str, Collection[str]]) -> list[Finding]:
    """Imports of core that are neither of core, nor of the standard library, nor in the table.

    `allowed` maps a module name (or `*` for all) to the top-level packages that it may use.
    """

    def look(module: Module) -> Iterator[tuple[int, str]]:
        granted = set(sys.stdlib_module_names) | set(allowed.get("*", ()))
        for name, packages in allowed.items():
            if module.is_in(f"{CORE}.{name}"):
                granted |= set(packages)
        for item in module.imports:
            if item.top == PACKAGE:
                if not (item.is_in(CORE) or (item.module == CORE)):
                    yield item.line, f"core imports {item.target}"
            elif item.top not in granted:
                yield item.line, f"core imports {item.target}"

    return found(within(modules, CORE), look)


def imports_of(modules: Modules, *packages: str) -> list[Finding]:
    """Imports of any of `packages`."""

    def look(module: Module) -> Iterator[tuple[int, str]]:
        for item in module.imports:
            if item.is_in(*packages):
                yield item.line, f"imports {item.target}"

    return found(modules, look)


def enum_names(modules: Modules) -> set[str]:
    """The names of all enumerations."""
    kinds = {"Enum", "StrEnum", "IntEnum"}
    return {
        node.name
        for module in modules
        for node in module.nodes
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id in kinds for base in node.bases)
    }


def names_from_core(modules: Modules, allowed: Collection[str]) -> list[Finding]:
    """Imports from core of names that are not `allowed` (whole modules never are)."""

    def look(module: Module) -> Iterator[tuple[int, str]]:
        for item in module.imports:
            if (item.is_in(CORE) or item.module == CORE) and item.name not in allowed:
                yield item.line, f"imports {item.target}"

    return found(modules, look)


def clock_reads(modules: Modules) -> list[Finding]:
    """Reads of the wall clock, in Python or left to the database."""
    methods = {"now", "utcnow", "today", "current_timestamp", "current_date", "localtimestamp"}
    clocks = {"time", "time_ns", "localtime", "gmtime"}

    def look(module: Module) -> Iterator[tuple[int, str]]:
        for node in module.nodes:
            if isinstance(node, ast.Attribute):
                owner = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
                if (node.attr in methods and owner in {"datetime", "date", "func"}) or (
                    node.attr in clocks and owner == "time"
                ):
                    yield node.lineno, f"reads the clock: {owner}.{node.attr}"
            elif isinstance(node, ast.Constant) and _SQL_CLOCK.search(str(node.value)):
                yield node.lineno, "reads the clock in SQL"
        for item in module.imports:
            if item.name == "utc_now" or (item.module == "time" and item.name in clocks):
                yield item.line, f"reads the clock: {item.target}"

    return found(modules, look)


def floats(modules: Modules) -> list[Finding]:
    """Float literals, `float(…)` and true divisions."""

    def look(module: Module) -> Iterator[tuple[int, str]]:
        for node in module.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                yield node.lineno, f"float literal {node.value}"
            elif isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div):
                yield node.lineno, "division /"
            elif isinstance(node, ast.Name) and node.id == "float":
                yield node.lineno, "float"
            elif isinstance(node, ast.Attribute) and node.attr in {"truediv", "fsum"}:
                yield node.lineno, node.attr

    return found(modules, look)


def users_of(modules: Modules, *names: str) -> list[str]:
    """Which functions (`orders.service.place_order`) speak one of `names`; imports don't count."""
    users: set[str] = set()

    def visit(module: Module, node: ast.AST, where: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = where
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                inner = f"{where}.{child.name}"
            said = child.id if isinstance(child, ast.Name) else getattr(child, "attr", None)
            if said in names:
                users.add(where)
            visit(module, child, inner)

    for module in modules:
        visit(module, module.tree, module.name.removeprefix(f"{CORE}."))
    return sorted(users)


def dynamic_imports(modules: Modules) -> list[Finding]:
    """Imports that hide from the other checkers: by a name in a string, by a star."""

    def look(module: Module) -> Iterator[tuple[int, str]]:
        for node in module.nodes:
            said = node.id if isinstance(node, ast.Name) else getattr(node, "attr", None)
            if said in {"import_module", "__import__"}:
                yield node.lineno, f"imports by name: {said}"
        for item in module.imports:
            if item.name == "*":
                yield item.line, f"imports everything of {item.module}"

    return found(modules, look)


def raw_sql(modules: Modules) -> list[Finding]:
    """Statements that the scope does not reach: SQL as text, Core tables, driver connections."""
    attributes = {"exec_driver_sql", "driver_connection", "__table__"}

    def look(module: Module) -> Iterator[tuple[int, str]]:
        for node in module.nodes:
            if isinstance(node, ast.Attribute) and node.attr in attributes:
                yield node.lineno, node.attr
        for item in module.imports:
            if item.top in {"sqlalchemy", "sqlmodel"} and item.name in {
                "text",
                "literal_column",
                "TextClause",
            }:
                yield item.line, f"imports {item.target}"

    return found(modules, look)


def undocumented(modules: Modules) -> list[Finding]:
    """Modules, public classes and public functions without a docstring; methods that override are exempt."""

    def bare(node: ast.AST, owner: str) -> Iterator[tuple[int, str]]:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            if child.name.startswith("_") or child.name in OVERRIDES:
                continue
            if ast.get_docstring(child) is None:
                yield child.lineno, f"{owner}{child.name} has no docstring"
            if isinstance(child, ast.ClassDef):
                yield from bare(child, f"{child.name}.")

    def look(module: Module) -> Iterator[tuple[int, str]]:
        if ast.get_docstring(module.tree) is None:
            yield 1, "the module has no docstring"
        yield from bare(module.tree, "")

    return found(modules, look)


def long_files(modules: Modules, limit: int) -> list[Finding]:
    """Files of more than `limit` lines, with their length as the line."""

    def look(module: Module) -> Iterator[tuple[int, str]]:
        count = len(module.source.splitlines())
        if count > limit:
            yield count, f"more than {limit} lines"

    return found(modules, look)
