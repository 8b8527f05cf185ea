from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0011_workflows")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="Enrolment",
            constraint=CheckConstraint(
                check="trigger_kind IN ('CONTACT_CREATED', 'CONTACT_UPDATED', 'PREFERENCE_CHANGED', 'MANUAL')",
                name="enrolments_trigger_kind_known",
            ),
        ),
        ops.AddConstraint(
            model_name="Enrolment",
            constraint=CheckConstraint(
                check="state IN ('DONE', 'FAILED', 'CUT')", name="enrolments_state_known"
            ),
        ),
        ops.AddConstraint(
            model_name="Enrolment",
            constraint=UniqueConstraint(
                fields=("workflow_id", "contact_id", "trigger_id"), name="enrolments_of_trigger_unique"
            ),
        ),
        ops.AddConstraint(
            model_name="Workflow",
            constraint=UniqueConstraint(fields=("name",), name="workflows_name_unique"),
        ),
        ops.AddConstraint(
            model_name="WorkflowTrigger",
            constraint=CheckConstraint(
                check="kind IN ('CONTACT_CREATED', 'CONTACT_UPDATED', 'PREFERENCE_CHANGED', 'MANUAL')",
                name="workflow_triggers_kind_known",
            ),
        ),
    ]
