"""One tiny base model for all recipe tests."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained Llama of 0.1 million parameters, built offline."""
    from training.recipes.base_model import tiny_model

    return tiny_model(tmp_path_factory.mktemp("base") / "tiny", seed=0)
