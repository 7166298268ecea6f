"""What a run says, in words of both languages, wherever it will be shown."""
