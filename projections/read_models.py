"""The read models that the service keeps."""

from projections.progress.claims import ClaimsMade
from projections.progress.model import Progress
from projections.register.model import Register
from projections.reports.model import Reports
from projections.runtime.read_model import ReadModel
from projections.statements.model import Statements
from projections.statements.steps import Steps
from projections.worklist.model import Worklist

READ_MODELS: tuple[type[ReadModel], ...] = (
    Register,
    Progress,
    Worklist,
    Reports,
    Statements,
    ClaimsMade,
    Steps,
)


BY_NAME: dict[str, type[ReadModel]] = {model.name: model for model in READ_MODELS}
