"""After Jervis 1976: spiral or deterrence, the same act read through a belief.

Citation    R. Jervis, Perception and Misperception in International Politics, 1976, ch. 3.
Claim       Concessions calm a state that seeks security and embolden one that seeks more; which of the two it is taken for decides
            whether firmness or accommodation is wise, and each further build-up seen moves that belief.
Reproduced  after the book: Bayes' belief that the other is greedy after one and three build-ups; in the composed mechanism,
            accommodation lowers a security seeker's gain from a challenge and raises a revisionist's, so that a belief exists at which
            it neither calms nor provokes on average; a build-up lowers the gain of a challenger that fear does not move, lowers that of a
            fearful one less, and raises it where it frightens enough: deterrence and spiral in one equation.
Equation    odds π/(1 − π)·(a_G/a_S)^n;   mean effect (1 − π)·k_S + π·k_G crosses nought at π* = k_S/(k_S − k_G)
Runs        mechanisms.learning.update; mechanisms.challenge by one step of the engine on the scenario crisis_bargaining.
Known       From memory; signs alone are compared for build-ups. The linear form of his verbal distinction is ours.
Caveat      In the mechanism accommodation meets the seeker's whole stake and a revisionist's none; the range of `weakness` begins at
            nought, where accommodating a revisionist does no harm.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from detente.contract import sigma
from detente.mechanisms.challenge import lottery
from detente.mechanisms.learning import update
from detente.replications._precision import double
from detente.replications._small import model_of
from detente.replications._step import quarter
from detente.replications.registry import Check, checks, flat, statements

STATUS = "after"
INPUTS: dict[str, Any] = {
    "prior": 0.3,
    "arms": {"greedy": 0.9, "seeker": 0.6},
    "build_ups": [1, 3],
    "firmness": {"built_up": 0.5, "fear": [0.6, 0.8], "insecure": 1.0},
    "challenge": {"rationality": 3.0, "weakness": 0.5, "revisionism": 0.5, "stake0[dispute]": 0.5, "stake_grievance": 0.2},
}
CHECKS: tuple[Check, ...] = (
    *checks({"greedy_after": [0.391304347826, 0.591240875912]}, "B04-posterior_greedy_*", rtol=1e-6),
    *statements(
        names=(
            "accommodation_calms_a_seeker",
            "accommodation_emboldens_a_revisionist",
            "a_belief_divides_them",
            "without_weakness_no_harm",
            "a_build_up_deters_who_is_not_moved_by_fear",
            "a_build_up_that_frightens_moves_a_fearful_seeker",
            "fear_blunts_deterrence",
        ),
        kind="numerical",
        origin="published",
    ),
)


def belief(build_ups: int) -> float:
    """Belief that the other is greedy, by the mechanism's update without forgetting."""
    with double():
        prior = INPUTS["prior"]
        odds = jnp.log(prior / (1.0 - prior))
        for _ in range(build_ups):
            odds = update(odds, jnp.log(INPUTS["arms"]["greedy"] / INPUTS["arms"]["seeker"]), 0.0, 0.0)
        return float(sigma(odds))


def effects(met: float = 1.0, weakness: float | None = None) -> tuple[float, float]:
    """Change of a challenger's gain by accommodation, for a seeker and for a revisionist."""
    model = model_of("crisis_bargaining", ["challenge"])
    values = dict(INPUTS["challenge"])
    if weakness is not None:
        values["weakness"] = weakness
    intent, lever = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, met, 0.0, met])
    gain = quarter(model, values, {"intent": intent}, 4, {"accommodation": lever})["gain"][0]
    return float(gain[1] - gain[0]), float(gain[3] - gain[2])


def firmness(insecure: float) -> tuple[float, float]:
    """Change of a seeker's gain by a build-up: at the same fear, and with the fear that it raises."""
    model, inputs = model_of("crisis_bargaining", ["challenge"]), INPUTS["firmness"]
    low, high = inputs["fear"]
    lever = np.array([0.0, inputs["built_up"], inputs["built_up"]])
    values = INPUTS["challenge"] | {"insecure": insecure}
    gain = quarter(model, values, {"intent": 0.0, "threat": np.array([low, low, high])}, 3, {"build_up": lever})["gain"][0]
    return float(gain[1] - gain[0]), float(gain[2] - gain[0])


def run() -> dict[str, float]:
    """Beliefs and signs."""
    seeker, revisionist = effects()
    (unmoved, unmoved_afraid), (deterred, afraid) = firmness(0.0), firmness(INPUTS["firmness"]["insecure"])
    even = seeker / (seeker - revisionist)
    return flat(
        "",
        {
            "greedy_after": [belief(n) for n in INPUTS["build_ups"]],
            "accommodation_calms_a_seeker": seeker < -0.01,
            "accommodation_emboldens_a_revisionist": revisionist > 0.01,
            "a_belief_divides_them": 0.0 < even < 1.0 and abs(float(lottery(even, seeker, revisionist))) < 1e-6,
            "without_weakness_no_harm": abs(effects(weakness=0.0)[1]) < 1e-6,
            "a_build_up_deters_who_is_not_moved_by_fear": unmoved < -0.01 and abs(unmoved - unmoved_afraid) < 1e-6,
            "a_build_up_that_frightens_moves_a_fearful_seeker": afraid > 0.01,
            "fear_blunts_deterrence": unmoved < deterred < 0.0,
        },
    )


def picture() -> Any:
    """Mean effect of accommodation on the gain from a challenge, by the belief that the other is a revisionist."""
    from detente.replications._plots import curves

    pi = np.linspace(0.0, 1.0, 51)
    lines = {f"accommodation {met:g}": np.asarray(lottery(pi, *effects(met))) for met in (0.3, 0.6, 1.0)}
    title = "The same concession calms or provokes"
    return curves(
        pi, lines, title, "belief that the other is a revisionist", "mean change of its gain from a challenge, utility", "share met"
    )
