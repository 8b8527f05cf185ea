from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0004_operations")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="Operation",
            constraint=CheckConstraint(
                check="kind IN ('BULK_UPDATE', 'IMPORT_OPT_OUTS', 'IMPORT_CONTACTS', 'REVERSAL', 'WORKFLOW_ENROLMENT')",
                name="operations_kind_known",
            ),
        ),
        ops.AddConstraint(
            model_name="Operation",
            constraint=CheckConstraint(
                check="state IN ('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')",
                name="operations_state_known",
            ),
        ),
        ops.AddConstraint(
            model_name="Operation",
            constraint=UniqueConstraint(
                fields=("idempotency_key",), name="operations_idempotency_key_unique"
            ),
        ),
        ops.AddConstraint(
            model_name="Operation",
            constraint=UniqueConstraint(fields=("reverts_id",), name="operations_reverts_unique"),
        ),
        ops.AddConstraint(
            model_name="OperationPart",
            constraint=UniqueConstraint(fields=("operation_id", "number"), name="operation_parts_of_unique"),
        ),
    ]
