"""The record: every kind of event, the history that holds them, and who writes it."""
