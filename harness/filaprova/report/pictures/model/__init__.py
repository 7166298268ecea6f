"""From a history to what a picture is about: tasks, and what became of them."""
