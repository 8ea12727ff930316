"""Pictures and documents: what is taken in, and how."""
