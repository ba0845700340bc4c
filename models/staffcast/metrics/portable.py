"""The portable subset of SQL that definitions are written in: it runs unchanged on DuckDB and on Spark."""

from __future__ import annotations

import re

__all__ = ["columns_in", "violations"]

FUNCTIONS = frozenset(
    {"cast", "coalesce", "count", "exp", "filter", "floor", "ln", "lower", "max", "min", "nullif"}
    | {"percentile_cont", "row_number", "substr", "sum", "upper"}
)
WORDS = frozenset(
    {"all", "and", "as", "asc", "between", "bigint", "by", "case", "cast", "current", "desc", "distinct"}
    | {"else", "end", "false", "from", "group", "in", "is", "join", "last", "left", "like", "not", "null"}
    | {"nulls", "on", "or", "order", "over", "partition", "preceding", "row", "rows", "select", "string"}
    | {"then", "true", "unbounded", "union", "when", "where", "with", "within"}
)
_TEXT = re.compile(r"'(?:[^']|'')*'")
_PARAMETER = re.compile(r":[a-z_][a-z0-9_]*")
_FORBIDDEN = r"\d\.\d|//|::|\bqualify\b|\basof\b|\binterval\b|\bdiv\b|;|\?|--|/\*|\"|(?:group|order) by \d"


def violations(sql: str) -> list[str]:
    """What a statement or an expression uses beyond the portable subset.

    Example:
        >>> violations("x / nullif(n, 0)")
        []
        >>> violations("date_diff('hour', a, b) / n")
        ['date_diff', '/ n']
    """
    code = _TEXT.sub("''", sql.lower())
    code = re.sub(r"percentile_cont\(0\.\d+\)", "percentile_cont(p)", code)
    called = set(re.findall(r"\b([a-z_][a-z0-9_]*) ?\(", code)) - WORDS - FUNCTIONS
    divisors = [found for found in re.findall(r"/ *(\w+)", code) if found != "nullif" and not found.isdigit()]
    return [*re.findall(_FORBIDDEN, code), *sorted(called), *(f"/ {divisor}" for divisor in divisors)]


def columns_in(expression: str) -> set[str]:
    """Names of columns in an expression: all words but those of SQL, and parameters.

    Example:
        >>> sorted(columns_in("case when queue = 'sales' then country end"))
        ['country', 'queue']
    """
    code = _PARAMETER.sub("", _TEXT.sub("", expression.lower()))
    return set(re.findall(r"[a-z_][a-z0-9_]*", code)) - WORDS - FUNCTIONS
