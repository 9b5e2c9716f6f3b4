"""A result made by hand from numbers, for tests of comparisons."""

import numpy as np
import xarray as xr


def made(value: np.ndarray, survives: np.ndarray | None = None, direction: str = "below") -> xr.Dataset:
    """A result made by hand from value [theory, policy, item, future]; each pair of neighbouring futures is a family."""
    theories, policies, items, futures = value.shape
    mean = value.mean(-1)
    survives = np.zeros((theories, policies, 1, futures), bool) if survives is None else survives
    family = np.broadcast_to(np.arange(futures) // 2, (theories, futures))
    difference = value - value[:, :1]
    residual = difference - difference.mean(-1, keepdims=True)
    sums = residual.reshape(theories, policies, items, -1, 2).sum(-1)
    count = sums.shape[-1]
    wrong = np.sqrt(count / (count - 1) * (sums**2).sum(-1)) / futures
    dims = ("theory", "policy", "item")
    return xr.Dataset(
        {
            "value": ((*dims, "future"), value.astype(np.float32)),
            "mean": (dims, mean),
            "gain": (dims, difference.mean(-1)),
            "gain_error": (dims, wrong),
            "family": (("theory", "future"), family),
            "survives": (("theory", "policy", "profile", "future"), survives),
        },
        coords={
            "theory": [f"t{k}" for k in range(theories)],
            "table": ("theory", np.array(["at"] * theories, dtype=object)),
            "policy": ["no_change", *(f"p{k}" for k in range(1, policies))],
            "label": ("policy", np.array([f"package {k}" for k in range(policies)], dtype=object)),
            "item": [f"x{k}" for k in range(items)],
            "outcome": ("item", np.array(["alarm"] * items, dtype=object)),
            "element": ("item", np.array([f"a{k}" for k in range(items)], dtype=object)),
            "direction": ("item", np.array([direction] * items, dtype=object)),
            "profile": [f"v{k}" for k in range(survives.shape[2])],
            "actor": np.array([f"a{k}" for k in range(items)], dtype=object),
        },
        attrs={"no_change": "no_change"},
    )
