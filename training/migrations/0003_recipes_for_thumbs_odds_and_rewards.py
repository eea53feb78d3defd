from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0002_kinds_of_datasets'),
    ]

    operations = [
        migrations.AlterField(
            model_name='trainingrun',
            name='recipe',
            field=models.CharField(choices=[('sft', 'Supervised fine-tuning (SFT)'), ('dpo', 'Direct preference optimisation (DPO)'), ('rlaif', 'Offline RLAIF: a judge reads principles, then DPO'), ('kto', 'From thumbs, completion by completion (KTO)'), ('orpo', 'Imitation and preference in one, without a reference (ORPO)'), ('reward', 'Reward models (Bradley-Terry)')], max_length=12),
        ),
    ]
