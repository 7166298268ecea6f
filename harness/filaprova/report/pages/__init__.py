"""What is written into a run's folder to be looked at: the page, its pictures, the summary."""
