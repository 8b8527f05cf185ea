"""The tables of workflows, without behaviour."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from preference_center.rules.types import EnrolmentState, Trigger
from preference_center.tables.checks import one_of


class Workflow(Model):
    """Who is enrolled by what, and what is then done to their preferences."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=200)
    enabled = fields.BooleanField()
    reenroll = fields.BooleanField()
    triggers: fields.Field[list[str]] = fields.JSONField()
    condition: fields.Field[dict[str, Any]] = fields.JSONField(null=True)
    """A contact filter as JSON."""
    when_property = fields.CharField(max_length=200, null=True)
    when_preference: fields.Field[dict[str, Any]] = fields.JSONField(null=True)
    actions: fields.Field[list[dict[str, Any]]] = fields.JSONField()
    enrolled = fields.BigIntField(db_default=0)
    changed = fields.BigIntField(db_default=0)
    unchanged = fields.BigIntField(db_default=0)
    refused = fields.BigIntField(db_default=0)
    failed = fields.BigIntField(db_default=0)
    cut = fields.BigIntField(db_default=0)
    version = fields.IntField(db_default=1)
    """Counted up with each edit."""
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "workflows"
        constraints = (UniqueConstraint(fields=("name",), name="workflows_name_unique"),)


class WorkflowTrigger(Model):
    """Something that happened and that a workflow may wait for, written together with it, gone once run.

    Points at nothing by foreign keys: of a contact that is deleted meanwhile nobody is found.
    """

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=24)
    contact_id = fields.BigIntField(null=True)
    recipient_id = fields.BigIntField(null=True)
    """Of a changed preference: it concerns every contact that has the address."""
    event_id = fields.BigIntField(null=True)
    subscription_type_id = fields.IntField(null=True)
    channel = fields.CharField(max_length=8, null=True)
    status = fields.CharField(max_length=16, null=True)
    properties: fields.Field[list[str]] = fields.JSONField(null=True)
    path: fields.Field[list[int]] = fields.JSONField(null=True)
    """The workflows whose doing it is, oldest first."""
    created_at = fields.DatetimeField()

    class Meta:
        table = "workflow_triggers"
        constraints = (one_of("workflow_triggers", "kind", Trigger),)


class Enrolment(Model):
    """One contact that went through a workflow, once, and what came of it. Never changed afterwards.

    `contact_id` is no foreign key: ids are never given out again, and that of a deleted contact names nobody.
    """

    id = fields.BigIntField(primary_key=True)
    workflow: fields.ForeignKeyRelation[Workflow] = fields.ForeignKeyField(
        "preference_center.Workflow", related_name="enrolments", on_delete=fields.CASCADE
    )
    contact_id = fields.BigIntField()
    trigger_kind = fields.CharField(max_length=24)
    trigger_id = fields.BigIntField(null=True)
    event_id = fields.BigIntField(null=True)
    operation_id = fields.BigIntField(null=True)
    is_first = fields.BooleanField()
    """Whether it is the contact's first that was done: without re-enrolment there is no other."""
    state = fields.CharField(max_length=8)
    error = fields.TextField(null=True)
    results: fields.Field[list[list[str | None]]] = fields.JSONField()
    """For each type of each action: channel, type key, status, outcome, code."""
    enrolled_at = fields.DatetimeField()

    class Meta:
        table = "enrolments"
        constraints = (
            one_of("enrolments", "trigger_kind", Trigger),
            one_of("enrolments", "state", EnrolmentState),
            UniqueConstraint(
                fields=("workflow_id", "contact_id", "trigger_id"), name="enrolments_of_trigger_unique"
            ),
        )
