"""Saved runs are made as for the report."""

from tests.harness.report.conftest import make, register, unwritable

__all__ = ["make", "register", "unwritable"]
