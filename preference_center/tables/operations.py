"""Operations: long jobs with progress."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from preference_center.rules.types import OperationKind, OperationState
from preference_center.tables.checks import one_of


class Operation(Model):
    """A long job with its progress. After a crash it resumes at `position`."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=24)
    state = fields.CharField(max_length=12)
    dry_run = fields.BooleanField(db_default=False)
    parameters: fields.Field[dict[str, Any]] = fields.JSONField()
    explanation = fields.TextField(null=True)
    actor = fields.CharField(max_length=400)
    idempotency_key = fields.CharField(max_length=200, null=True)
    """Prefixed with the API token's name, so that keys of different tokens never collide."""
    digest = fields.BinaryField(null=True)
    total = fields.BigIntField(null=True)
    position = fields.IntField(db_default=-1)
    """The last finished part; parts are numbered from 0."""
    processed = fields.BigIntField(db_default=0)
    changed = fields.BigIntField(db_default=0)
    unchanged = fields.BigIntField(db_default=0)
    refused = fields.BigIntField(db_default=0)
    opted_out = fields.BigIntField(db_default=0)
    """Rows of an import that say no: their addresses are opted out."""
    refusals: fields.Field[dict[str, int]] = fields.JSONField()
    error = fields.TextField(null=True)
    attempts = fields.IntField(db_default=0)
    cancelling = fields.BooleanField(db_default=False)
    reverts_id = fields.BigIntField(null=True)
    reverted_by_id = fields.BigIntField(null=True)
    lease_owner = fields.CharField(max_length=64, null=True)
    lease_until = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "operations"
        constraints = (
            one_of("operations", "kind", OperationKind),
            one_of("operations", "state", OperationState),
            UniqueConstraint(fields=("idempotency_key",), name="operations_idempotency_key_unique"),
            UniqueConstraint(fields=("reverts_id",), name="operations_reverts_unique"),
        )


class OperationPart(Model):
    """Some thousand targets or rows of an operation, processed in one transaction."""

    id = fields.BigIntField(primary_key=True)
    operation: fields.ForeignKeyRelation[Operation] = fields.ForeignKeyField(
        "preference_center.Operation", related_name="parts", on_delete=fields.CASCADE
    )
    number = fields.IntField()
    payload = fields.TextField()
    """JSON: contact ids, or rows of a file with their line numbers."""

    class Meta:
        table = "operation_parts"
        constraints = (UniqueConstraint(fields=("operation_id", "number"), name="operation_parts_of_unique"),)


class OperationRefusal(Model):
    """A contact, row or preference that an operation refused, and why; can be downloaded."""

    id = fields.BigIntField(primary_key=True)
    operation: fields.ForeignKeyRelation[Operation] = fields.ForeignKeyField(
        "preference_center.Operation", related_name="refused_rows", on_delete=fields.CASCADE
    )
    line = fields.BigIntField(null=True)
    contact_id = fields.BigIntField(null=True)
    recipient_id = fields.BigIntField(null=True)
    about = fields.CharField(max_length=200, null=True)
    """The key of the subscription type, or the column, that was refused."""
    code = fields.CharField(max_length=32)
    message = fields.TextField()

    class Meta:
        table = "operation_refusals"
