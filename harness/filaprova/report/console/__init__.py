"""What is shown in a terminal: tables and lines, in one language."""
