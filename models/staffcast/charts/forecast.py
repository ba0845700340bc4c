"""Charts of forecasts: the fan of the coming days, and how honest and how good past forecasts were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from staffcast.charts.theme import COLORWAY, Colour, describe, empty_figure, outline, shade, style

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["calibration_chart", "errors_chart", "fan_chart", "origins_chart"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BANDS = (("95", 0.14), ("80", 0.24))
_LOW, _HIGH = "#3a87c8", "#d9601a"


def fan_chart(days: pl.DataFrame) -> go.Figure:
    """Contacts by day: those that came, those expected, and the intervals around them.

    Args:
        days: Of ``planning.FAN_SCHEMA``.
    """
    coming = days.drop_nulls("expected")
    if coming.is_empty():
        return empty_figure("No forecast of the coming days.")
    figure = go.Figure()
    for share, opacity in _BANDS:
        edge = list(outline(coming.select("local_date", f"lower_{share}", f"upper_{share}").iter_rows()))
        if edge:
            figure.add_trace(_area(edge, f"{share} % interval", opacity))
    came = days.drop_nulls("contacts")
    figure.add_trace(_line(came, "contacts", "came", Colour.NEUTRAL))
    figure.add_trace(_line(coming, "expected", "expected", Colour.MAIN))
    style(figure, height=300)
    figure.update_yaxes(title_text="Contacts a day", rangemode="tozero")
    figure.update_xaxes(type="date", tickformat="%d %b", hoverformat="%a %d %b")
    total = float(coming["expected"].sum())
    words = f"{total:.0f} contacts expected from {coming['local_date'][0]} to {coming['local_date'][-1]}"
    if coming["lower_80"].null_count() == 0:
        top = coming.sort("expected", descending=True).row(0, named=True)
        words += (
            f"; the busiest day is {top['local_date']} with {top['expected']:.0f}, "
            f"four times in five between {top['lower_80']:.0f} and {top['upper_80']:.0f}"
        )
    return describe(figure, f"{words}.")


def calibration_chart(calibration: pl.DataFrame) -> go.Figure:
    """Share of contacts within the intervals against the share promised; honest ones lie on the diagonal.

    Args:
        calibration: Of ``forecasting.CALIBRATION_SCHEMA``.
    """
    if calibration.is_empty():
        return empty_figure("Too little history to tell how honest the intervals are.")
    figure = go.Figure(
        go.Scatter(
            x=[0, 1], y=[0, 1], mode="lines", name="honest", hoverinfo="skip",
            line={"color": Colour.NEUTRAL, "dash": "dot", "width": 1},
        )
    )  # fmt: skip
    for horizon, colour in zip(calibration["horizon"].unique(maintain_order=True), COLORWAY, strict=False):
        rows = calibration.filter(horizon=horizon)
        figure.add_trace(
            go.Scatter(
                x=rows["promised"].to_list(), y=rows["covered"].to_list(), mode="lines+markers",
                name=f"{horizon} ahead", line={"color": colour, "width": 2}, marker={"size": 6},
                hovertemplate="%{y:.0%} of contacts within the %{x:.0%} interval<extra></extra>",
            )
        )  # fmt: skip
    style(figure, height=320)
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(title_text="promised", tickformat=".0%", range=[0, 1])
    figure.update_yaxes(title_text="within the interval", tickformat=".0%", range=[0, 1.02])
    [eighty] = calibration.filter(horizon=calibration["horizon"][-1], promised=0.8)["covered"]
    words = f"Of contacts {calibration['horizon'][-1]} ahead {eighty:.0%} lay within the 80 % interval."
    return describe(figure, words)


def errors_chart(errors: pl.DataFrame) -> go.Figure:
    """Heat map of the bias by weekday and time of day: blue is too low a forecast, orange too high.

    Args:
        errors: Of ``forecasting.ERRORS_SCHEMA``.
    """
    if errors.is_empty():
        return empty_figure("No contacts to compare with.")
    minutes = errors["local_minute"].unique().sort().to_list()
    weekdays = errors["weekday"].unique().sort().to_list()
    found = {(row["weekday"], row["local_minute"]): row for row in errors.iter_rows(named=True)}

    def grid(name: str) -> list[list[float | None]]:
        return [
            [found[day, minute][name] if (day, minute) in found else None for minute in minutes]
            for day in weekdays
        ]

    most = max(0.05, float(errors["bias"].abs().quantile(0.95) or 0.0))
    figure = go.Figure(
        go.Heatmap(
            x=[f"{minute // 60:02}:{minute % 60:02}" for minute in minutes],
            y=[_DAYS[day - 1] for day in weekdays],
            z=grid("bias"), customdata=grid("wape"), zmin=-most, zmax=most, hoverongaps=False, xgap=1, ygap=1,
            colorscale=[(0.0, _LOW), (0.5, shade("#7d8590", 0.12)), (1.0, _HIGH)],
            colorbar={"tickformat": "+.0%", "thickness": 10, "outlinewidth": 0},
            hovertemplate="%{y} %{x}: forecast %{z:+.0%}, error %{customdata:.0%}<extra></extra>",
        )
    )  # fmt: skip
    style(figure, height=90 + 34 * len(weekdays))
    figure.update_layout(hovermode="closest")
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    figure.update_xaxes(type="category", nticks=13)
    worst = errors.sort(pl.col("bias").abs() * pl.col("contacts"), descending=True).row(0, named=True)
    at = f"{_DAYS[worst['weekday'] - 1]} {worst['local_minute'] // 60:02}:{worst['local_minute'] % 60:02}"
    side = "above" if worst["bias"] > 0 else "below"
    words = f"Bias by weekday and time; the largest is at {at}, {abs(worst['bias']):.0%} {side} what came."
    return describe(figure, words)


def origins_chart(origins: pl.DataFrame, *, horizon: str = "2 weeks") -> go.Figure:
    """Error of the forecast made on each day, beside that of the 4-week mean.

    Args:
        origins: Of ``forecasting.ORIGINS_SCHEMA``.
        horizon: How far ahead.
    """
    rows = origins.filter(horizon=horizon).drop_nulls("wape")
    if rows.is_empty():
        return empty_figure("No past forecasts to compare.")
    figure = go.Figure()
    for column, name, colour in (
        ("average_wape", "4-week mean", Colour.NEUTRAL),
        ("wape", "staffcast", Colour.MAIN),
    ):
        figure.add_trace(
            go.Scatter(
                x=rows["first_day"].to_list(), y=rows[column].to_list(), mode="lines+markers", name=name,
                line={"color": colour, "width": 2}, marker={"size": 6},
                hovertemplate="%{y:.1%} " + name + "<extra></extra>",
            )
        )  # fmt: skip
    style(figure, height=280)
    figure.update_yaxes(title_text=f"WAPE, {horizon} ahead", tickformat=".0%", rangemode="tozero")
    figure.update_xaxes(type="date", tickformat="%d %b", hoverformat="from %a %d %b %Y")
    better = int((rows["wape"] < rows["average_wape"]).sum())
    words = f"Of {rows.height} past forecasts {better} had a smaller error than the 4-week mean."
    return describe(figure, words)


def _area(edge: Iterable[tuple[str | None, float | None]], name: str, opacity: float) -> go.Scatter:
    points = list(edge)
    return go.Scatter(
        x=[place for place, _ in points], y=[bound for _, bound in points], fill="toself", mode="lines",
        fillcolor=shade(Colour.MAIN, opacity), line={"width": 0}, name=name, hoverinfo="skip",
    )  # fmt: skip


def _line(rows: pl.DataFrame, column: str, name: str, colour: str) -> go.Scatter:
    return go.Scatter(
        x=rows["local_date"].to_list(), y=rows[column].to_list(), mode="lines+markers", name=name,
        line={"color": colour, "width": 2}, marker={"size": 5},
        hovertemplate="%{y:.0f} " + name + "<extra></extra>",
    )  # fmt: skip
