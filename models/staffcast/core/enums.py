"""Vocabularies shared by all layers: they name things in files, tables, results and on screen."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["EVENT_ORDER", "Clock", "Cohort", "EventType", "Mode", "NullReason", "SenderType"]


class SenderType(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Mode(StrEnum):
    """A live chat ends with the visit; a messaging thread parks and resumes."""

    LIVE = "live"
    MESSAGING = "messaging"


class EventType(StrEnum):
    """What happened to a conversation, in the order that holds at equal instants."""

    CREATED = "created"
    CLOSED = "closed"
    PARKED = "parked"
    SNOOZED = "snoozed"
    TRANSFERRED = "transferred"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    MISSED = "missed"
    ACCEPTED = "accepted"
    RESUMED = "resumed"
    REOPENED = "reopened"
    BOT_HANDOFF = "bot_handoff"
    ESCALATED = "escalated"
    COBROWSE_STARTED = "cobrowse_started"
    COBROWSE_ENDED = "cobrowse_ended"
    WRAPUP_STARTED = "wrapup_started"
    WRAPUP_ENDED = "wrapup_ended"
    ABANDONED = "abandoned"
    SURVEY_SENT = "survey_sent"


EVENT_ORDER: dict[str, int] = {event.value: rank for rank, event in enumerate(EventType)}
"""Rank of each event type at equal instants."""


class Clock(StrEnum):
    """Which seconds count: all of them, or those in which the queue is open."""

    BUSINESS = "business"
    CALENDAR = "calendar"


class Cohort(StrEnum):
    """Which moment decides the period that a conversation belongs to."""

    START = "start"
    QUEUE = "queue"
    CLOSE = "close"
    RESPONSE = "response"
    """When the survey was answered."""
    OVERLAP = "overlap"
    SNAPSHOT = "snapshot"
    """What stands at the end of the period."""


class NullReason(StrEnum):
    """Why a result has no value."""

    NO_COLUMN = "no_column"
    ALL_NULL = "all_null"
    DENOMINATOR_ZERO = "denominator_zero"
    WINDOW_CENSORED = "window_censored"
    NO_CALENDAR = "no_calendar"
    PARTIAL_SOURCE = "partial_source"
    BELOW_MIN_N = "below_min_n"
    SUPPRESSED = "suppressed"
