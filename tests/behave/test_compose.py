"""Mechanisms that do not fit together are refused, with one sentence that says which and what to do."""

from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pytest
import small_job

from detente import scenario as files
from detente.contract import Parameter, State, mechanism
from detente.engine import chance
from detente.engine.compose import BUILT_IN, CompositionError, built_in, compose
from detente.engine.draws import Chance
from detente.engine.simulate import draw_z, to_theta
from detente.engine.step import advance, parameters_of, start_state

WIDTH = 4


def state(*axes: str, **words) -> State:
    return State(axes, "1", "for the test", low=0.0, high=1.0, **words)


def parameter(**words) -> Parameter:
    return Parameter("for the test", "1", (0.0, 1.0), **words)


def own(name: str, act=lambda state, p, world, draw: {}, **words):
    """A mechanism of the user's own."""
    words = {"reads": (), "states": {}, "draws": {}, **words}

    def function(state, p, world, draw):
        return act(state, p, world, draw)

    function.__name__ = name
    return mechanism(**words)(function)


def composed(*mechanisms, without=(), **changes):
    """The small scenario with mechanisms added before its own, some left out, some of its fields changed."""
    scenario = small_job.scenario()
    names = (*(m.name for m in mechanisms), *(n for n in scenario.mechanisms if n not in without))
    return compose(scenario.model_copy(update={"mechanisms": names, **changes}), {m.name: m for m in mechanisms})


def one_step(m, scenario=None):
    """A step of a system of one mechanism only."""
    scenario = scenario or small_job.scenario()
    model = compose(scenario.model_copy(update={"mechanisms": (m.name,)}), {m.name: m})
    theta = jnp.asarray(to_theta(draw_z(model, 1, np.arange(WIDTH)), model.ranges()))
    levers = {k: jnp.zeros((len(model.lever_rows), WIDTH))[at] for k, (_, at) in model.levers.items()}
    key = chance.luck_keys(1, jnp.arange(WIDTH, dtype=jnp.uint32), 2001)
    now = SimpleNamespace(year=2001.0, quarter=0, first=True)
    return advance(model, start_state(model, theta), parameters_of(model, theta), now, levers, Chance(key, model.draws, {}, None))


def refused(sentence: str):
    return pytest.raises(CompositionError, match=sentence)


# -------------------------------------------------------------------------------------------- found when it is put together


def test_a_state_that_two_write():
    with refused("^conduct and meddler both write 'conduct'; one of them must read it only$"):
        composed(own("meddler", states={"conduct": state("pair")}))


def test_a_state_that_nobody_declares():
    with refused("^dreamer reads 'luck', which no mechanism declares$"):
        composed(own("dreamer", reads=["luck"]))


def test_a_state_that_nobody_listed_writes():
    with refused("reads 'hawks', which no listed mechanism writes: list 'hawks', or hold it fixed by `initial: {hawks: …}`$"):
        composed(without=["hawks"])


def test_a_state_on_an_axis_that_does_not_exist():
    with refused("^mapper: state 'height' has an unknown axis 'continent'; known are actor, pair, "):
        composed(own("mapper", states={"height": state("continent")}))


def test_a_parameter_on_an_axis_that_does_not_exist():
    with refused("^mapper: parameter 'slope' is per 'continent', which is no axis$"):
        composed(own("mapper", parameters={"slope": parameter(per="continent")}))


def test_a_parameter_declared_twice():
    with refused("^parameter 'tell' of conduct is declared twice; one name has one meaning$"):
        composed(own("second", parameters={"tell": parameter()}))


def test_a_parameter_or_lever_of_somebody_else_that_does_not_exist():
    with refused("^borrower uses 'honesty', which no mechanism declares as a parameter or lever$"):
        composed(own("borrower", uses=["honesty"]))


def test_a_start_value_without_its_parameter():
    with refused("^state 'mood' starts at the parameter 'mood0', which no listed mechanism declares; give `initial: {mood: …}`$"):
        composed(own("moody", states={"mood": state("actor", initial="mood0")}))


def test_two_draws_of_one_name():
    with refused("'fear/north>east' and 'fear/north>east' would share their luck"):
        composed(own("doubter", draws={"fear": "pair"}))


def test_two_draws_whose_names_collide(monkeypatch):
    monkeypatch.setattr(chance, "site", lambda name: 7 if name in ("cause/great", "fear/north>east") else hash(name) & 0xFFFFFFFF)
    with refused("would share their luck: give one of them another name"):
        composed()


