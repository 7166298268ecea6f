"""Programs under examination: start, watch, freeze, signal and end them; read their output."""
