"""The works-council profile: no person, and no group below a minimum size, appears through any door.

Three steps see to it. What is loaded stores agents under keyed hashes; what is published holds neither these
hashes nor names, but a random label per agent and day; and what is asked for is answered only where enough
agents stand behind it (``staffcast.metrics.suppression``). A lock makes the profile a property of the data.
"""

from __future__ import annotations

from staffcast_pipelines.works_council.policy import Profile, lock, profile, pseudonymises, record, unlock
from staffcast_pipelines.works_council.publishing import apply_profile, forget_earlier
from staffcast_pipelines.works_council.stored import prepare, pseudonymise_stored

__all__ = [
    "Profile",
    "apply_profile",
    "forget_earlier",
    "lock",
    "prepare",
    "profile",
    "pseudonymise_stored",
    "pseudonymises",
    "record",
    "unlock",
]
