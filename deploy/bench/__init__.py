"""The benchmark of the service: `./run bench`.

A figure counts only as a ratio to a baseline measured right beside it.
"""


def main(argv: list[str]) -> int:
    """Measure the chosen rows; return the exit status.

    0: every row met its bound; 1: at least one row missed it; 2: wrong usage.
    """
    from deploy.bench.run import run  # noqa: PLC0415  helper processes need not load it

    return run(argv)
