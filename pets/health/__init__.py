"""Whether the register is kept well: what is set and what is not, each with what to do."""
