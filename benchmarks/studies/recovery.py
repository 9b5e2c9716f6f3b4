"""Known-theory recovery: records told by each reading, and how often the reading that told one is named.

    python benchmarks/studies/recovery.py classify [--records 1500]            minutes; a floor of what can be told apart, by a trained classifier
    python benchmarks/studies/recovery.py weigh [--each 10] [--minutes 60]     by the sampler's evidence; goes on where it was stopped
    … --twice             each measured series a second time, with errors of its own
    … --scenario small    the scenario of `detente new`, for a look

Results in results/recovery*.json, written after each record. Prints the confusion matrix: a row for the reading that told, a column for the reading named.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from detente.engine.setup import prepare

prepare()

from _common import load, save, work  # noqa: E402

from detente import scenario as files  # noqa: E402
from detente.analysis import recovery  # noqa: E402
from detente.engine.assimilate import Settings, normal  # noqa: E402
from detente.engine.cache import posterior_key  # noqa: E402
from detente.engine.compose import compose  # noqa: E402
from detente.engine.record import build_record  # noqa: E402
from detente.engine.simulate import Runner  # noqa: E402

SEED = 20261126


def composed(name: str) -> Any:
    if name != "small":
        return compose(files.load(name))
    with tempfile.TemporaryDirectory() as folder:
        return compose(files.load(files.new(Path(folder) / "small")))


def readings(model: Any) -> list[Any]:
    """Readings at the table that have ranges of their own, and differ."""
    at = [t for t in model.scenario.ordered_theories() if t.table == "at" and t.ranges]
    kept: dict[bytes, Any] = {}
    for theory in at:
        kept.setdefault(model.ranges(theory).tobytes(), theory)
    return list(kept.values())


def show(names: list[str], matrix: np.ndarray, error: np.ndarray, what: str) -> None:
    print(what)
    print(" " * 14 + "".join(f"{n[:10]:>14s}" for n in names))
    for name, row, wrong in zip(names, matrix, error, strict=True):
        print(f"{name[:13]:14s}" + "".join(f"{100 * x:8.0f} ±{100 * e:3.0f} " for x, e in zip(row, wrong, strict=True)))


def classify(asked: argparse.Namespace, model: Any, like: Any, name: str) -> None:
    told, teller = readings(model), recovery.Teller(model, like)
    records = []
    for k, theory in enumerate(told):
        print(f"{theory.id}: {asked.records} records", file=sys.stderr, flush=True)
        records.append(teller.features(theory, asked.records, SEED + k))
    found = recovery.name(np.stack(records))
    ids = [t.id for t in told]
    data = load(name)
    data["classify"] = {
        "readings": ids, "records": asked.records, "fresh": found.records, "features": int(records[0].shape[1]), "bits": round(found.bits, 4),
        "probability": np.round(found.probability, 4).tolist(), "error": np.round(found.error, 4).tolist(),
        "likeliest": np.round(found.likeliest, 4).tolist(),
    }  # fmt: skip
    save(name, data)
    show(
        ids, found.likeliest, np.sqrt(found.likeliest * (1 - found.likeliest) / found.records), "likeliest, of 100 records of each reading"
    )
    show(ids, found.probability, found.error, "mean probability given, in 100")
    print(f"bits told about which reading, at least: {found.bits:.2f} of {np.log2(len(ids)):.2f}")


def weigh(asked: argparse.Namespace, model: Any, like: Any, name: str) -> None:
    told, runner, teller = readings(model), Runner(model), recovery.Teller(model, like)
    settings = Settings(**(vars(recovery.EFFORT) | {"particles": asked.particles}))

    def one(theory: Any, k: int) -> dict[str, Any]:
        record = teller.record(theory, SEED + theory.order, k)
        found = recovery.weigh(runner, told, record, settings, k + 1)
        return {"gain": np.round(found.gain, 3).tolist(), "error": np.round(found.error, 3).tolist(), "families": round(found.families, 3)}

    head = {
        "readings": [t.id for t in told],
        "settings": vars(settings),
        "key": posterior_key(runner, np.stack([model.ranges(t) for t in told]).reshape(-1, 3), like, settings, SEED)[:16],
    }
    pieces = ((f"{t.id}/{k}", lambda t=t, k=k: one(t, k)) for k in range(asked.each) for t in told)
    data = work(f"{name}_weighed", head, pieces, asked.minutes)
    ids = head["readings"]
    matrix, mean, away = np.zeros((len(ids),) * 2), np.zeros((len(ids),) * 2), []
    for key, row in data["done"].items():
        at, gain = ids.index(key.split("/")[0]), np.array(row["gain"])
        matrix[at, int(gain.argmax())] += 1
        mean[at] += normal(gain)
        away.append(np.median(row["error"]))
    count = np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    share = matrix / count
    show(ids, share, np.sqrt((share * (1 - share) + 0.25 / count) / count), f"named, of {len(data['done'])} records")
    show(ids, mean / count, np.zeros_like(mean), "mean probability given, in 100")
    if away:
        print(
            f"error of a gain, by groups, middle record: {np.median(away):.2f} nats; {data['seconds'] / len(data['done']):.0f} s a record"
        )


def main(given: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("way", choices=("classify", "weigh"))
    parser.add_argument("--records", type=int, default=1500)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--particles", type=int, default=recovery.EFFORT.particles)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--twice", action="store_true")
    parser.add_argument("--scenario", default="euro_atlantic")
    asked = parser.parse_args(given)
    model = composed(asked.scenario)
    like = build_record(model)
    if asked.twice:
        like = recovery.twice(like)
    name = "recovery" + ("_twice" if asked.twice else "") + ("" if asked.scenario == "euro_atlantic" else f"_{asked.scenario}")
    (classify if asked.way == "classify" else weigh)(asked, model, like, name)


if __name__ == "__main__":
    main()
