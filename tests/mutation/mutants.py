"""Mutants of SQL, of the catalogue and of Python: each differs from its original in one small place."""

from __future__ import annotations

import ast
import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Mutant", "python_mutants", "sql_mutants", "table_mutants"]

TOKEN = re.compile(
    r"(?P<space>\s+|--[^\n]*)|(?P<text>'(?:[^']|'')*')|(?P<number>\d+)"
    r"|(?P<word>[:{]*[A-Za-z_][\w}]*)|(?P<operator><=|>=|<>|\|\||.)"
)
SWAPPED = {
    "<": ["<="], "<=": ["<"], ">": [">="], ">=": [">"], "=": ["<>"], "<>": ["="], "+": ["-"], "-": ["+"],
    "and": ["or"], "or": ["and"], "min": ["max"], "max": ["min"], "asc": ["desc"], "desc": ["asc"],
    "not": [""], "true": ["false"], "false": ["true"], "distinct": [""], "lead": ["lag"], "left": ["inner"],
}  # fmt: skip
CLAUSES = frozenset(
    {
        "then",
        "else",
        "when",
        "end",
        "group",
        "order",
        "from",
        "left",
        "join",
        "where",
        "select",
        "as",
        "union",
    }
    | {"on", "having", "cross", "inner", "limit", ",", ";", "and", "or"}
)
SQL_KEYS = frozenset({"filter", "censored", "numerator", "denominator", "value", "event"})
NUMBER_KEYS = frozenset({"divisor", "multiplier", "quantile", "default", "scale"})


@dataclass(frozen=True)
class Mutant:
    """One change: where, what, and the whole changed text or table."""

    place: str
    change: str
    result: Any

    def __str__(self) -> str:
        return f"{self.place}: {self.change}"


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    depth: int


def sql_mutants(place: str, text: str) -> Iterator[Mutant]:
    """Mutants of a statement or an expression."""
    tokens = _tokens(text)
    for position, token in enumerate(tokens):
        line = 1 + sum(each.text.count("\n") for each in tokens[:position])
        for change, start, end, new in _changes(tokens, position, token):
            pieces = [each.text for each in tokens]
            pieces[start:end] = [new]
            shown = " ".join("".join(t.text for t in tokens[max(start - 3, 0) : end + 3]).split())
            yield Mutant(f"{place}:{line}", f"{change} in `{shown}`", "".join(pieces))


def _tokens(text: str) -> list[Token]:
    found, depth = [], 0
    for match in TOKEN.finditer(text):
        kind, word = str(match.lastgroup), match[0]
        depth -= word in (")", "end")
        found.append(Token(kind, word, depth))
        depth += word in ("(", "case")
    return found


Change = tuple[str, int, int, str]


def _changes(tokens: list[Token], position: int, token: Token) -> Iterator[Change]:
    if token.kind in ("space", "text"):
        return
    for new in SWAPPED.get(token.text, []):
        if not _is_fixed(tokens, position):
            yield f"{token.text} -> {new or 'nothing'}", position, position + 1, new
    if token.kind == "number":
        yield f"{token.text} -> {int(token.text) + 1}", position, position + 1, str(int(token.text) + 1)
    if token.text == "is":
        yield from _null_test(tokens, position)
    if token.text in ("and", "or") and not _is_fixed(tokens, position):
        yield from _without_operand(tokens, position)
    if token.text == "coalesce":
        yield from _turned(tokens, position)
    if token.text == "when":
        yield from _without_branch(tokens, position)


def _is_fixed(tokens: list[Token], position: int) -> bool:
    """Words that mean something else: ``is not``, ``between``, bounds of windows, a sign in front."""
    before = [t.text for t in tokens[:position] if t.kind != "space"][-4:]
    after = [t.text for t in tokens[position + 1 :] if t.kind != "space"][:1]
    word = tokens[position].text
    if word == "not":
        return before[-1:] == ["is"]
    if word == "and":
        return "preceding" in before or "between" in before
    if word == "left":
        return after == ["("]
    if word in ("+", "-"):
        return not before or before[-1] in ("(", ",", "then", "else", "=", "<", ">")
    return False


def _null_test(tokens: list[Token], position: int) -> Iterator[Change]:
    following = [n for n in range(position + 1, len(tokens)) if tokens[n].kind != "space"][:2]
    words = [tokens[n].text for n in following]
    if words[:1] == ["null"]:
        yield "is null -> is not null", position, following[0] + 1, "is not null"
    if words == ["not", "null"]:
        yield "is not null -> is null", position, following[1] + 1, "is null"


def _stop(tokens: list[Token], position: int, step: int) -> int:
    """Where the operand beside a word ends: at a clause or bracket of the same depth."""
    depth, at = tokens[position].depth, position + step
    while 0 <= at < len(tokens):
        token = tokens[at]
        if token.depth < depth or (token.depth == depth and token.text in CLAUSES - {"end"}):
            return at
        at += step
    return at


def _without_operand(tokens: list[Token], position: int) -> Iterator[Change]:
    after, before = _stop(tokens, position, 1), _stop(tokens, position, -1)
    yield "operand after dropped", position, after, " "
    opens = before >= 0 and tokens[before].depth < tokens[position].depth
    if (
        opens
        or before < 0
        or tokens[before].text in ("where", "on", "when", "then", "and", "or", "select", ",")
    ):
        yield "operand before dropped", before + 1, position + 1, " "


