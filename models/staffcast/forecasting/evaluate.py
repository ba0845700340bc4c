"""The back-test as a product: a table that sets the forecast beside the naive one and the averages."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from staffcast.core.errors import ForecastError
from staffcast.forecasting.backtest import backtest_origins, choose, model_pool, past_folds, prediction
from staffcast.forecasting.calendar import Calendar
from staffcast.forecasting.scores import Outcome, Scores, scores, seasonal_error

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import date

    from staffcast.forecasting.model import Model
    from staffcast.forecasting.series import Series
    from staffcast.forecasting.spread import Fold

__all__ = ["AUTOMATIC", "Evaluation", "evaluate_series"]

AUTOMATIC = "staffcast"
_FIRST_ORIGIN_DAYS = 80
_STEP_DAYS = 3
_LEARNING_STEP_DAYS = 5
_AVERAGES = ("4-week mean", "8-week mean")
_NO_ERROR = 1e-9
"""What rounding leaves of an error of 0."""


@dataclass(frozen=True)
class Evaluation:
    """Scores of every model at three horizons, over the same origins.

    Attributes:
        table: scores by model and horizon label (1 day, 2 weeks, 4 weeks).
        outcomes: what the automatic choice forecast from each origin, and what came.
        averages: the same of the 4-week mean.
        origins: rows of the first days forecast.
        chosen: how often each model was chosen.
        n_days: open days of each horizon label.
    """

    table: dict[str, dict[str, Scores]]
    outcomes: tuple[Outcome, ...]
    averages: tuple[Outcome, ...]
    origins: tuple[int, ...]
    chosen: dict[str, int]
    n_days: dict[str, int]

    def versus_average(self, horizon: str = "2 weeks", *, loss: str = "wape") -> float:
        """The forecast's error over that of the best simple average: below 1 is better."""
        own, *others = (float(getattr(self.table[name][horizon], loss)) for name in (AUTOMATIC, *_AVERAGES))
        least = min(others)
        if least > _NO_ERROR:
            return own / least
        return 1.0 if own <= _NO_ERROR else math.inf


def evaluate_series(
    series: Series,
    calendar: Calendar | None = None,
    *,
    history_weeks: float | None = None,
    keep: Collection[date] = (),
    audit: Sequence[Model] = (),
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Evaluation:
    """Back-test the automatic choice and every model of its pool.

    The first origin comes after 80 open days, or in the middle of a shorter history; origins are 3 open
    days apart and look 4 weeks ahead. Models see all days before an origin.

    Args:
        series: the history.
        calendar: special days, taken as known ahead.
        history_weeks: let the models see only so many weeks before each origin.
        keep: flagged days that count all the same.
        audit: models that are judged beside the others and never chosen.
        progress: told the number of origins done, and of all.

    Raises:
        ForecastError: the history is shorter than four weeks.
    """
    known = calendar or Calendar()
    per_week = max(1, round(len(series) / max(series.n_weeks, 1.0)))
    horizon = min(4 * per_week, len(series) // 3)
    first = min(_FIRST_ORIGIN_DAYS, len(series) // 2)
    if series.n_weeks < 4 or horizon < 1:
        raise ForecastError(
            f"{series.n_weeks:.1f} weeks of history are too few for a back-test",
            hint="give at least four weeks",
        )
    origins = list(range(first, len(series) - horizon + 1, _STEP_DAYS))
    judges = _Judges((*model_pool(known), *audit), frozenset(model.name for model in audit), known, keep)
    learning = range(2 * per_week, first, _LEARNING_STEP_DAYS)
    grid = sorted({*origins, *learning})
    if history_weeks is None:
        folds = judges.folds(series, grid, horizon, progress)
        judged = [judges.outcomes(series, folds, origin, horizon, origin) for origin in origins]
    else:
        judged = []
        for number, origin in enumerate(origins):
            judged.append(judges.short_outcomes(series, origin, horizon, round(history_weeks * per_week)))
            progress(number + 1, len(origins))
    labels = {"1 day": 1, "2 weeks": min(2 * per_week, horizon), "4 weeks": horizon}
    names = judged[0][0]
    table = {
        name: {label: scores([one[0][name] for one in judged], n_days) for label, n_days in labels.items()}
        for name in names
    }
    picks = [pick for _, pick in judged]
    return Evaluation(
        table, tuple(one[AUTOMATIC] for one, _ in judged), tuple(one[_AVERAGES[0]] for one, _ in judged),
        tuple(origins),
        {pick: picks.count(pick) for pick in sorted(set(picks))}, labels,
    )  # fmt: skip


@dataclass(frozen=True)
class _Judges:
    """The models, which of them are not chosen, and what they are told."""

    models: tuple[Model, ...]
    never_chosen: frozenset[str]
    calendar: Calendar
    keep: Collection[date]

    def folds(
        self,
        series: Series,
        origins: Sequence[int],
        horizon: int,
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> dict[str, list[Fold]]:
        return past_folds(
            series, self.models, origins, horizon, self.calendar, keep=self.keep, progress=progress
        )

    def outcomes(
        self, series: Series, folds: dict[str, list[Fold]], origin: int, horizon: int, n_seen: int
    ) -> tuple[dict[str, Outcome], str]:
        """What each model and the automatic choice forecast at an origin."""
        stop = origin + horizon
        counts, seen = series.counts[origin:stop], series.seen[origin:stop]
        past = series.between(max(0, origin - n_seen), origin)
        scale = seasonal_error(past)
        rivals = {name: own for name, own in folds.items() if name not in self.never_chosen}
        pick = choose(rivals, origin, horizon, past.n_weeks).name
        found = {}
        for name, own in folds.items():
            mean = next(fold.mean for fold in own if fold.origin == origin)
            found[name] = Outcome(prediction(name, mean, own, origin), counts, seen, scale)
        return {AUTOMATIC: found[pick], **found}, pick

    def short_outcomes(
        self, series: Series, origin: int, horizon: int, n_seen: int
    ) -> tuple[dict[str, Outcome], str]:
        """The same from a cut history, with a back-test of its own."""
        start = max(0, origin - n_seen)
        cut = series.between(start, origin + horizon)
        last = origin - start
        grid = backtest_origins(last, max(1, round(last / max(cut.n_weeks - horizon / 7, 1))), horizon)
        return self.outcomes(cut, self.folds(cut, [*grid, last], horizon), last, horizon, last)
