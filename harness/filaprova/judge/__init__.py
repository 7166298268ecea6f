"""Judging: pure functions over a history. No file here does any I/O."""
