"""What SQLite does not do by itself: files copied whole and watched, and writers taking turns."""
