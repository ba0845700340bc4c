"""Settings that came with the data: ``config.json`` as it was stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DATA_DEFAULTS_SQL", "data_defaults"]

DATA_DEFAULTS_SQL = sql_text("staffcast.store", "source_config")


def data_defaults(rows: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Decode the rows of ``DATA_DEFAULTS_SQL``.

    Example:
        >>> data_defaults([("timezone", '"Europe/Berlin"'), ("fcr_window_days", "7")])
        {'timezone': 'Europe/Berlin', 'fcr_window_days': 7}
    """
    return {key: json.loads(value) for key, value in rows}
