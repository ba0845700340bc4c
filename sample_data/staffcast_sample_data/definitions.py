"""What each true value means; the words go into truth.json."""

from __future__ import annotations

DEFINITIONS = {
    "offered": "inbound conversations (not outreach, not test) with at least one queued event",
    "answered": "offered conversations accepted at least once",
    "abandoned": "offered conversations that left the queue before the first accept (abandoned event)",
    "short_abandoned": "abandoned after a wait below short_abandon_s",
    "abandonment_rate": "abandoned without short ones / (answered + abandoned without short ones)",
    "queue_wait_mean_s": "mean of first accepted - first queued over answered conversations",
    "queue_wait_median_s": "median (type 7) of first accepted - first queued over answered conversations",
    "queue_wait_p90_s": "90 % quantile (type 7) of first accepted - first queued over answered conversations",
    "service_level": "answered with a wait <= target_s / (answered + abandoned without short ones)",
    "frt_human_mean_s": "mean of first public, non-automatic agent message - first queued; offered, replied",
    "frt_human_median_s": "median (type 7) of the human first-response time",
    "frt_human_p90_s": "90 % quantile (type 7) of the human first-response time",
    "response_time_mean_s": (
        "mean over turns (first unanswered customer message to the next public, non-automatic agent "
        "message), without the first turn of each conversation; unanswered turns left out; all "
        "conversations"
    ),
    "response_time_median_s": "median (type 7) over the same turns",
    "response_time_p90_s": "90 % quantile (type 7) over the same turns",
    "replies_within_target": (
        "turns as in response_time answered within reply_target_s / those turns answered"
    ),
    "patience_naive_s": "(waits of answered + waits of abandoned) / abandoned: biased by silent abandonment",
    "reopen_rate": "answered and closed conversations with a reopened event / answered and closed",
    "silent_abandoned": (
        "answered conversations whose customer had left the queue unnoticed (known to the simulator)"
    ),
    "handle_time_mean_s": (
        "per closed conversation that an agent had: sum over legs of release - accept without parked "
        "time, plus finished wrap-up"
    ),
    "handle_time_with_parked_mean_s": "the same with parked time counted",
    "wrap_up_mean_s": "finished wrap-up per closed conversation that an agent had",
    "engaged_time_mean_s": (
        "per closed conversation that an agent had: integral of 1 / (open, not parked chats of the agent) "
        "over its time in a slot"
    ),
    "effort_time_mean_s": (
        "per closed conversation that an agent had: integral of 1 / (chats of the agent with a message "
        "owed) over the time in a slot during which a message is owed"
    ),
    "transfer_rate": "closed conversations that an agent had with a transferred event / those conversations",
    "escalated_out_rate": (
        "closed conversations that an agent had with an escalated event / those conversations"
    ),
    "csat": "answers of 4 or 5 / answers, all surveys (the bot's too)",
    "csat_response_rate": "surveys with an answer / surveys sent",
    "fcr_7d": (
        "inbound, accepted, known customer, first close at least 7 days before as_of, no contact of the "
        "same customer on the same topic in the 7 days before the start; settled = not reopened, not "
        "escalated, no such contact in any channel (bot chats too) in (first close, first close + 7 d]"
    ),
    "containment": "bot-involved, ended, never queued / bot-involved, ended",
    "answered_by_bot": (
        "contained with at least one real answer (bot_outcome confirmed or assumed) / bot-involved, ended"
    ),
    "bot_billed": "conversations billed by the bot (confirmed or assumed)",
    "verified_deflection_7d": (
        "contained with a real answer, no survey below 4, no contact of the same customer on the same "
        "topic in any channel in (close, close + 7 d] / bot-involved, ended, close at least 7 days before "
        "as_of; anonymous customers have no known contact and so pass"
    ),
    "verified_deflection_known_7d": "the same without anonymous customers in numerator and denominator",
    "open_concurrency_mean": (
        "chat-seconds in slots / seconds of agents with at least one chat (accept to release, parked time "
        "out)"
    ),
    "active_concurrency_mean": (
        "the same for active chats: in a slot, and a message owed or the last public, non-automatic "
        "message of customer or agent at most active_s ago"
    ),
    "open_seconds_at_k": "seconds of agents with exactly k open chats",
    "active_seconds_at_k": "seconds of agents with exactly k active chats",
    "handle_at_open_k_s": (
        "k * seconds of agents with k open chats / releases (close or transfer, not parking) of a chat in "
        "a slot while its agent has k, itself counted"
    ),
    "patience_mean_s": "mean of the exponential patience that the simulator draws from, per queue",
}


def definition_of(name: str) -> str:
    """Definition of a measure, whatever its queue or level."""
    base = name.split("@")[0]
    words = ["k" if word.isdigit() else word for word in base.split("_")]
    return DEFINITIONS.get(base) or DEFINITIONS["_".join(words)]
