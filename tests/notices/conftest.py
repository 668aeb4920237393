"""What tests of notices share."""

from collections.abc import Generator

import pytest

from tests.support.served.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Generator[Receiver]:
    with receiving() as running:
        yield running
