"""From what a picture is about to shapes with coordinates."""
