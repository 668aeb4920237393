"""The union of all commands."""

from typing import TypeAlias

from domain.commands.recommendation import RecommendationCommand
from domain.commands.report import ReportCommand

Command: TypeAlias = RecommendationCommand | ReportCommand
