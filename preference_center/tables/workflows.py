"""Workflows, the events waiting to trigger them, and enrolments."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from preference_center.rules.types import EnrolmentState, Trigger
from preference_center.tables.checks import one_of


class Workflow(Model):
    """Which events enrol a contact, and what then happens to the contact's preferences."""

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
    """Increases with each edit."""
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "workflows"
        constraints = (UniqueConstraint(fields=("name",), name="workflows_name_unique"),)


class WorkflowTrigger(Model):
    """An event that may trigger workflows, written in the transaction of its cause, deleted once processed.

    Has no foreign keys: a contact deleted meanwhile is simply not found.
    """

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=24)
    contact_id = fields.BigIntField(null=True)
    recipient_id = fields.BigIntField(null=True)
    """Set for a changed preference, which concerns every contact with the address."""
    event_id = fields.BigIntField(null=True)
    subscription_type_id = fields.IntField(null=True)
    channel = fields.CharField(max_length=8, null=True)
    status = fields.CharField(max_length=16, null=True)
    properties: fields.Field[list[str]] = fields.JSONField(null=True)
    path: fields.Field[list[int]] = fields.JSONField(null=True)
    """The ids of the workflows that caused the event, first cause first."""
    created_at = fields.DatetimeField()

    class Meta:
        table = "workflow_triggers"
        constraints = (one_of("workflow_triggers", "kind", Trigger),)


class Enrolment(Model):
    """One run of a workflow for one contact, and its results. Never updated.

    `contact_id` is no foreign key: ids are never reused, and the id of a deleted contact identifies nobody.
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
    """Whether it is the contact's first completed run; without re-enrolment there is only one."""
    state = fields.CharField(max_length=8)
    error = fields.TextField(null=True)
    results: fields.Field[list[list[str | None]]] = fields.JSONField()
    """For each subscription type of each action: channel, type key, status, outcome, code."""
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
