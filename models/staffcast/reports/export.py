"""Tables as files for other programs: a spreadsheet must not take a text for a formula."""

from __future__ import annotations

import io
import re

import polars as pl

__all__ = ["csv_text"]

_BLANK = r"[\s\u00a0\u200b\u200e\u200f\u2060\ufeff]*"
_FORMULA = rf"^{_BLANK}[=+\-@＝＋－＠]|^[\t\r\n]"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def csv_text(frame: pl.DataFrame) -> str:
    """The rows as CSV; texts that a spreadsheet would run as a formula begin with an apostrophe.

    Numbers stay numbers, also where a column holds them as text.

    Example:
        >>> print(csv_text(pl.DataFrame({"queue": ["=1+1", "-3"], "n": [-1, 2]})), end="")
        queue,n
        '=1+1,-1
        -3,2
    """
    texts = [name for name, dtype in frame.schema.items() if dtype in (pl.String, pl.Categorical, pl.Enum)]
    safe = frame.with_columns(_escaped(pl.col(name).cast(pl.String)) for name in texts)
    headers = {name: f"'{name}" for name in frame.columns if re.search(_FORMULA, name)}
    buffer = io.BytesIO()
    safe.rename(headers).write_csv(buffer)
    return buffer.getvalue().decode()


def _escaped(text: pl.Expr) -> pl.Expr:
    is_formula = text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER)
    return pl.when(is_formula).then(pl.lit("'") + text).otherwise(text).name.keep()
