"""Required agents: Erlang B, C, A and Erlang Chat.

State the demand as a `ChatQueue`, ask for its `performance` with some agents or for the
`required_agents` of a `Target`; everything takes rows of hours, queues and what-ifs at once.
"""

from __future__ import annotations

from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing.approximations import (
    HourByHour,
    hour_by_hour,
    lagged_agents,
    offered_load_agents,
    stationary_agents,
)
from staffcast.staffing.blend import BlendedPlan, LiveWork, blended_plan
from staffcast.staffing.concurrency import ConcurrencyChoice, LimitOption, best_concurrency
from staffcast.staffing.day import DayPerformance, day_performance
from staffcast.staffing.day_bound import fewest_agent_hours
from staffcast.staffing.day_plan import StaffingRules, day_plan
from staffcast.staffing.deferrable import DeferrablePlan, deferrable_plan, spare_work_s
from staffcast.staffing.distribution import WaitDistribution, wait_distribution, wait_quantile_s
from staffcast.staffing.erlang_b import blocked_share
from staffcast.staffing.erlang_r import ReturningLoad, returning_load, square_root_agents
from staffcast.staffing.parking import ParkedThreads
from staffcast.staffing.patience import PatienceCurve
from staffcast.staffing.performance import QueuePerformance, performance
from staffcast.staffing.pooling import PoolingBounds, pooled_queue, pooling_bounds
from staffcast.staffing.queues import ChatQueue, throughput_peak_level
from staffcast.staffing.redials import (
    RedialPerformance,
    redial_performance,
    required_agents_with_redials,
)
from staffcast.staffing.replies import ReplyModel
from staffcast.staffing.required import required_agents, required_agents_fractional
from staffcast.staffing.routing import Routing, RoutingCheck, check_routing, exact_performance
from staffcast.staffing.sensitivity import Sensitivity, sensitivity
from staffcast.staffing.shrinkage import Shrinkage, scheduled_agents
from staffcast.staffing.sticky_returns import (
    StickyPerformance,
    required_agents_sticky,
    sticky_performance,
)
from staffcast.staffing.targets import Target
from staffcast.staffing.uncertainty import (
    UncertainPerformance,
    arrival_weighted,
    required_agents_uncertain,
    uncertain_performance,
)

__all__ = [
    "BlendedPlan",
    "ChatQueue",
    "ConcurrencyChoice",
    "DayPerformance",
    "DeferrablePlan",
    "HourByHour",
    "LimitOption",
    "LiveWork",
    "ParkedThreads",
    "PatienceCurve",
    "PoolingBounds",
    "QueuePerformance",
    "RedialPerformance",
    "ReplyModel",
    "ReturningLoad",
    "Routing",
    "RoutingCheck",
    "Sensitivity",
    "ServiceLevelConvention",
    "Shrinkage",
    "StaffingRules",
    "StickyPerformance",
    "Target",
    "UncertainPerformance",
    "WaitDistribution",
    "arrival_weighted",
    "best_concurrency",
    "blended_plan",
    "blocked_share",
    "check_routing",
    "day_performance",
    "day_plan",
    "deferrable_plan",
    "exact_performance",
    "fewest_agent_hours",
    "hour_by_hour",
    "lagged_agents",
    "offered_load_agents",
    "performance",
    "pooled_queue",
    "pooling_bounds",
    "redial_performance",
    "required_agents",
    "required_agents_fractional",
    "required_agents_sticky",
    "required_agents_uncertain",
    "required_agents_with_redials",
    "returning_load",
    "scheduled_agents",
    "sensitivity",
    "spare_work_s",
    "square_root_agents",
    "stationary_agents",
    "sticky_performance",
    "throughput_peak_level",
    "uncertain_performance",
    "wait_distribution",
    "wait_quantile_s",
]
