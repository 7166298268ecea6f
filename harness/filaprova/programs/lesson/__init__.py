"""The lesson's kind of program: a Python script with pika that prints what it does."""
