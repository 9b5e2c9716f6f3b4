"""Does `detente calibrate` find the coefficients that a panel was made from? Simulated panels on the true states, means and rivals of 1870–1938.

    python benchmarks/studies/richardson.py [PANELS] [MINUTES]        goes on where it was stopped; result in results/richardson.json

Coefficients are drawn anew for each panel; every other panel is seen with an error of measurement of 5 per cent that the fit does not know of. Prints, per
coefficient, how many true values lie inside the middle half and the middle nine tenths, the mean error, and the rank of the truth.
"""

import sys

from detente.engine.setup import prepare

prepare(1)

import numpy as np  # noqa: E402
from _common import work  # noqa: E402

from detente.analysis import calibrate  # noqa: E402
from detente.analysis import calibrate_richardson as richardson  # noqa: E402
from detente.analysis.calibrate_fit import Effort  # noqa: E402
from detente.analysis.claims.world import load_world  # noqa: E402

EPOCHS = (1, 2)
EFFORT = Effort(chains=2, warmup=300, draws=300)
LOOKED_AT = ("answer", "answer_spread", "log_fatigue", "fatigue_spread", "burden_spread")


def truth(rng: np.random.Generator, error: float) -> richardson.Truth:
    return richardson.Truth(
        answer=rng.uniform(-0.05, 0.3),
        answer_spread=rng.uniform(0.02, 0.15),
        fatigue=float(np.exp(rng.uniform(np.log(0.02), np.log(0.3)))),
        fatigue_spread=rng.uniform(0.2, 0.6),
        burden=-0.5,
        burden_spread=rng.uniform(0.3, 0.8),
        noise=rng.uniform(0.08, 0.15),
        tail=rng.uniform(0.6, 4.0),
        start_spread=rng.uniform(0.3, 0.9),
        error=error,
    )


def one(k: int) -> dict[str, object]:
    """A panel: for each coefficient the truth, its share of draws below, and quantiles."""
    real = truth(np.random.default_rng([20261125, k]), 0.05 * (k % 2))
    panel = richardson.panel(richardson.told(load_world(), real, k, EPOCHS), epochs=EPOCHS)
    draws = calibrate.fit_richardson(panel, k + 1, EFFORT)
    known = {name: getattr(real, name.removeprefix("log_")) for name in LOOKED_AT}
    known["log_fatigue"] = float(np.log(known["log_fatigue"]))
    found = {
        name: {
            "truth": round(known[name], 4),
            "below": round(float(np.mean(draws.values[name] < known[name])), 4),
            "quantiles": [round(float(q), 4) for q in np.quantile(draws.values[name], (0.05, 0.25, 0.5, 0.75, 0.95))],
        }
        for name in LOOKED_AT
    }
    health = draws.health
    return {"error": real.error, "found": found, "r_hat": round(health.r_hat, 4), "effective": round(health.effective, 1),
            "divergences": health.divergences}  # fmt: skip


def main(panels: int = 20, minutes: float = 60.0) -> None:
    head = {"epochs": list(EPOCHS), "effort": vars(EFFORT), "digest": calibrate.fit_digest()}
    done = work("richardson", head, ((str(k), lambda k=k: one(k)) for k in range(panels)), minutes)["done"]
    for error in (0.0, 0.05):
        rows = [row for row in done.values() if row["error"] == error]
        for name in LOOKED_AT if rows else ():
            below = np.array([row["found"][name]["below"] for row in rows])
            away = np.array([row["found"][name]["quantiles"][2] - row["found"][name]["truth"] for row in rows])
            half, most = (int(np.sum(np.abs(below - 0.5) <= w)) for w in (0.25, 0.45))
            print(
                f"error {error:.2f} {name:15s} {len(rows)} panels: middle half holds {half}, nine tenths {most}; "
                f"median less truth {away.mean():+.3f} ± {away.std(ddof=1) / len(rows) ** 0.5 if len(rows) > 1 else np.nan:.3f}"
            )


if __name__ == "__main__":
    main(*(t(x) for t, x in zip((int, float), sys.argv[1:])))
