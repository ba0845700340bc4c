"""A seeded generator of a chat desk, and a small packaged desk.

The desk is simulated at the level of single messages, so that handle times, waits and service levels are
consequences of staff and demand. Beside the interchange folder it writes `truth.json`: all parameters, the
values that the simulator itself realised, and the expected value of each estimator.

Example:
    >>> from staffcast_sample_data import DeskParameters
    >>> DeskParameters().queues
    ('sales-en', 'sales-de', 'support-en', 'support-de', 'billing-en', 'billing-de')
"""

from __future__ import annotations

from staffcast_sample_data.generate import GeneratedDesk, generate
from staffcast_sample_data.packaged import packaged_sample
from staffcast_sample_data.parameters import Department, DeskParameters, Topic

__all__ = ["Department", "DeskParameters", "GeneratedDesk", "Topic", "generate", "packaged_sample"]
