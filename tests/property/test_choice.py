"""Known preferences are found again."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from skycommons.plan.choice import ObservedUtility, UtilityWeights, choose
from skycommons.studies.fit_choice import MeasuredChoices, fit_choice
from tests.support.choices import drawn_sets

STANDARD_ERRORS = 5.0


@settings(max_examples=15)
@given(
    weights=st.tuples(
        st.floats(0.5, 3.0),
        st.floats(-1.0, 1.0),
        st.floats(-1.0, 1.5),
        st.floats(-0.5, 2.0),
        st.floats(-1.0, 0.5),
        st.floats(-1.0, 0.5),
        st.floats(-1.0, 0.5),
    ),
    seed=st.integers(0, 2**31),
)
def test_the_fit_recovers_the_weights_that_chose(weights: tuple[float, ...], seed: int) -> None:
    """Choices drawn with known weights give them back within five standard errors."""
    known = np.array(weights)
    sets = drawn_sets(np.random.default_rng(seed), 1_500)
    policy = ObservedUtility(weights=UtilityWeights.of(known, "known"))
    satellite = np.arange(sets.offsets[-1])
    chosen = choose(policy, sets, satellite=satellite, step=np.arange(len(sets)), seed=seed)
    fitted = fit_choice([MeasuredChoices(sets=sets, chosen=chosen)])
    assert (np.abs(fitted.weights_nats - known) < STANDARD_ERRORS * fitted.error_nats).all()
