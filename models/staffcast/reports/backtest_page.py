"""The back-test as one HTML page that loads nothing: fan, calibration, when errors happen, by origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast.charts import calibration_chart, errors_chart, fan_chart, origins_chart
from staffcast.forecasting import calibration_frame, errors_frame, origins_frame
from staffcast.reports.markup import chart, page, paragraph, section

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from staffcast.forecasting import Evaluation, Series

__all__ = ["backtest_page"]


def backtest_page(found: Mapping[str, tuple[Series, Evaluation]], fans: Mapping[str, pl.DataFrame]) -> str:
    """Write the page.

    Args:
        found: History and back-test by the name on the page.
        fans: Coming days by name, of ``planning.FAN_SCHEMA``; names may be missing.

    Returns:
        An HTML document.
    """
    parts = []
    for number, (name, (series, evaluation)) in enumerate(found.items()):
        body = []
        if name in fans:
            body += [
                paragraph("The last weeks and the coming days."),
                chart(fan_chart(fans[name]), f"fan-{number}"),
            ]
        body += [
            paragraph("Do as many contacts lie within the intervals as these promise?"),
            chart(calibration_chart(calibration_frame(evaluation)), f"calibration-{number}"),
            paragraph("When is the forecast too low (blue) or too high (orange)?"),
            chart(errors_chart(errors_frame(series, evaluation)), f"errors-{number}"),
            paragraph("Has it always been so? Each point is a forecast of two weeks, at its first day."),
            chart(origins_chart(origins_frame(series, evaluation)), f"origins-{number}"),
        ]
        models = ", ".join(f"{model} {times} times" for model, times in evaluation.chosen.items())
        parts.append(section(name, body, note=f"{len(evaluation.origins)} past forecasts; chosen: {models}"))
    return page("Back-test of the forecast", parts)
