from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl
import pytest

from staffcast_sample_data import DeskParameters
from staffcast_sample_data import layout as z
from staffcast_sample_data.texts import phrases, templates

if TYPE_CHECKING:
    from .conftest import WrittenDesk

GERMAN = r"(?i)\b(ich|sie|der|die|das|und|ist|wir|nicht|danke|bitte|kein|vielen|alles|ok|in ordnung)\b"
ENGLISH = r"(?i)\b(the|you|your|and|is|we|not|thanks|thank|please|with|my)\b"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("topic", [topic.name for topic in DeskParameters().topics])
def test_every_kind_can_be_said_on_every_topic(language: str, topic: str) -> None:
    for kind in range(len(z.MESSAGE_KINDS)):
        choices = templates(language, topic, kind)
        assert choices
        assert all(choice.strip() for choice in choices)


def test_both_languages_have_the_same_phrases() -> None:
    def shape(language: str) -> dict[str, set[str]]:
        return {group: set(kinds) for group, kinds in phrases(language).items()}

    assert shape("en") == shape("de")


def test_texts_are_in_the_language_of_the_conversation(desk: WrittenDesk) -> None:
    joined = desk["messages"].join(
        desk["conversations"].select("conversation_id", "language"), on="conversation_id"
    )
    whole = joined.group_by("conversation_id", "language").agg(pl.col("text").str.join(" "))
    counted = whole.with_columns(
        german=pl.col("text").str.count_matches(GERMAN), english=pl.col("text").str.count_matches(ENGLISH)
    )
    spoken_german = counted["german"] > counted["english"]
    assert (spoken_german == (counted["language"] == "de")).mean() > 0.99


def test_texts_fit_the_topic(desk: WrittenDesk) -> None:
    parcels = desk["conversations"].filter(
        (pl.col("topic") == "delivery_status") & (pl.col("language") == "en")
    )
    openers = (
        desk["messages"]
        .filter(pl.col("sender_type") == "customer")
        .join(parcels.select("conversation_id"), on="conversation_id")
        .unique("conversation_id", keep="first", maintain_order=True)["text"]
    )
    assert openers.str.contains("(?i)parcel|tracking|order|delivered").all()


def test_texts_hardly_repeat(desk: WrittenDesk) -> None:
    said = (
        desk["messages"]
        .filter(pl.col("sender_type") == "customer")
        .group_by("conversation_id")
        .agg(n=pl.len(), distinct=pl.col("text").n_unique())
    )
    assert said["distinct"].sum() / said["n"].sum() > 0.97
    openers = (
        desk["messages"].filter(pl.col("sender_type") == "customer").unique("conversation_id", keep="first")
    )
    assert openers["text"].n_unique() / openers.height > 0.6


def test_only_invented_hosts_and_numbers_appear(desk: WrittenDesk) -> None:
    text = "\n".join(desk["messages"]["text"]) + "\n".join(desk["customers"]["email"])
    assert set(re.findall(r"[\w.-]+@([\w.-]+\w)", text)) == {"example.com"}
    assert set(re.findall(r"https?://([\w.-]+)", text)) == {"www.example.com"}
    phones = re.findall(r"\+[\d ]{8,}\d", text + "\n".join(desk["customers"]["phone"]))
    assert phones
    assert all(phone.startswith(("+44 20 7946 0", "+49 30 23125 ")) for phone in phones)


def test_no_gap_is_left_unfilled(desk: WrittenDesk) -> None:
    assert not desk["messages"]["text"].str.contains(r"[{}]").any()


def test_canned_and_automatic_messages_are_marked(desk: WrittenDesk) -> None:
    by_agent = desk["messages"].filter(pl.col("sender_type") == "agent")
    assert 0.1 < by_agent["is_canned"].mean() < 0.4
    assert by_agent["is_auto"].any()
    assert by_agent.filter(pl.col("visibility") == "private").height > 0
