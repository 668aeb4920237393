"""The views of recommendations, of their deadlines, and of what waits."""

from domain.recommendation.deadlines import RULES
from domain.recommendation.worklist import OF_OTHERS, SOON_DAYS, Work
from domain.vocabulary import words
from projections.register.model import Register
from projections.reporting.column import (
    AS_OF,
    BY_FORCE,
    OF_FORCE,
    REFERENCE,
    by_code,
    coded,
    dated,
    day,
    flag,
    identity,
    number,
    position,
    quoted,
    text,
)
from projections.reporting.view import SIGNED_IN_AUDIENCES, View
from projections.worklist.model import Worklist

_LIMIT = (
    "CASE WHEN time_limit LIKE 'months:%' THEN 'Within ' || substr(time_limit, 8)"
    " || CASE time_limit WHEN 'months:1' THEN ' month' ELSE ' months' END"
    " WHEN time_limit LIKE 'date:%' THEN 'By ' || substr(time_limit, 6)"
    " WHEN time_limit = 'immediate' THEN 'Immediately' WHEN time_limit = 'none' THEN 'None set'"
    " ELSE 'Not known' END"
)


_NOT_ON_RECORD = "nothing of the kind is on record, which does not mean that there was none"
_SILENT = "Null: nothing on record says where it stands, or that it was."


RECOMMENDATION = View(
    "recommendation",
    "Each recommendation, cause of concern and area for improvement, and where it stands.",
    (
        identity("id", "The id of the recommendation, as in its address.", "stream"),
        REFERENCE,
        identity("report_id", "The id of the report that made it.", "report"),
        *OF_FORCE,
        *coded("edition", "The methodology of the inspection", words.EDITIONS),
        *coded("kind", "The inspectorate's name for it", words.KINDS),
        number("ordinal", "Its number in the report. Null: it has none, or it is not known."),
        number(
            "cause",
            "The number of the cause of concern in the same report that it belongs to. Null: it"
            " belongs to none, as far as is known.",
        ),
        *coded("area", "The area of the inspection that it is about", words.AREAS),
        text("topic", "A finer topic than the area, by the compiler. Null: none.", "s.topic"),
        text("text", "Its text, as far as it is on record.", "w.text"),
        *coded("wording", "How the text relates to the published words", words.WORDINGS),
        *coded(
            "confidence",
            "Whether its source states it, or whoever compiled the record inferred it",
            words.CONFIDENCE,
        ),
        text("source", "The pages that it rests on, separated by ' | '. Null: not on record."),
        text(
            "time_limit", "Its time limit: immediate, months:N, date:YYYY-MM-DD, none or unknown."
        ),
        text("time_limit_words", "Its time limit, in words.", _LIMIT),
        *dated("issued_on", "The date of publication"),
        *coded("stage", "How far the inspectorate has got with it", words.STAGES),
        *dated("stage_since", "The date since which it is at that stage"),
        *coded("plan", "Where its action plan stands", words.PLANS),
        number(
            "plan_number",
            "The number of its present action plan: 1, 2 and so on. Null: it is not known where it"
            " stands.",
            "cycle",
        ),
        *dated(
            "claimed_on",
            "The date on which the force said that the work is done, while that claim stands",
        ),
        *coded(
            "follow_up",
            "The kind of follow-up that is planned",
            words.FOLLOW_UPS,
            "none is planned by what is on record",
        ),
        *coded("finding", "The finding of its latest follow-up", words.FINDINGS, _NOT_ON_RECORD),
        *coded(
            "section_55",
            "What the local policing body's comments say will be done",
            words.ANSWERS,
            _NOT_ON_RECORD,
        ),
        *coded(
            "assurance",
            "The local policing body's own view of whether it is done",
            words.ASSURANCE,
            _NOT_ON_RECORD,
        ),
        *dated("closed_on", "The date on which the inspectorate closed it"),
        *coded(
            "closed_reason",
            "Why the inspectorate closed it",
            words.CLOSED,
            "it is not closed, or that is not known",
        ),
        identity("superseded_by", "The id of the recommendation that replaces it. Null: none."),
        day("due", "The last day of its time limit. Null: none, or not known."),
        day(
            "overdue_from",
            "The first day on which it is certainly overdue, if nothing more is recorded. Null: no"
            " such day is known.",
        ),
        flag(
            "overdue",
            "Whether it is certainly overdue at the end of the day. Null: nothing on record says"
            " which time limit counts, and whether it still does.",
            f"CASE WHEN overdue_known THEN coalesce(overdue_from <= {AS_OF}, false) END",
        ),
        *dated(
            "taken_over_on",
            "The date since which steps are recorded here of what came from published sources",
        ),
        number("time_limit_changes", f"How often its time limit was changed. {_SILENT}"),
        number("reopenings", f"How often it was closed and opened again. {_SILENT}"),
        number("withdrawals", f"How often steps recorded by mistake were withdrawn. {_SILENT}"),
        flag(
            "closed_without_evidence",
            f"Whether it was closed as verified without new evidence. {_SILENT}",
        ),
        flag("disputed", "Whether a public fact about it is disputed."),
        text(
            "register_id",
            "Its number in the inspectorate's withdrawn public register. Null: not known.",
        ),
        position("register"),
    ),
    f"{Register.schema}.standing s JOIN {Register.schema}.wording w ON w.id = s.text_id"
    f" JOIN {BY_FORCE} ON code = force",
    "periods",
    history=True,
)