def _turned(tokens: list[Token], position: int) -> Iterator[Change]:
    depth = tokens[position].depth + 1
    inside = []
    for at in range(position + 2, len(tokens)):
        if tokens[at].depth < depth:
            break
        inside.append(at)
    commas = [at for at in inside if tokens[at].text == "," and tokens[at].depth == depth]
    if len(commas) == 1:
        first = "".join(t.text for t in tokens[position + 2 : commas[0]])
        second = "".join(t.text for t in tokens[commas[0] + 1 : inside[-1] + 1]).strip()
        yield "coalesce turned round", position + 2, inside[-1] + 1, f"{second}, {first}"
        yield "coalesce without its rest", position + 2, inside[-1] + 1, first


def _without_branch(tokens: list[Token], position: int) -> Iterator[Change]:
    depth = tokens[position].depth
    for at in range(position + 1, len(tokens)):
        if tokens[at].depth < depth or (tokens[at].depth == depth and tokens[at].text in ("when", "else")):
            is_only = tokens[at].text != "when" and not any(
                t.text == "when" and t.depth == depth for t in _block(tokens, position)
            )
            if not is_only:
                yield "branch dropped", position, at, ""
            return


def _block(tokens: list[Token], position: int) -> list[Token]:
    """The tokens of a ``case`` before one of its branches."""
    start = position
    while start and tokens[start - 1].depth >= tokens[position].depth:
        start -= 1
    return tokens[start:position]


def table_mutants(family: str, table: Mapping[str, Any]) -> Iterator[Mutant]:
    """Mutants of one table of the catalogue: of its expressions, without one, with another number."""
    for path, key, value in _leaves(table, ()):
        place = ".".join((family, *path, key))
        if isinstance(value, str) and (key in SQL_KEYS or path[-1:] == ("exclusions",)):
            for mutant in sql_mutants(place, value):
                yield Mutant(place, mutant.change, _changed(table, path, key, mutant.result))
            if key not in ("numerator", "value", "denominator", "event"):
                yield Mutant(place, "dropped", _changed(table, path, key, None))
        if isinstance(value, int | float) and key in NUMBER_KEYS and not isinstance(value, bool):
            other = value + 1 if value < 1000 and (value >= 1 or key == "default") else value / 2
            yield Mutant(place, f"{value} -> {other}", _changed(table, path, key, other))
        if key == "calendar" and path[:1] == ("clocks",):
            swapped = {"business": value, "calendar": table["clocks"][path[1]]["business"]}
            yield Mutant(place, "clocks turned round", _changed(table, path[:-1], path[-1], swapped))


def _leaves(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield path, key, value


def _changed(table: Mapping[str, Any], path: tuple[str, ...], key: str, value: object) -> dict[str, Any]:
    changed = copy.deepcopy(dict(table))
    inner = changed
    for step in path:
        inner = inner[step]
    if value is None:
        del inner[key]
    else:
        inner[key] = value
    return changed


OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}


def python_mutants(place: str, source: str) -> Iterator[Mutant]:
    """Mutants of a module: of its code, and of the SQL in its texts."""
    tree = ast.parse(source)
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    in_formats = {id(part) for node in ast.walk(tree) if isinstance(node, ast.FormattedValue)
                  for part in ast.walk(node)}  # fmt: skip
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in documentation or _is_type(node):
            continue
        for change, apply in _python_changes(node, in_format=id(node) in in_formats):
            changed = copy.deepcopy(tree)
            apply(_nth(changed, number))
            line = getattr(node, "lineno", 0)
            yield Mutant(f"{place}:{line}", f"{change} in `{_shown(node)}`", ast.unparse(changed))


def _is_type(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and isinstance(node.left, ast.Name)


def _shown(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:90]


def _nth(tree: ast.AST, number: int) -> Any:
    for position, node in enumerate(ast.walk(tree)):
        if position == number:
            return node
    raise IndexError(number)


PythonChange = "tuple[str, Callable[[Any], None]]"


def _python_changes(node: ast.AST, *, in_format: bool) -> Iterator[tuple[str, Callable[[Any], None]]]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in OPERATORS:
            new = OPERATORS[type(operator)]
            yield f"{type(operator).__name__} -> {new.__name__}", lambda n: n.ops.__setitem__(0, new())
        case ast.BoolOp(op=operator):
            other = OPERATORS[type(operator)]
            yield f"{type(operator).__name__} -> {other.__name__}", lambda n: setattr(n, "op", other())
            for position in range(len(node.values)):
                yield "operand dropped", lambda n, p=position: n.values.pop(p)
        case ast.BinOp(op=operator) if type(operator) in OPERATORS:
            turned = OPERATORS[type(operator)]
            yield f"{type(operator).__name__} -> {turned.__name__}", lambda n: setattr(n, "op", turned())
        case ast.UnaryOp(op=ast.Not()):
            yield (
                "not dropped",
                lambda n: (setattr(n, "op", ast.UAdd()), setattr(n, "operand", _truth(n.operand))),
            )
        case ast.IfExp():
            yield "condition turned round", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
            yield f"{name} -> {FUNCTIONS[name]}", lambda n: setattr(n.func, "id", FUNCTIONS[name])
        case ast.Constant(value=bool(flag)):
            yield f"{flag} -> {not flag}", lambda n: setattr(n, "value", not flag)
        case ast.Constant(value=int(number)):
            yield f"{number} -> {number + 1}", lambda n: setattr(n, "value", number + 1)
        case ast.Constant(value=str(text)) if not in_format and " " in text.strip():
            for mutant in sql_mutants("", text):
                yield f"text: {mutant.change}", lambda n, new=mutant.result: setattr(n, "value", new)
        case _:
            pass


def _truth(operand: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("bool", ast.Load()), [operand], [])
