"""The choices behind one answer, each with its declared alternatives."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from detente.claims import ClaimError, nearest, table

CHOICES: dict[str, tuple[Any, ...]] = {
    "coding": ("gml", "cow"),
    "obligation": ("defence", "defence_or_offence"),
    "min_bloc": (3, 2, 4),
    "growth": ("joining", "any"),
    "returns": (False, True),
    "new_states": (True, False),
    "reach": (4, 1, 5),
    "later_joiners": (True, False),
    "world_wars": (True, False),
    "horizon": (10, 5),
    "outcome": ("onset", "force", "begun"),
    "target": ("joiner", "bloc"),
}


def _check_family(value: Any) -> None:
    families = sorted(set(table("bloc_labels.csv")["family"]))
    if value != "" and value not in families:
        raise ClaimError(f"option 'leave_out': no family of blocs is called '{value}'; {nearest(str(value), families)}")


@dataclass(frozen=True)
class Spec:
    """One definition of everything. ``coding`` of disputes; ``obligation`` that makes an ally; ``min_bloc`` least incumbents;
    ``growth`` joining / any (see ``blocs``); ``returns`` count a return as a step; ``new_states`` count joiners that had just
    become states; ``reach`` widest contiguity class of a neighbour; ``later_joiners`` keep neighbours that join later;
    ``world_wars`` keep windows that touch 1914-1918 or 1939-1945; ``leave_out`` a family of blocs dropped; ``horizon``
    years; ``outcome`` a dispute begins / with use of force / with the outsider on the side of the first action; ``target``
    the dispute is with the joiner, or with the joiner or any ally it has in that year."""

    coding: str = "gml"
    obligation: str = "defence"
    min_bloc: int = 3
    growth: str = "joining"
    returns: bool = False
    new_states: bool = True
    reach: int = 4
    later_joiners: bool = True
    world_wars: bool = True
    leave_out: str = ""
    horizon: int = 10
    outcome: str = "onset"
    target: str = "joiner"

    def with_(self, **changes: Any) -> Spec:
        """A copy with some choices changed; ClaimError for an unknown option or value, with the nearest right name."""
        names = [field.name for field in fields(self)]
        for name, value in changes.items():
            if name not in names:
                raise ClaimError(f"no option is called '{name}'; {nearest(name, names)}")
            if name == "leave_out":
                _check_family(value)
            elif value not in CHOICES[name] or isinstance(value, bool) != isinstance(CHOICES[name][0], bool):
                allowed = ", ".join(str(choice) for choice in CHOICES[name])
                raise ClaimError(f"option '{name}': found '{value}', expected one of {allowed}")
        return replace(self, **changes)

    def changed(self) -> str:
        """What differs from the main definition, in words of the options; 'main' if nothing does."""
        main = Spec()
        parts = [f"{f.name}={getattr(self, f.name)}" for f in fields(self) if getattr(self, f.name) != getattr(main, f.name)]
        return ", ".join(parts) or "main"
