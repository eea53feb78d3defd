"""What to ask each community next, as an analysis weighs it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("elicitation", "0003_a_phone_can_be_signed_out")]

    operations = [
        migrations.CreateModel(
            name="AskingWeights",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weights", models.JSONField(default=dict)),
                ("otherwise", models.FloatField(default=1.0)),
                ("made_at", models.DateTimeField(auto_now=True)),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="elicitation.activity",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="elicitation.workshopcommunity",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "asking weights",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("activity", "seat"), name="asking_weights_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("otherwise__gte", 0)),
                        name="asking_weight_at_least_zero",
                    ),
                ],
            },
        ),
    ]
