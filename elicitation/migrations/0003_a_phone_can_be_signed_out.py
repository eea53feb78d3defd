"""A person can end what their other phones may do."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("elicitation", "0002_what_phones_do")]

    operations = [
        migrations.AddField(
            model_name="device",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
