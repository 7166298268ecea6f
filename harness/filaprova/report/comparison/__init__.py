"""Runs side by side: what each of them says, and where they differ."""