def test_a_mechanism_that_does_not_exist():
    with refused('^unknown mechanism "chanels"; did you mean "channels"\\?$'):
        composed(mechanisms=("shocks", "chanels"))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("ranges", {"encounter0": {}}, '^ranges: unknown parameter "encounter0"; did you mean "encounters0"\\?$'),
        ("ranges", {"burden": {"nroth": None}}, '^ranges: burden: unknown element "nroth"; did you mean "north"\\?$'),
        ("initial", {"presnt": {"*": 1.0}}, '^initial: unknown state "presnt"; did you mean "present"\\?$'),
        (
            "initial",
            {"present": {"border_regio": 1.0}},
            '^initial: present: unknown element "border_regio"; did you mean "border_region"\\?$',
        ),
    ],
)
def test_a_range_or_start_value_for_something_that_does_not_exist(field, value, sentence):
    with refused(sentence):
        composed(**{field: value})


def test_a_theory_that_speaks_of_something_that_does_not_exist():
    model = small_job.runner().model
    with refused('^unknown parameter "encounter0"; did you mean "encounters0"\\?$'):
        model.find("encounter0")
    with refused('^parameter \'burden\': unknown element "nroth"; did you mean "north"\\?$'):
        model.find("burden", ["nroth"])
    theory = next(iter(model.scenario.theories.values()))
    entry = SimpleNamespace(parameter="burden", elements=("nroth",), range=(0.0, 1.0), scale=None)
    with refused("unknown element"):
        model.ranges(SimpleNamespace(ranges=(*theory.ranges, entry)))


def test_one_theatre_where_the_equations_are_about_two():
    with refused(
        "^theatres needs exactly 2 on the axis 'theatre', found 1: leave it out of `mechanisms` and hold what it would write fixed by"
    ):
        composed(mechanisms=(*small_job.scenario().mechanisms, "theatres"))


@pytest.mark.parametrize(
    ("axis", "fields", "who"), [("treaty", {"treaties": {}}, "treaties"), ("bloc", {"blocs": {}, "applicants": {}}, "purpose")]
)
def test_an_axis_without_elements_where_one_is_needed(axis, fields, who):
    if axis == "bloc":
        lines = small_job.scenario().rivalries
        fields = fields | {"rivalries": {k: r.model_copy(update={"bloc": None}) for k, r in lines.items() if r.kind == "direct"}}
    with refused(f"^{who} needs at least 1 on the axis '{axis}', found 0"):
        composed(**fields)


# ------------------------------------------------------------------------------------------------------ found in the first step


def test_a_read_that_was_not_declared():
    with refused("^peeker reads the state 'fear' without declaring it$"):
        one_step(own("peeker", lambda state, p, world, draw: {"view": state.fear}, states={"view": state("pair")}))


def test_a_parameter_that_was_not_declared():
    with refused("^peeker reads the parameter 'tell' without declaring it$"):
        one_step(own("peeker", lambda state, p, world, draw: {"view": p.tell}, states={"view": state()}))


def test_a_lever_that_was_not_declared():
    with refused("^peeker reads the lever 'talk' without declaring it$"):
        one_step(own("peeker", lambda state, p, world, draw: {"view": world.levers.talk}, states={"view": state("channel")}))


def test_a_write_that_was_not_declared():
    with refused("^forger writes the state 'fear' without declaring it$"):
        one_step(own("forger", lambda state, p, world, draw: {"fear": jnp.zeros((2, WIDTH))}, states={"view": state("pair")}))


def test_a_result_of_another_shape():
    wrong = own("folder", lambda state, p, world, draw: {"view": jnp.zeros((3, WIDTH))}, states={"view": state("actor", "channel")})
    with refused(r"^folder: state 'view' came out with shape \(3, 4\), expected \(3, 1, 4\) \(actor/channel\)$"):
        one_step(wrong)


def test_what_is_declared_is_enough():
    """Every mechanism of the package is composed and run behind these guards in the shipped scenarios; here a good one passes."""
    good = own(
        "good",
        lambda state, p, world, draw: {"view": state.view + p.push * draw.event("nudge", 4.0 * jnp.ones((3, WIDTH)))},
        reads=["view"],
        states={"view": state("actor")},
        parameters={"push": parameter()},
        draws={"nudge": "actor"},
    )
    assert one_step(good)["view"].max() > 0.0


def test_every_mechanism_declares_where_it_comes_from():
    """Docstrings are the page of mechanisms: equation, source, claims, game."""
    for name in BUILT_IN:
        text = __import__(f"detente.mechanisms.{name}", fromlist=["x"]).__doc__
        assert [word for word in ("\nSource ", "\nClaims ", "\nGame ") if word not in text] == [], name
        assert built_in(name).name == name


@pytest.mark.parametrize("name", ["euro_atlantic", "collective_risk", "enlargement_dilemma", "richardson_1914"])
def test_every_shipped_scenario_composes_and_its_theories_find_their_parameters(name):
    scenario = files.load(name)
    model = compose(scenario)
    for theory in scenario.theories.values():
        assert np.isfinite(model.ranges(theory)).all()
