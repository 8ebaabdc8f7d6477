"""Prefect flows: decorators over library calls; retries live here and nowhere else.

Importing this package, which comes before Prefect's own import, settles how Prefect behaves unless
the environment says otherwise: nothing is reported to anyone, logs are ours, and the server that a
flow starts for itself gets the time that it needs on a busy machine.
"""

import os
from pathlib import Path

DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_LOGGING_SETTINGS_PATH": str(Path(__file__).with_name("logging.yml")),
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
}
for _name, _value in DEFAULTS.items():
    os.environ.setdefault(_name, _value)
