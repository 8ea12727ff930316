"""The forms: labels, words and what was typed. The rules are asked from the nouns."""
