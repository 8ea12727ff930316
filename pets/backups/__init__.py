"""Backups: whole copies of the register, made by hand and by themselves, checked, rehearsed, and put back."""
