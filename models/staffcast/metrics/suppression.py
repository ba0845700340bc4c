"""The works-council profile at the door to the numbers: nothing by agent, nothing about few agents.

How many agents stand behind a figure is known per day only: in a generation under the profile an agent's
identifier is a random label that is good for one day (``2026-11-02/8c1f...``). The most agents on any one
day is therefore a lower bound of the agents behind a figure, and the one that is used.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from staffcast.core.errors import MetricError
from staffcast.metrics import compiler
from staffcast.metrics.loader import metric as find
from staffcast.metrics.loader import own_dimensions, packaged
from staffcast.metrics.portable import columns_in
from staffcast.metrics.record import Kind
from staffcast.metrics.request import GRAIN_LABELS
from staffcast.store.facts import FACT_TABLES, fact_table, labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from staffcast.metrics.options import Chosen
    from staffcast.metrics.record import Metric
    from staffcast.metrics.request import Request
    from staffcast.metrics.run import Reader

    Key = tuple[Any, ...]

__all__ = ["PERSONAL", "refuse_own_measures", "refuse_people", "suppressed"]

PERSONAL = frozenset({"agent_id", "last_agent_id"})
"""Dimensions that single out one person."""


def refuse_people(names: Iterable[str], min_group: int) -> None:
    """Refuse to group or filter by a person under the profile, or by what singles out a chat.

    A dimension of the user's own is what its expression is made of: only columns that packaged metrics are
    grouped by anyway. Others, such as a handle time, would list chat by chat what is withheld.

    Args:
        names: Dimensions asked for.
        min_group: Fewest agents that a figure may rest on; 0 without the profile.

    Raises:
        MetricError: One of them names a person, or a chat.

    Example:
        >>> refuse_people(["queue", "hour"], min_group=5)
    """
    for name in names:
        text = own_dimensions().get(name)
        behind = {name} if text is None else columns_in(text)
        if min_group and behind & (_columns() - _groupable()):
            is_person = behind & PERSONAL
            found = ", ".join(sorted(behind - _groupable()))
            raise MetricError(
                f"the works-council profile allows no figure by {name}"
                + ("" if text is None else f": it is made of {found}"),
                hint="group by queue, team, site or time"
                if is_person
                else "group by dimensions of the catalogue",
            )


@cache
def _columns() -> frozenset[str]:
    return frozenset(column for table in FACT_TABLES for column, _ in table.all_columns)


@cache
def _groupable() -> frozenset[str]:
    """Columns that packaged metrics may be grouped by under the profile."""
    ours = {column for table in FACT_TABLES for column in table.dimensions}
    times = {label for table in FACT_TABLES for cohort in table.cohorts for label, _ in labels(cohort)}
    added = {column for record in packaged().values() for column in record.dimensions}
    return frozenset(ours | times | added) - PERSONAL


def refuse_own_measures(metric: Metric, min_group: int) -> None:
    """Refuse definitions of the user's own that could bring a person's figure out of a large group.

    The agents behind a figure are counted over its rows. A filter takes rows away and is counted so; a
    measure of two columns (``case when queue = 'x' then handle_us else 0 end``), a weight, and reasons for
    which rows are left out and counted could all tell of a few of the rows, and show them as one of many.

    Args:
        metric: A metric in force.
        min_group: Fewest agents that a figure may rest on; 0 without the profile.

    Raises:
        MetricError: It, or one of its parts, is such a definition.
    """
    known = packaged()
    for record in (metric, *metric.parts) if min_group else ():
        ours = known.get(record.id) or known.get(record.family)
        for key in _OWN_KEYS:
            own = getattr(record, key)
            if own and (ours is None or own != getattr(ours, key)) and not _is_plain(record.kind, key, own):
                raise MetricError(
                    f"the works-council profile allows no figure by the '{key}' of [metrics.{record.family}]",
                    hint="under it a definition of your own may filter rows and measure one column at a time",
                )


_OWN_KEYS = (
    "filter", "exclusions", "censored", "clocks", "options", "event", "numerator", "denominator", "value",
)  # fmt: skip


def _is_plain(kind: Kind, key: str, own: object) -> bool:
    """Whether the part of a definition can tell of all of its rows only."""
    if not isinstance(own, str) or columns_in(own) & PERSONAL:
        return False
    if key == "filter":
        return True
    is_sum = kind not in {Kind.WEIGHTED, Kind.SURVIVAL}
    return is_sum and key in {"numerator", "denominator", "value"} and len(columns_in(own)) <= 1


def suppressed(reader: Reader, chosen: Chosen, asked: Request, keys: Sequence[Key]) -> set[Key]:
    """Which groups of a result are withheld because too few agents stand behind them.

    Beside those below the limit, the smallest others are withheld until the withheld ones together reach
    it: else the total minus the rest would tell what was withheld.

    Args:
        reader: Where the facts are, with the profile's ``min_group``.
        chosen: The metric.
        asked: The question.
        keys: Values of the groups, in the order of ``asked.groups``.

    Raises:
        MetricError: A definition of the user's own that the profile does not allow.
    """
    min_group = reader.min_group
    if not min_group or not chosen.metric.rests_on_agents:
        return set()
    refuse_own_measures(find(chosen.metric.id), min_group)
    if chosen.parts:
        return set().union(*(suppressed(reader, part, asked, keys) for part in chosen.parts))
    if not {"agent_id", "conversation_key"} & dict(fact_table(chosen.metric.fact).all_columns).keys():
        return set(keys)  # an own figure of a fact that does not tell who stands behind it
    rows = reader.run(*compiler.agents(chosen, asked).bound())
    sizes = {row[:-2]: (row[-2] or 0, row[-1] or 0) for row in rows.iter_rows()}
    n_used = {key: sizes.get(key, (0, 0))[0] for key in keys}
    n_agents = {key: sizes.get(key, (0, 0))[1] for key in keys}
    withheld = {key for key in keys if _is_small(n_used[key], n_agents[key], min_group)}
    for part in _parts(asked, keys):
        withheld |= _companions(part, withheld, n_agents, min_group)
    return withheld


def _is_small(n_used: int, n_all: int, min_group: int) -> bool:
    """Whether a person could be recognised: by the rows that count, or by being among those left out.

    Nobody at all is no person: what a bot did alone, or what no one took.
    """
    return 0 < n_used < min_group or (n_used == 0 and 0 < n_all < min_group)


def _parts(asked: Request, keys: Sequence[Key]) -> list[list[Key]]:
    """Groups that add up to one total: those of one period, or all periods of a plain series."""
    n_labels = len(GRAIN_LABELS[asked.grain]) if asked.grain and len(asked.groups) > 1 else 0
    if n_labels == len(asked.groups):
        n_labels = 0
    parts: dict[Key, list[Key]] = {}
    for key in keys:
        parts.setdefault(key[:n_labels], []).append(key)
    return list(parts.values())


def _companions(part: list[Key], withheld: set[Key], n_agents: Mapping[Key, int], min_group: int) -> set[Key]:
    hidden = [key for key in part if key in withheld]
    found: set[Key] = set()
    if not hidden:
        return found
    together = sum(n_agents[key] for key in hidden)
    others = sorted((key for key in part if key not in withheld and n_agents[key]), key=lambda k: n_agents[k])
    for key in others:
        if together >= min_group and len(hidden) + len(found) > 1:
            break
        found.add(key)
        together += n_agents[key]
    return found
