"""Sheets: bytes to rows of cells, and the cells of pets back to bytes. Knows no database and no request."""
