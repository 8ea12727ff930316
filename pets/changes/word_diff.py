"""Two versions of a long text compared word by word, as one text: what stays, what went, what came."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise, takewhile
from operator import eq
from typing import NamedTuple

# Pairs of words that are compared at most, between the first difference and the last: of 10,000 letters all,
# in 20 ms. A longer passage counts as one difference.
PAIRS = 12_000_000
EQUAL = 20_000  # pairs of equal words: more of them would take seconds
KEPT = 0.3  # the part of the shorter version that both have, or else one is told after the other
AROUND = 60  # letters of what stays that are shown beside a difference
LONG = 160  # letters of a difference that is shown whole

_WORD = re.compile(r"\n|[^\S\n]*(?:\w+(?:[.,:'’-]\w+)*|[^\w\s]+)|[^\S\n]+")


class Piece(NamedTuple):
    """A passage that stays ("same"), went ("del"), came ("ins"), or is left out ("cut")."""

    kind: str
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """The pieces of both versions, in their order; of what only differs in spaces, the new version. No pieces
    where they have too little in common to be told as one text."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    old_keys, new_keys = _keys(old), _keys(new)
    first = _alike(old_keys, new_keys)
    last = _alike(old_keys[first:][::-1], new_keys[first:][::-1])
    # A full stop alone may be that of another sentence by now.
    last = last if any(key[:1].isalnum() for key in new_keys[len(new) - last :]) else 0
    old_end, new_end = len(old) - last, len(new) - last
    between = _between(old[first:old_end], new[first:new_end])
    end = _stay(old[old_end:], new[new_end:])
    pieces = _joined([("same", new[:first]), *between, ("same", end)])
    kept = sum(len(text) for kind, text in pieces if kind == "same")
    differ = any(kind != "same" for kind, _ in pieces)
    return pieces if differ and kept >= KEPT * min(len(before), len(after)) else []


def _alike(some: Sequence[str], others: Sequence[str]) -> int:
    """With how many equal words both begin."""
    return sum(takewhile(bool, map(eq, some, others)))


def _stay(old: Sequence[str], new: Sequence[str]) -> Sequence[str]:
    """Words that both have, as in the new version; the first one is parted from what went before it."""
    return [max(old[0], new[0], key=len), *new[1:]] if new else new


def _keys(words: Sequence[str]) -> list[str]:
    return [word.strip(" \t") for word in words]


def _between(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """What differs first and last, and all between."""
    blocks = [(0, 0, 0), (len(old), len(new), 0)]
    if len(old) * len(new) <= PAIRS:
        keys, others = _keys(old), _keys(new)
        counts = Counter(others)
        common = sum(counts[key] for key in keys) > EQUAL  # then frequent words are left out of it
        found = SequenceMatcher(None, keys, others, autojunk=common).get_matching_blocks()
        # A comma or "and" alone that both have, between words that they do not, ties nothing together.
        blocks[1:1] = [one for one in found if sum(map(len, keys[one.a : one.a + one.size])) > 3]
    for (a, b, size), (next_a, next_b, _) in pairwise(blocks):
        yield "same", _stay(old[a : a + size], new[b : b + size])
        yield "del", old[a + size : next_a]
        yield "ins", new[b + size : next_b]


def _joined(parts: Iterable[tuple[str, Sequence[str]]]) -> list[Piece]:
    """Words as texts. The white space before a difference is no part of it."""
    pieces = [Piece("same", "")]
    for kind, words in parts:
        text = "".join(words)
        begin = len(text) - len(text.lstrip()) if kind != "same" else 0
        for what, some in (("same", text[:begin]), (kind, text[begin:])):
            if some and what == pieces[-1].kind:
                pieces[-1] = Piece(what, pieces[-1].text + some)
            elif some:
                pieces.append(Piece(what, some))
    return [piece for piece in pieces if piece.text]


def in_brief(pieces: Sequence[Piece]) -> list[Piece]:
    """The same with long passages left out, but for what stands beside a difference."""
    brief: list[Piece] = []
    for place, (kind, text) in enumerate(pieces):
        head = AROUND if place else 0
        tail = AROUND if place < len(pieces) - 1 else 0
        if kind != "same":
            head, tail = (len(text), 0) if len(text) <= LONG else (LONG // 2, 0)
        if len(text) <= head + tail + AROUND:
            brief.append(Piece(kind, text))
            continue
        ends = text[:head].rpartition(" ")[0], "…", text[len(text) - tail :].partition(" ")[2] if tail else ""
        brief += [Piece(what, some) for what, some in zip((kind, "cut", kind), ends, strict=True) if some]
    return brief
