"""What we do to the wire on purpose; touches no socket."""
