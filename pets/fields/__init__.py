"""What is kept of a pet: kinds of field, text, ages and dates. Knows no database, no request."""
