"""The brokers that scenarios run on: in a container, as a private process, or the user's own."""
