"""The scale of the tests of reliability."""

import pytest
from msgspec import Struct


class Scale(Struct, frozen=True):
    """How much a test does: a little in every run, all that is documented with `--long`."""

    operations: int
    kills: int
    faults: int
    minutes: float


@pytest.fixture
def scale(request: pytest.FixtureRequest) -> Scale:
    if request.config.getoption("--long"):
        return Scale(operations=5_000, kills=5, faults=40, minutes=15)
    return Scale(operations=250, kills=2, faults=6, minutes=0.25)
