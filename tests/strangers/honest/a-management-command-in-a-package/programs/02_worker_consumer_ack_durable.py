#!/usr/bin/env python
"""Command-line utility for administrative tasks: runs the consumer by default."""

import importlib
import os
import sys


def execute_from_command_line(argv):
    name = argv[1] if len(argv) > 1 else "run_consumer"
    module = importlib.import_module(f"notifications.management.commands.{name}")
    module.Command().execute()


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notifications.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
