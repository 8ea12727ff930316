"""What holds for every request: permissions, tokens, errors, static files, jobs, and how things are said."""
