"""The list of published reports, on any day, as known at any moment."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, LiteralString
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict, astuple

from adapters.corpus.cells import cell_of
from adapters.postgres.connection import LibpqConnection
from domain.history import State
from domain.recommendation.state import Recommendation
from domain.report import Report, flags
from domain.vocabulary.folding import searchable
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.values import (
    Code,
    Confidence,
    Count,
    Edition,
    Grade,
    Line,
    Product,
    Reference,
    When,
)
from projections.bitemporal import TIMES, Cells, Table, columns_of
from projections.filters import readable
from projections.runtime.periods import Change, Content
from projections.runtime.read_model import ReadModel


class ListedReport(Struct, frozen=True, cache_hash=True):
    """The list's columns for one report."""

    reference: Reference
    force: Code
    product: Product
    edition: Edition
    programme: bool
    title: Line
    address: Line
    published_on: When
    page_date: When | None
    publisher: Line | None
    follows: Reference | None
    """The report that it follows, if it says so."""
    stated: int | None
    """How many recommendations the report states, causes of concern not counted."""
    flagged: bool
    """Whether its published figures do not add up."""
    causes_stated: Count | None
    """How many causes of concern the report states."""
    fieldwork_from: When | None
    fieldwork_to: When | None
    cases_examined: Count | None
    cases_good: Count | None
    cases_adequate: Count | None
    cases_requires_improvement: Count | None
    cases_inadequate: Count | None
    grade_leadership: Grade | None
    grade_partnership: Grade | None
    grade_initial_response: Grade | None
    grade_risk_referral: Grade | None
    grade_investigation: Grade | None
    source: str | None
    """The pages that the record of it rests on, separated by ` | `."""
    confidence: Confidence
    """Whether its source states it, or whoever compiled the record inferred it."""


class Addressed(Struct, frozen=True, cache_hash=True):
    """The addressee of a recommendation, which may be another than its report's."""

    report: UUID
    addressee: Code


COLUMNS = columns_of(ListedReport)


def _rows(content: Content) -> Iterable[Cells]:
    if isinstance(content, ListedReport):
        name = ADDRESSEES[content.force].name if content.force in ADDRESSEES else ""
        words = searchable(f"{content.title}\n{name}\n{content.reference}")
        yield (*astuple(content), words)


def _addressees(content: Content) -> Iterable[Cells]:
    if isinstance(content, Addressed):
        yield astuple(content)


LISTING = Table("listing", (*COLUMNS, "words"), _rows)
ADDRESSED = Table("addressed", columns_of(Addressed), _addressees)


class Reports(ReadModel):
    """A read model with a row for each period without change of a report.

    It also has a row for each recommendation, with the force that it is addressed to.
    """

    name: ClassVar[LiteralString] = "reports"
    version: ClassVar[LiteralString] = "8"
    tables: ClassVar[LiteralString] = (
        "CREATE TABLE listing (" + TIMES + ""","""
        """
            reference text NOT NULL,
            force text NOT NULL,
            product text NOT NULL,
            edition text NOT NULL,
            programme boolean NOT NULL,
            title text NOT NULL,
            address text NOT NULL,
            published_on text NOT NULL,
            page_date text,
            publisher text,
            follows text,
            stated integer,
            flagged boolean NOT NULL,
            causes_stated integer,
            fieldwork_from text,
            fieldwork_to text,
            cases_examined integer,
            cases_good integer,
            cases_adequate integer,
            cases_requires_improvement integer,
            cases_inadequate integer,
            grade_leadership text,
            grade_partnership text,
            grade_initial_response text,
            grade_risk_referral text,
            grade_investigation text,
            source text,
            confidence text NOT NULL,
            words text NOT NULL,
            search tsvector GENERATED ALWAYS AS (to_tsvector('english', words)) STORED
        );
        COMMENT ON TABLE listing IS 'The published reports, as true and as known.';
        CREATE TABLE addressed (""" + TIMES + ""","""
        """
            report uuid NOT NULL,
            addressee text NOT NULL
        );
        COMMENT ON TABLE addressed IS 'Whom recommendations are addressed to.';
        """ + readable("listing")
    )
    indexes: ClassVar[LiteralString] = """
        ALTER TABLE listing ADD PRIMARY KEY (stream, since, known_from);
        CREATE INDEX listing_reference ON listing (reference, since, until, known_from, known_to);
        CREATE INDEX listing_force
            ON listing (force, reference, since, until, known_from, known_to);
        CREATE INDEX listing_follows ON listing (follows);
        CREATE INDEX listing_search ON listing USING gin (search);
        ALTER TABLE addressed ADD PRIMARY KEY (stream, since, known_from);
        CREATE INDEX addressed_force ON addressed (addressee, report);
    """
    compared = (
        ("listing", "stream, since, until, known_from, known_to, " + ", ".join(COLUMNS)),
        ("addressed", "stream, since, until, known_from, known_to, report, addressee"),
    )

    @staticmethod
    def show(state: State) -> Content | None:
        """Return the columns of a report or the addressee of a recommendation, else None."""
        if isinstance(state, Recommendation):
            issued = state.issued
            return Addressed(issued.report, issued.addressee) if issued else None
        if not isinstance(state, Report) or state.published is None:
            return None
        published = state.published
        figures: dict[str, Any] = {f"cases_{n}": of for n, of in asdict(published.cases).items()}
        figures |= {f"grade_{n}": of for n, of in asdict(published.grades).items()}
        return ListedReport(
            published.reference,
            published.addressee,
            published.product,
            published.edition,
            published.programme,
            published.title,
            published.address,
            state.published_on,
            published.page_date,
            published.publisher,
            published.follows,
            published.recommendations_stated,
            bool(flags(published.cases)),
            causes_stated=published.causes_of_concern_stated,
            fieldwork_from=published.fieldwork_from,
            fieldwork_to=published.fieldwork_to,
            source=cell_of(published.sources) or None,
            confidence=published.confidence,
            **figures,
        )

    @classmethod
    def write(cls, wire: LibpqConnection, schema: LiteralString, changes: Sequence[Change]) -> None:
        """Write the rows of the changes."""
        LISTING.write(wire, schema, changes)
        ADDRESSED.write(wire, schema, changes)
