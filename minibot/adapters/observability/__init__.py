"""What minibot says about itself: logs, without secrets."""

from minibot.adapters.observability.logs import LogPipeline, configure_logging
from minibot.adapters.observability.redaction import Redactor

__all__ = ["LogPipeline", "Redactor", "configure_logging"]
