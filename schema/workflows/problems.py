"""What would stop a workflow at run time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import strawberry

from preference_center.catalog import sender_numbers
from preference_center.errors import Invalid
from preference_center.rules.types import Channel
from preference_center.workflows.problems import needs_text_messages, problems_of
from schema.contract.enums import ErrorCode
from schema.engine.context import Context

if TYPE_CHECKING:
    from schema.workflows.types import Workflow


@strawberry.type
class WorkflowProblem:
    """Something that stops a workflow, or one of its actions, when it runs: the catalog has changed since."""

    code: ErrorCode = strawberry.field(description="What is wrong, for programs.")
    message: str = strawberry.field(description="What is wrong and what to do, in words for people.")
    field: list[str] | None = strawberry.field(
        description="The path to the part at fault, below the `input` of `updateWorkflow`, such as"
        ' `["actions", "0", "legalBasis"]`; null if it is the workflow as a whole.'
    )


async def load_problems(workflows: Sequence[Workflow], context: Context) -> None:
    """Find the problems of workflows: one statement, and only if one of them asks people by text message."""
    texts = any(needs_text_messages(workflow.row, context.catalog) for workflow in workflows)
    can_text = not texts or bool(await sender_numbers.list_all(Channel.SMS))
    for workflow in workflows:
        found = problems_of(workflow.row, context.catalog, can_text=can_text)
        workflow.problems = [_problem(problem) for problem in found]


def _problem(problem: Invalid) -> WorkflowProblem:
    field = list(problem.field) if problem.field else None
    return WorkflowProblem(code=problem.code, message=problem.message, field=field)
