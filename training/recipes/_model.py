"""Loading a base model, giving it adapters, choosing the device, and writing what came out."""

import os
import random
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

from training.recipes._config import Config
from training.recipes._errors import BadInput
from training.recipes._files import sync_tree


def prepare_environment(config: Config) -> None:
    """Settings that libraries read while they are imported; call before importing torch."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # the same sums on every GPU run
    # The libraries' notes to themselves about coming renames would bury what a reader looks for.
    warnings.filterwarnings("ignore", category=FutureWarning)
    if Path(config.base).is_dir():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")


def choose_device(config: Config) -> str:
    """ "cuda" or "cpu". Raises BadInput when a GPU is asked for and there is none."""
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    if config.threads:
        torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    random.seed(config.seed)
    there = torch.cuda.is_available()
    if config.device == "cuda" and not there:
        raise BadInput('config.json: "device" is "cuda", but this machine has no GPU to use.')
    if there and config.device != "cpu":
        torch.use_deterministic_algorithms(True, warn_only=True)
        return "cuda"
    return "cpu"


def load_tokenizer(config: Config) -> Any:
    """The base's tokenizer, with a padding token. Raises BadInput when there is none."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(config.base)
    except (OSError, ValueError) as error:
        raise _not_loaded(config, error) from None
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_base(config: Config, device: str) -> Any:
    """The base in float32, which on a CPU is also the fastest. Raises BadInput."""
    from transformers import AutoModelForCausalLM

    try:
        # Weights are read from safetensors only: any other format can run code.
        model: Any = AutoModelForCausalLM.from_pretrained(
            config.base, dtype="float32", use_safetensors=True
        )
    except (OSError, ValueError) as error:
        raise _not_loaded(config, error) from None
    return model.to(device)


def load_scorer(config: Config, device: str, pad_token_id: int) -> Any:
    """The base with one number instead of a next word; its last layer begins at random (torch's
    seed decides). Raises BadInput."""
    from transformers import AutoModelForSequenceClassification

    try:
        model: Any = AutoModelForSequenceClassification.from_pretrained(
            config.base, num_labels=1, dtype="float32", use_safetensors=True
        )
    except (OSError, ValueError) as error:
        raise _not_loaded(config, error) from None
    model.config.pad_token_id = pad_token_id
    return model.to(device)


def adapter_config(config: Config, task: str = "CAUSAL_LM") -> Any:
    """peft's description of the adapters, or None for full training."""
    if config.lora is None:
        return None
    from peft import LoraConfig

    return LoraConfig(
        r=config.lora.r,
        lora_alpha=config.lora.alpha,
        lora_dropout=config.lora.dropout,
        target_modules=config.lora.targets,
        task_type=task,
    )


def training_arguments(config: Config, device: str, folder: Path) -> dict[str, Any]:
    """What every TRL configuration of ours has in common."""
    return {
        "output_dir": str(folder),
        "seed": config.seed,
        "data_seed": config.seed,
        "max_steps": config.max_steps,
        "per_device_train_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.gradient_accumulation,
        "learning_rate": config.learning_rate,
        "lr_scheduler_type": config.schedule,
        "warmup_steps": config.warmup_steps,
        "max_grad_norm": config.max_grad_norm,
        "weight_decay": config.weight_decay,
        "save_strategy": "steps",
        "save_steps": config.save_every,
        "save_total_limit": config.keep_checkpoints,
        "logging_strategy": "steps",
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "eval_strategy": "no",
        "report_to": "none",
        "use_cpu": device == "cpu",
        "bf16": False,
        "gradient_checkpointing": False,
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
        "max_length": None,  # rows arrive cut to size
    }


def write_final(model: Any, tokenizer: Any, folder: Path, *, merge: bool = False) -> Any:
    """The trained weights and the tokenizer, put in place by one rename; safetensors only.

    merge: add adapters into the weights they adapt first. Returns the model that was written.
    """
    if merge:
        model = model.merge_and_unload()
    made = Path(tempfile.mkdtemp(prefix=".final-", dir=folder.parent))
    model.save_pretrained(made, safe_serialization=True)
    tokenizer.save_pretrained(made)
    (made / "README.md").unlink(missing_ok=True)  # peft's card; ours is card.md
    made.chmod(0o755)
    sync_tree(made)
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)
    return model


def _not_loaded(config: Config, error: Exception) -> BadInput:
    reason = str(error).strip().splitlines()[0][:200]
    return BadInput(f'config.json: "base": the model {config.base} could not be loaded ({reason})')
