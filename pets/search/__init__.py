"""Finding: what a list's address asks for, and one page of the answer."""
