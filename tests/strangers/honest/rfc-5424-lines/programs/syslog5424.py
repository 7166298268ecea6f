"""Log lines as RFC 5424 wants them, on standard output, for a collector to take from there."""

import logging
import os
import socket
import sys
from datetime import datetime, timezone

LOCAL0 = 16
SEVERITIES = {"CRITICAL": 2, "ERROR": 3, "WARNING": 4, "INFO": 6, "DEBUG": 7}
ENTERPRISE = 32473


def escaped(value):
    return str(value).replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


class RFC5424Formatter(logging.Formatter):
    def format(self, record):
        priority = LOCAL0 * 8 + SEVERITIES[record.levelname]
        time = datetime.fromtimestamp(record.created, timezone.utc).isoformat()
        data = getattr(record, "data", None)
        structured = "-"
        if data:
            pairs = " ".join(f'{name}="{escaped(value)}"' for name, value in data.items())
            structured = f"[message@{ENTERPRISE} {pairs}]"
        return (
            f"<{priority}>1 {time} {socket.gethostname()} {record.name} {os.getpid()} "
            f"{getattr(record, 'msgid', '-')} {structured} {record.getMessage()}"
        )


def get_logger(name):
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(RFC5424Formatter())
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    return logger
