"""The messages that one agent owes: a machine-repair queue with wrap-up as a phase of its own.

An agent holds k chats. Each is with its customer (for a mean z), or owed a reply (work of mean s), and after
its last reply, one of m, it is wrapped up (mean w) and its slot taken by the next chat, whose first message
is owed at once. With j chats owed, a_j = (k - j) / z messages arrive a second. Let r_j be the share of time
in wrap-up over that at a reply, both with j owed. Flows across each cut and into each wrap-up give

    r_{j+1} = w (1/m + (1 - 1/m) r_j / (1 + r_j)) / (s (1 + w a_{j+1})),    r_0 = 0,
    p(reply, j + 1) = p(reply, j) (1 + r_j) a_j s / (1 - 1/m),

where no term is negative. Without wrap-up these are the shares of the machine-repair queue, proportional to
k! / (k - j)! (m s / ((m - 1) z))^j, and a message finds those of k - 1 chats.

Source: Campello, Ingolfsson, Shumsky, "Queueing models of case managers", Management Science, 2017, for the
queue; the phase of the wrap-up by balance of flows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import gammaincc

if TYPE_CHECKING:
    from staffcast.staffing.inputs import Array
    from staffcast.staffing.replies import ReplyModel

__all__ = ["Owed", "Phases", "late_shares", "mean_reply_s", "owed"]

_ALL_DONE = 60
_NO_WRAP_UP = 1e-12
"""Of the work on a reply: nothing that a float could tell."""


class Phases(NamedTuple):
    """Shares by number of messages, while the agent replies (or is idle) and while in wrap-up.

    Rows are chats held, columns messages: of the agent's time the messages owed, of new messages those
    found ahead.
    """

    replying: Array
    wrapping: Array


class Owed(NamedTuple):
    """What an agent owes who holds 0, 1, .. chats."""

    time: Phases
    found: Phases
    """By new messages; the row of no chats is empty."""


def owed(model: ReplyModel, most: int) -> Owed:
    """Solve the agent's queue for 0 .. ``most`` chats at once."""
    held, number = np.arange(most + 1)[:, None], np.arange(most + 1)
    if model.customer_s == 0:
        return _all_owed(model, (number == held).astype(np.float64))
    last = 1 / model.turns
    think_s = model.customer_s / (model.turns - 1)
    left = np.maximum(held - number, 0.0)
    closing = np.zeros_like(left)
    ratio = np.zeros_like(left)
    for j in range(1, most + 1):
        again = (1 - last) * ratio[:, j - 1] / (1 + ratio[:, j - 1])
        undisturbed = think_s / (think_s + model.wrap_up_s * left[:, j])
        closing[:, j] = (last + again) / model.work_s * undisturbed
        ratio[:, j] = model.wrap_up_s * closing[:, j]
    with np.errstate(divide="ignore"):
        growth = np.log(left[:, :-1]) + np.log1p(ratio[:, :-1])
    growth += np.log(model.turns * model.work_s) - np.log(model.customer_s)
    log_weight = np.pad(np.cumsum(growth, axis=1), ((0, 0), (1, 0)))
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    replying = weight / (weight * (1 + ratio)).sum(axis=1, keepdims=True)
    time = Phases(replying, replying * ratio)
    after_closing = np.pad(replying * closing, ((0, 0), (0, 1)))[:, 1:] * think_s
    return Owed(time, _by_row(Phases(replying * left + after_closing, time.wrapping * left)))


def _all_owed(model: ReplyModel, at_all: Array) -> Owed:
    """Every chat always waits for the agent."""
    wrapping = at_all * model.wrap_up_s / model.effort_s
    wrapping[0] = 0.0
    ahead = np.pad(at_all, ((0, 0), (0, 1)))[:, 1:]
    return Owed(Phases(at_all - wrapping, wrapping), Phases(ahead, np.zeros_like(ahead)))


def _by_row(flows: Phases) -> Phases:
    total = (flows.replying + flows.wrapping).sum(axis=1, keepdims=True)
    total = np.where(total > 0, total, 1.0)
    return Phases(flows.replying / total, flows.wrapping / total)


def late_shares(model: ReplyModel, time_s: Array, most: int) -> Phases:
    """P(reply > time) behind 0 .. ``most`` - 1 messages, along a new last axis, by the phase of the first."""
    ahead = np.arange(most)
    if model.wrap_up_s <= _NO_WRAP_UP * model.work_s:
        late = np.asarray(gammaincc(ahead + 1, time_s[..., None] / model.work_s))
        return Phases(late, late)
    from scipy.linalg import expm

    # From the most ahead to none, so that the flows are triangular and their exponential keeps its digits.
    done, last = 2 * most - 1, 1 / model.turns
    flow = np.zeros((done + 1, done + 1))
    for i in ahead:
        reply, wrap, after = done - 2 * i - 1, done - 2 * i, done - 2 * i + 1
        if i == 0:
            flow[reply, done] = 1 / model.work_s
        else:
            flow[reply, wrap] = last / model.work_s
            flow[reply, after] = (1 - last) / model.work_s
            flow[wrap, after] = 1 / model.wrap_up_s
    flow -= np.diag(flow.sum(axis=1))
    # A time in which all is done but for e^-60 stands for longer ones, whose flows are no numbers.
    enough_s = np.minimum(time_s, _ALL_DONE * most * (model.work_s + model.wrap_up_s))
    passed = expm(flow * enough_s[..., None, None])
    still = np.flip(passed[..., :-1].sum(axis=-1)[..., :-1], axis=-1)
    return Phases(still[..., ::2], np.pad(still[..., 1::2], [(0, 0)] * time_s.ndim + [(1, 0)]))


def mean_reply_s(model: ReplyModel, most: int) -> Phases:
    """Mean time to the reply behind 0 .. ``most`` - 1 messages, by the phase of the first."""
    ahead = np.arange(most)
    each = model.effort_s / model.turns
    own = np.asarray(model.work_s + ahead * each, dtype=np.float64)
    return Phases(own, np.asarray(own - each + model.wrap_up_s, dtype=np.float64))
