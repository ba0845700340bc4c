"""The DuckDB warehouse: schema, migrations, published generations, fact schemas."""

from __future__ import annotations
