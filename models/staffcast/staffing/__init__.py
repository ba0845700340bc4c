"""Required agents: Erlang B, C, A and Erlang Chat.

State the demand as a `ChatQueue`, ask for its `performance` with some agents or for the
`required_agents` of a `Target`; everything takes rows of hours, queues and what-ifs at once.
"""

from __future__ import annotations

from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.concurrency import ConcurrencyChoice, LimitOption, best_concurrency
from staffcast.staffing.distribution import WaitDistribution, wait_distribution, wait_quantile_s
from staffcast.staffing.erlang_b import blocked_share
from staffcast.staffing.patience import PatienceCurve
from staffcast.staffing.performance import QueuePerformance, performance
from staffcast.staffing.queues import ChatQueue, throughput_peak_level
from staffcast.staffing.replies import ReplyModel
from staffcast.staffing.required import required_agents, required_agents_fractional
from staffcast.staffing.routing import Routing, RoutingCheck, check_routing, exact_performance
from staffcast.staffing.sensitivity import Sensitivity, sensitivity
from staffcast.staffing.shrinkage import Shrinkage, scheduled_agents
from staffcast.staffing.targets import Target

__all__ = [
    "ChatQueue",
    "ConcurrencyChoice",
    "LimitOption",
    "PatienceCurve",
    "QueuePerformance",
    "ReplyModel",
    "Routing",
    "RoutingCheck",
    "Sensitivity",
    "ServiceLevelConvention",
    "Shrinkage",
    "Target",
    "WaitDistribution",
    "best_concurrency",
    "blocked_share",
    "check_routing",
    "exact_performance",
    "performance",
    "required_agents",
    "required_agents_fractional",
    "scheduled_agents",
    "sensitivity",
    "throughput_peak_level",
    "wait_distribution",
    "wait_quantile_s",
]
