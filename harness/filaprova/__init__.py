"""Examine work queues: run a real broker and real programs, strike, record, judge."""
