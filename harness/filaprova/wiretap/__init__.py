"""A recording TCP proxy: one stable address for each client process."""
