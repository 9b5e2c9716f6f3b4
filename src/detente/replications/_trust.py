"""Kydd's trust game in the mechanism's terms: what two papers share."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.optimize import brentq

from detente.mechanisms.joint_work import gain, price
from detente.mechanisms.learning import update

Payoffs = Mapping[str, float]
"""R both cooperate, T own defection alone, P both defect, S the other's alone."""


def cooperation_gain(trust: float, payoffs: Payoffs) -> float:
    """Gain of cooperating over defecting at a trust, as the mechanism reckons it: R − T the benefit, distrust costs what betrayal adds."""
    benefit, betrayal = payoffs["R"] - payoffs["T"], payoffs["P"] - payoffs["S"]
    return float(gain(benefit, 1.0, 1.0, price(0.0, benefit + betrayal, 1.0 - trust)))


def minimum_trust(payoffs: Payoffs) -> float:
    """Trust at which the mechanism's gain of cooperating is zero."""
    return brentq(cooperation_gain, 0.0, 1.0, args=(payoffs,), xtol=1e-14)


def logit(p: float) -> float:
    """Log-odds."""
    return float(np.log(p) - np.log1p(-p))


def learn(belief: float, likelihood_ratio: float) -> float:
    """Belief after an act, by the mechanism's update without forgetting."""
    return float(1.0 / (1.0 + np.exp(-update(logit(belief), np.log(likelihood_ratio), 0.0, 0.0))))
