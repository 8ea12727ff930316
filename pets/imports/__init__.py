"""Sheets on their way in: uploads, columns, rows into facts, and what each row stands for."""
