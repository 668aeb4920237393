"""The union of all events, and the history of a stream."""

from collections.abc import Sequence
from typing import TypeAlias

from domain.events.access import AccessEvent
from domain.events.inspection import InspectionEvent
from domain.events.recommendation import RecommendationEvent
from domain.events.report import ReportEvent
from domain.vocabulary.entry import Entry

Event: TypeAlias = RecommendationEvent | ReportEvent | InspectionEvent | AccessEvent


History = Sequence[Entry[Event]]