CLOCK = View(
    "clock",
    "Each deadline that runs or has passed unanswered: of an action plan, an update, the local"
    " policing body's comments, or the time limit. One that was met, ended or is not known to run"
    " has no row.",
    (
        identity("recommendation_id", "The id of the recommendation.", "stream"),
        REFERENCE,
        *OF_FORCE,
        *coded("clock", "The deadline", words.CLOCKS),
        text(
            "state",
            "overdue: the last day has passed. running: not yet, or no last day is stated.",
            f"CASE WHEN shows_from <= {AS_OF} THEN 'overdue' ELSE 'running' END",
        ),
        day(
            "due",
            "The last day; the latest possible one if a date is not exact. Null: the word"
            " immediately, which is not defined, or a day of issue that is not known.",
        ),
        day(
            "overdue_from",
            "The first day on which it is certainly overdue. Null: none.",
            "shows_from",
        ),
        text("rule", "The rule.", by_code("clock", {name: r.words for name, r in RULES.items()})),
        text(
            "rule_source",
            "The source of the rule.",
            by_code("clock", {name: r.source for name, r in RULES.items()}),
        ),
        position("worklist"),
    ),
    f"{Worklist.schema}.item JOIN {BY_FORCE} ON code = force",
    "periods",
    condition="clock <> ''",
    history=True,
)

_INSPECTORATE = "(SELECT pg_has_role(session_user, 'tracker_bi_inspectorate', 'USAGE'))"
_NEXT_BY = (
    f"CASE WHEN work NOT IN ({', '.join(map(quoted, sorted(OF_OTHERS)))})"
    " THEN 'inspector' WHEN clock = 'section_55' THEN 'local_policing_body' ELSE 'force' END"
)
_WORK = f"CASE WHEN shows_from > {AS_OF} THEN '{Work.DUE_SOON}' ELSE work END"
WORK = View(
    "work",
    "What waits, and whose move it is. The inspectorate sees what its worklist lists; a force sees"
    " what waits for it, however far off the last day is.",
    (
        identity("recommendation_id", "The id of the recommendation.", "stream"),
        REFERENCE,
        *OF_FORCE,
        text("work", "The kind of work: a code.", _WORK),
        text("work_words", "The kind of work, in words.", by_code(f"({_WORK})", words.WORK)),
        text("clock", "The deadline that it is about: a code. Null: none.", "NULLIF(clock, '')"),
        text("clock_words", "The deadline, in words. Null: none.", by_code("clock", words.CLOCKS)),
        text("next_by", "Whose move it is: inspector, force or local_policing_body.", _NEXT_BY),
        *dated("waiting_since", "The date since which it waits, or is overdue"),
        day("due", "The last day. Null: there is none."),
        text(
            "window_to",
            "The end of a follow-up's window, as precisely as it is known. Null: it has none.",
        ),
        position("worklist"),
    ),
    f"{Worklist.schema}.item JOIN {BY_FORCE} ON code = force",
    "periods",
    condition=f"CASE WHEN {_INSPECTORATE} THEN coalesce(shows_from <= {AS_OF} + {SOON_DAYS}, true)"
    f" ELSE {_NEXT_BY} = 'force' AND force = (SELECT reporting.own_force()) END",
    audiences=SIGNED_IN_AUDIENCES,
)
