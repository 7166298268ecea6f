"""Says a lot, and ends before it subscribes to anything."""

import sys

for number in range(100):
    print(f"line {number}")
sys.exit(3)
