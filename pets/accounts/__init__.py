"""Who may come in: accounts, passwords, sessions, the rate limit and the audit log."""
