"""From a run's results to what people read: run folders, answers, the final table, rechecks."""
