from tests.filled import filled, filled_template
from tests.pipeline.conftest import small, small_template

__all__ = ["filled", "filled_template", "small", "small_template"]
