"""`tracker` as another release of it: all its read models have the version that RELEASE names."""

import os
from typing import Any

from projections.read_models import READ_MODELS

release: Any = os.environ["RELEASE"]
for model in READ_MODELS:
    model.version = release
    model.__init_subclass__()

from api.cli.__main__ import run  # noqa: E402  SQL takes the names of the schemas when it is loaded

if __name__ == "__main__":
    run()
