"""Files → checked, linked objects. The only place that reads a scenario's YAML and CSV; nothing here simulates."""

from .entries import Coverage, Event, LeverUse, Measure, Policy, Profile, Rung, Scenario, Source, Theory, TheoryRange
from .errors import ScenarioError
from .further import further
from .load import check, find, load, shipped
from .names import validate_names
from .new import new
from .schema import Series, Span

__all__ = [
    "Coverage",
    "Event",
    "LeverUse",
    "Measure",
    "Policy",
    "Profile",
    "Rung",
    "Scenario",
    "ScenarioError",
    "Series",
    "Source",
    "Span",
    "Theory",
    "TheoryRange",
    "check",
    "find",
    "further",
    "load",
    "new",
    "shipped",
    "validate_names",
]
