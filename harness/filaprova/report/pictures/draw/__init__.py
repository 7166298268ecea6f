"""From shapes to markup."""
