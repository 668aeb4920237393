"""The service measures itself: `tracker bench`.

A number counts only as a ratio to a baseline that was measured right beside it.
"""


def main(argv: list[str]) -> int:
    """Measure what is asked for. 0: every row reached what it must; 1: one did not; 2: misuse."""
    from deploy.bench.run import run  # noqa: PLC0415  helper processes are spared the loading

    return run(argv)
