"""Every number that shapes the sample desk, in one frozen record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

LANGUAGES = ("en", "de")


@dataclass(frozen=True)
class Topic:
    """One reason to write.

    Attributes:
        name: Label in the `topic` columns.
        share: Relative frequency within the department.
        turns: Mean number of customer turns that need a human reply.
        work_s: Median seconds an average agent needs to compose one reply.
        resolve_share: Probability that an ordinary conversation settles the issue.
        bot_share: Probability that the bot understands a message of this topic.
        transfer_share: Probability, per reply, of a transfer to `transfer_to`.
        transfer_to: Department that takes transferred chats (empty = never).
        escalate_share: Probability that the conversation ends in a call or an email.
        cobrowse_share: Probability that an answer is given while co-browsing.
    """

    name: str
    share: float
    turns: float
    work_s: float
    resolve_share: float
    bot_share: float
    transfer_share: float = 0.0
    transfer_to: str = ""
    escalate_share: float = 0.02
    cobrowse_share: float = 0.0


@dataclass(frozen=True)
class Department:
    """One department: two queues (a language each), its hours, demand and topics.

    Attributes:
        name: Queue names are `<name>-<language>`.
        hours: Local opening spans `("HH:MM", "HH:MM")` for Monday to Sunday.
        dates: Spans of single local dates `YYYY-MM-DD` that replace the weekly ones.
        conversations_per_week: New issues in an average week at scale 1, without repeats.
        weekday: Relative demand, Monday to Sunday.
        hourly: Relative demand of the local hours 0 to 23.
        german_share: Share of the demand that is in German.
        patience_s: Mean of the exponential patience in the queue, (English, German).
        night_bot: The bot answers while the department is closed.
        topics: Reasons to write.
    """

    name: str
    hours: tuple[tuple[tuple[str, str], ...], ...]
    dates: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    conversations_per_week: float
    weekday: tuple[float, ...]
    hourly: tuple[float, ...]
    german_share: float
    patience_s: tuple[float, float]
    night_bot: bool
    topics: tuple[Topic, ...]


_SALES_TOPICS = (
    Topic("product_advice", 0.22, 4.6, 60, 0.86, 0.30, cobrowse_share=0.02),
    Topic("pricing_quote", 0.16, 3.8, 65, 0.84, 0.34),
    Topic("stock_availability", 0.14, 2.4, 42, 0.90, 0.58),
    Topic("order_change", 0.11, 3.2, 57, 0.82, 0.22, 0.03, "billing"),
    Topic("trial_account", 0.10, 3.4, 52, 0.86, 0.45),
    Topic("volume_discount", 0.08, 4.2, 73, 0.80, 0.15, 0.02, "billing", 0.08),
    Topic("delivery_options", 0.11, 2.6, 44, 0.90, 0.60),
    Topic("contract_terms", 0.08, 4.4, 78, 0.78, 0.18, 0.02, "billing", 0.06),
)
_SUPPORT_TOPICS = (
    Topic("login_problem", 0.17, 3.4, 52, 0.86, 0.52, cobrowse_share=0.03),
    Topic("delivery_status", 0.17, 2.6, 44, 0.86, 0.62),
    Topic("setup_help", 0.13, 5.2, 75, 0.80, 0.28, cobrowse_share=0.12),
    Topic("defect_return", 0.12, 4.4, 65, 0.80, 0.30, 0.02, "billing", 0.04),
    Topic("connection_lost", 0.11, 5.0, 70, 0.74, 0.30, cobrowse_share=0.06),
    Topic("app_crash", 0.08, 4.6, 70, 0.72, 0.24, escalate_share=0.05),
    Topic("data_export", 0.06, 3.8, 65, 0.82, 0.38, cobrowse_share=0.05),
    Topic("account_change", 0.08, 3.2, 55, 0.88, 0.40, 0.02, "billing"),
    Topic("warranty", 0.05, 3.8, 62, 0.80, 0.36, escalate_share=0.05),
    Topic("complaint", 0.03, 5.4, 86, 0.60, 0.08, escalate_share=0.16),
    Topic("service_outage", 0.0, 2.4, 39, 0.70, 0.30, escalate_share=0.01),
)
_BILLING_TOPICS = (
    Topic("invoice_question", 0.24, 3.4, 60, 0.86, 0.34),
    Topic("payment_failed", 0.17, 3.6, 60, 0.80, 0.36, 0.02, "support"),
    Topic("refund_status", 0.18, 3.2, 55, 0.80, 0.46, escalate_share=0.04),
    Topic("double_charge", 0.10, 4.0, 70, 0.76, 0.20, escalate_share=0.06),
    Topic("cancel_subscription", 0.11, 3.8, 62, 0.84, 0.30, 0.03, "sales"),
    Topic("payment_method", 0.10, 2.8, 47, 0.90, 0.50),
    Topic("tax_details", 0.06, 3.4, 65, 0.82, 0.24),
    Topic("dunning_notice", 0.04, 4.2, 73, 0.72, 0.14, escalate_share=0.08),
)

_NINE_TO_EIGHT = (("09:00", "20:00"),)
_EIGHT_TO_TEN = (("08:00", "22:00"),)
_NINE_TO_FIVE = (("09:00", "17:00"),)

DEPARTMENTS = (
    Department(
        name="sales",
        hours=(*(_NINE_TO_EIGHT,) * 5, (("09:00", "14:00"),), ()),
        dates=(("2026-10-03", ()), ("2026-10-31", (("10:00", "14:00"),))),
        conversations_per_week=1300,
        weekday=(1.15, 1.08, 1.02, 1.0, 0.95, 0.62, 0.25),
        hourly=(2, 1, 1, 0.5, 0.5, 1, 2, 4, 7, 17, 25, 27, 24, 22, 24, 26, 25, 23, 21, 17, 9, 7, 5, 3),
        german_share=0.42,
        patience_s=(210, 240),
        night_bot=True,
        topics=_SALES_TOPICS,
    ),
    Department(
        name="support",
        hours=(_EIGHT_TO_TEN,) * 7,
        dates=(("2026-10-03", (("10:00", "18:00"),)),),
        conversations_per_week=2480,
        weekday=(1.24, 1.1, 1.03, 1.0, 0.98, 0.82, 0.83),
        hourly=(3, 2, 1, 1, 1, 2, 4, 7, 18, 28, 34, 33, 29, 27, 28, 29, 29, 30, 32, 33, 28, 18, 8, 5),
        german_share=0.38,
        patience_s=(300, 330),
        night_bot=True,
        topics=_SUPPORT_TOPICS,
    ),
    Department(
        name="billing",
        hours=(*(_NINE_TO_FIVE,) * 5, (), ()),
        dates=(("2026-10-03", ()),),
        conversations_per_week=780,
        weekday=(1.3, 1.08, 1.0, 0.92, 0.85, 0.3, 0.3),
        hourly=(0, 0, 0, 0, 0, 0, 1, 4, 9, 22, 29, 28, 22, 21, 25, 26, 21, 12, 8, 6, 4, 3, 1, 0),
        german_share=0.40,
        patience_s=(360, 390),
        night_bot=False,
        topics=_BILLING_TOPICS,
    ),
)


@dataclass(frozen=True)
class DeskParameters:
    """All parameters of the generator; times in seconds, shares in 0..1.

    Medians belong to lognormal laws, whose spread is the matching `_sigma`.
    """

    end_date: date = date(2026, 11, 16)
    timezone: str = "Europe/Berlin"
    departments: tuple[Department, ...] = DEPARTMENTS
    replications: int | None = None

    # demand
    day_factor_cv: float = 0.08
    weekly_trend_share: float = 0.005
    messaging_share: float = 0.24
    outbound_share: float = 0.012
    test_share: float = 0.002
    anonymous_share: float = 0.05
    customers_per_conversation: float = 0.62
    business_share: float = 0.28
    outage_day_share: float = 0.55
    outage_start_hour: float = 10.5
    outage_hours: float = 1.0
    outage_echo_hours: float = 2.5
    outage_echo_factor: float = 2.2

    # bot
    bot_share: tuple[float, float, float] = (0.62, 0.74, 0.55)
    bot_confirm_share: float = 0.24
    bot_leave_share: float = 0.26
    bot_human_share: float = 0.30
    bot_fallback_leave_share: float = 0.12
    bot_fallback_human_share: float = 0.58
    bot_resolve_shares: tuple[float, float, float] = (0.94, 0.62, 0.08)

    # customer
    silent_share: float = 0.25
    silent_timeout_s: float = 900.0
    think_s: float = 46.0
    think_sigma: float = 0.75
    burst_share: float = 0.24
    burst_gap_s: float = 7.0
    vanish_share: float = 0.02
    thanks_share: float = 0.72
    long_think_share: float = 0.20
    long_think_s: float = 5400.0
    long_think_sigma: float = 1.1
    reopen_share: float = 0.025
    reopen_delay_s: float = 2400.0
    repeat_unresolved_share: float = 0.55
    repeat_abandoned_share: float = 0.50
    repeat_resolved_share: float = 0.02
    repeat_delay_s: float = 72000.0
    repeat_delay_sigma: float = 1.1
    repeat_chat_share: float = 0.58
    repeat_phone_share: float = 0.26

    # agent
    reply_sigma: float = 0.62
    canned_share: float = 0.22
    canned_work_s: float = 9.0
    greeting_work_factor: float = 0.7
    farewell_work_s: float = 10.0
    farewell_share: float = 0.75
    two_part_share: float = 0.28
    ring_s: float = 3.5
    ring_sigma: float = 0.6
    ring_timeout_s: float = 30.0
    missed_share: float = 0.012
    auto_greeting_share: float = 0.45
    wrap_share: float = 0.55
    wrap_s: float = 38.0
    wrap_sigma: float = 0.7
    note_share: float = 0.30
    speed_sigma: float = 0.16
    quality_sd: float = 0.04
    limits: tuple[int, ...] = (3, 4, 3, 3, 4)
    long_drain_s: float = 1800.0

    # platform
    live_close_s: float = 240.0
    park_after_s: float = 600.0
    expire_s: float = 86400.0

    # roster
    work_occupancy: float = 0.62
    productive_share: float = 0.80
    bilingual_share: float = 0.75
    cross_skill_share: float = 0.35
    sick_share: float = 0.03
    meeting_weekday: int = 2
    training_share: float = 0.06

    # surveys, other channels, money
    survey_share: float = 0.85
    survey_answer_share: float = 0.26
    csat_base: float = 2.25
    other_contacts_share: float = 0.22
    hourly_cost: float = 31.0
    bot_price: float = 0.79

    # definitions
    target_s: float = 45.0
    target_share: float = 0.80
    reply_target_s: float = 120.0
    short_abandon_s: float = 10.0
    fcr_window_days: int = 7
    active_s: float = 300.0

    @property
    def topics(self) -> tuple[Topic, ...]:
        """Topics of all departments in order; the position is the topic's code."""
        return tuple(topic for department in self.departments for topic in department.topics)

    @property
    def queues(self) -> tuple[str, ...]:
        """Queue names; the position is the queue's code (department * 2 + language)."""
        return tuple(f"{d.name}-{language}" for d in self.departments for language in LANGUAGES)

    def queue_hours(self, queue: int) -> Department:
        """Department whose hours rule a queue code."""
        return self.departments[queue // len(LANGUAGES)]
