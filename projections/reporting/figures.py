"""The counts of the views of progress: the same figures as on the boards, by plain sums."""

from projections.filters import REAL
from projections.progress.measures import (
    CLAIMED,
    CLOSED,
    FINDINGS,
    KINDS,
    LIMITED,
    NOT_KNOWN,
    OVERDUE,
    PLAN_OVERDUE,
    REASONS,
    SLIPS,
    STAGES,
    TO_CLOSE,
    TO_PLAN,
)
from projections.progress.model import Progress
from projections.reporting.column import AS_OF, BY_FORCE, KNOWN_AT, ViewColumn, day, number, quoted

_KNOWN = (
    f"{Progress.schema}.difference WHERE day <= {AS_OF} AND known_from <= {KNOWN_AT} AND {REAL}"
)


def _sum(*measures: str) -> str:
    named = ", ".join(map(quoted, measures))
    return f"coalesce(sum(n) FILTER (WHERE measure IN ({named})), 0)"


def _median(measure: str) -> str:
    ordered = (
        f"percentile_cont(0.5) WITHIN GROUP (ORDER BY value) FILTER (WHERE measure = '{measure}')"
    )
    return f"({ordered})"


_TOTAL = _sum(*KINDS.values())
_FOUND = _sum(*FINDINGS.values())
_ENDED = _sum(CLOSED, NOT_KNOWN)
_MEDIAN = "Null: of none are both dates known to the day."

_LEFT_OUT = (
    "Those of which it is not known are left out. Null: it is known of none, or none is on record."
)


def _known(name: str, comment: str) -> ViewColumn:
    return number(name, f"{comment} {_LEFT_OUT}")


COUNTS = (
    number(
        "total",
        "How many are on record: recommendations and whatever else asks something.",
        "total",
    ),
    *(number(f"kind_{kind}", f"How many are of the kind {kind}.") for kind in KINDS),
    *(
        (number if measure == NOT_KNOWN else _known)(
            f"stage_{stage}", f"How many are at the stage {stage}."
        )
        for stage, measure in STAGES.items()
    ),
    _known("open", "How many the inspectorate still asks for, as far as is known."),
    _known(
        "limited", "How many are not closed, with a last day that is known: the base of overdue."
    ),
    _known("overdue", "How many are certainly overdue by their time limit."),
    _known("plan_overdue", "How many action plans are certainly overdue."),
    _known("claimed", "How many the force says are done. Nobody has verified that."),
    _known("assured", "Of how many the local policing body is satisfied that they are done."),
    _known("partly_assured", "Of how many the local policing body is partly satisfied."),
    *(_known(f"closed_{reason}", f"How many were closed as {reason}.") for reason in REASONS),
    *(_known(f"slip_{slip}", f"Of how many this is on record: {slip}.") for slip in SLIPS),
    *(
        _known(f"finding_{finding}", f"How many have the latest finding {finding}.")
        for finding in FINDINGS
    ),
    number("finding_not_known", "Of how many no finding is on record."),
    ViewColumn(
        "median_days_to_plan",
        "double precision",
        "median_days_to_plan",
        f"The median of days from publication to the first action plan. {_MEDIAN}",
    ),
    ViewColumn(
        "median_days_to_close",
        "double precision",
        "median_days_to_close",
        f"The median of days from publication to closure. {_MEDIAN}",
    ),
)

_KNOWN_MANY = f"({_TOTAL} - {_sum(NOT_KNOWN)})"
_OPEN = f"({_TOTAL} - {_ENDED})"


def _if_known(value: str, known: str = _KNOWN_MANY) -> str:
    """Return the SQL of a number of those of which something is known; null of none of these."""
    return f"CASE WHEN {known} > 0 THEN {value} ELSE NULLIF({value}, 0) END"


