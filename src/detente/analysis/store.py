"""A result on disk: a Zarr store that xarray opens, written theory by theory, so that a job that was stopped goes on where it was.

The same result gives the same bytes: no time, no path and no machine is in it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from detente.scenario import ScenarioError

MARK = "detente_result"
FORMAT = 1
Path_ = str | os.PathLike[str]


def template(
    dims: Mapping[str, tuple[str, ...]], dtypes: Mapping[str, np.dtype], coords: Mapping[str, Any], attrs: Mapping[str, Any]
) -> xr.Dataset:
    """An empty result: every variable full of *not yet*, `done` [theory] false."""
    sizes = {name: len(value[1] if isinstance(value, tuple) else value) for name, value in coords.items()}
    data: dict[str, Any] = {}
    for name, axes in dims.items():
        kind = dtypes[name]
        blank: Any = {"b": False, "f": np.nan}.get(kind.kind, -1)
        data[name] = (axes, np.full([sizes[axis] for axis in axes], blank, kind))
    data["done"] = (("theory",), np.zeros(sizes["theory"], bool))
    return xr.Dataset(data, coords=dict(coords), attrs={MARK: FORMAT, **attrs})


def begin(place: Path_, empty: xr.Dataset, resume: bool = True) -> xr.Dataset:
    """Open the store for writing: the stored result where it is of the same digest and `resume`, else the empty one, written anew.

    Raises ScenarioError when something that is no result of this program is there.
    """
    folder = Path(place)
    found = _stored(folder)
    if found is not None and resume and found.attrs.get("digest") == empty.attrs.get("digest") and found.sizes == empty.sizes:
        return found
    if folder.exists():
        if found is None and (not folder.is_dir() or any(folder.iterdir())):
            raise ScenarioError("what is there is no result; expected a new or empty folder, or an earlier result", str(place))
        shutil.rmtree(folder)
    empty.to_zarr(folder, mode="w-", encoding=_encoding(empty), consolidated=False, zarr_format=3)
    return empty


def put(place: Path_, result: xr.Dataset, position: int) -> None:
    """Write one theory's region, its mark `done` last: a region half written is not done."""
    region = {"theory": slice(position, position + 1)}
    part = result.isel(theory=[position]).reset_coords(drop=True)
    part = part.drop_vars([name for name in part.variables if "theory" not in part[name].dims or name in part.coords])
    part.drop_vars("done").to_zarr(place, region=region, consolidated=False)
    part[["done"]].to_zarr(place, region=region, consolidated=False)


def write(place: Path_, result: xr.Dataset) -> None:
    """Write a whole result at once."""
    begin(place, result, resume=False)


def read(place: Path_, whole: bool = True) -> xr.Dataset:
    """A stored result. Raises ScenarioError where there is none, one of another format, or (`whole`) one whose job was not finished."""
    found = _stored(Path(place))
    if found is None:
        raise ScenarioError("expected the folder of a result, such as `detente run --out` writes", str(place))
    if found.attrs[MARK] != FORMAT:
        raise ScenarioError(f"a result of format {found.attrs[MARK]}; expected {FORMAT}: run the job again", str(place))
    if whole and not bool(found["done"].all()):
        missing = [str(name) for name in found["theory"].values[~found["done"].values]]
        raise ScenarioError(f"the job was stopped before it was done ({', '.join(missing)}); run it again to go on", str(place))
    return found


def _stored(folder: Path) -> xr.Dataset | None:
    """The stored result, in memory; None where there is none."""
    if not (folder / "zarr.json").is_file():
        return None
    try:
        found = xr.open_zarr(folder, consolidated=False).load()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    words = {name: v.astype(object) for name, v in found.variables.items() if v.dtype.kind == "T"}
    return found.assign_coords(words) if MARK in found.attrs else None


def _encoding(result: xr.Dataset) -> dict[str, dict[str, Any]]:
    """One chunk per theory, so that a region is whole files."""
    return {
        str(name): {"chunks": tuple(1 if axis == "theory" else max(size, 1) for axis, size in zip(v.dims, v.shape, strict=True))}
        for name, v in result.data_vars.items()
    }