_NONE_OPEN = f"CASE WHEN {_OPEN} = 0 AND {_sum(NOT_KNOWN)} = 0 THEN {_TOTAL} ELSE 0 END"
_VALUES = {
    "total": _TOTAL,
    **{f"kind_{kind}": _sum(measure) for kind, measure in KINDS.items()},
    **{
        f"stage_{stage}": _sum(measure) if measure == NOT_KNOWN else _if_known(_sum(measure))
        for stage, measure in STAGES.items()
    },
    "open": _if_known(_OPEN),
    "limited": _if_known(_sum(LIMITED)),
    "overdue": _if_known(_sum(OVERDUE), f"({_sum(LIMITED)} + {_NONE_OPEN})"),
    "plan_overdue": _if_known(_sum(PLAN_OVERDUE)),
    "claimed": _if_known(_sum(CLAIMED)),
    "assured": _if_known(_sum("assured")),
    "partly_assured": _if_known(_sum("partly_assured")),
    **{f"closed_{reason}": _if_known(_sum(measure)) for reason, measure in REASONS.items()},
    **{f"slip_{slip}": _if_known(_sum(measure)) for slip, measure in SLIPS.items()},
    **{f"finding_{finding}": _if_known(_sum(measure)) for finding, measure in FINDINGS.items()},
    "finding_not_known": f"{_TOTAL} - {_FOUND}",
    "median_days_to_plan": _median(TO_PLAN),
    "median_days_to_close": _median(TO_CLOSE),
}
_COUNTED = ", ".join(f"{value} AS {name}" for name, value in _VALUES.items())
# A median counts each day as often as it occurs.
_TIMES = f"generate_series(1, CASE WHEN measure IN ('{TO_PLAN}', '{TO_CLOSE}') THEN n ELSE 1 END)"

COUNTED = (
    f"(SELECT {_COUNTED} FROM (SELECT measure, value, sum(delta) AS n FROM {_KNOWN}"
    f" GROUP BY measure, value HAVING sum(delta) <> 0) d CROSS JOIN LATERAL {_TIMES}) AS counted"
)
EACH_FORCE = (
    f"(SELECT code, force_name, ons_code, {_COUNTED} FROM {BY_FORCE} LEFT JOIN"
    f" (SELECT force, measure, value, sum(delta) AS n FROM {_KNOWN}"
    " GROUP BY force, measure, value HAVING sum(delta) <> 0) d ON force = code"
    f" LEFT JOIN LATERAL {_TIMES} ON true GROUP BY code, force_name, ons_code) AS counted"
)

MONTHLY = (
    day("month", "The first day of the month."),
    day(
        "counted_on",
        "The last day of the month, or the day that is asked about if that is earlier.",
    ),
    number("total", "How many were on record."),
    _known("open", "How many the inspectorate still asked for, as far as is known."),
    _known(
        "limited", "How many were not closed, with a last day that is known: the base of overdue."
    ),
    _known("overdue", "How many were certainly overdue by their time limit."),
    _known("claimed", "How many the force said were done. Nobody had verified that."),
    _known("closed", "How many the inspectorate had closed."),
    number("not_known", "Of how many it was not known where they stood."),
)
_MONTHLY = {
    "total": _TOTAL,
    "open": _OPEN,
    "limited": _sum(LIMITED),
    "overdue": _sum(OVERDUE),
    "claimed": _sum(CLAIMED),
    "closed": _sum(CLOSED),
    "not_known": _sum(NOT_KNOWN),
}
# As `_overdue` of the boards: of those with a limit that counts, or of none that is open.
_LIMITED_THEN = "(limited + CASE WHEN open = 0 AND not_known = 0 THEN total ELSE 0 END)"
_KNOWN_THEN = dict.fromkeys(_MONTHLY, "(total - not_known)") | {"overdue": _LIMITED_THEN}
BY_FORCE_AND_MONTH = (
    "(SELECT code, force_name, ons_code, month, counted_on, "
    + ", ".join(
        name
        if name in {"total", "not_known"}
        else f"{_if_known(name, _KNOWN_THEN[name])} AS {name}"
        for name in _MONTHLY
    )
    + " FROM (SELECT code, force_name, ons_code, m.month::date AS month,"
    f" least((m.month + interval '1 month - 1 day')::date, {AS_OF}) AS counted_on, "
    + ", ".join(
        f"sum({name}) OVER (PARTITION BY code ORDER BY m.month) AS {name}" for name in _MONTHLY
    )
    + f" FROM {BY_FORCE} JOIN (SELECT force, min(day) AS first FROM {_KNOWN} GROUP BY force) b"
    " ON b.force = code CROSS JOIN LATERAL generate_series(date_trunc('month', first::timestamp),"
    f" date_trunc('month', {AS_OF}::timestamp), interval '1 month') m (month)"
    " LEFT JOIN (SELECT force, date_trunc('month', day::timestamp) AS month, "
    + ", ".join(f"{value} AS {name}" for name, value in _MONTHLY.items())
    + f" FROM (SELECT force, day, measure, delta AS n FROM {_KNOWN}) d GROUP BY 1, 2) c"
    " ON (c.force, c.month) = (code, m.month)) summed) AS counted"
)
