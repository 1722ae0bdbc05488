"""Heads of logs as text."""

import pytest

from skycommons.base.errors import FormatError
from skycommons.governance.checkpoint import Checkpoint, parse_checkpoint

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="  # the example of C2SP tlog-checkpoint


@pytest.mark.parametrize("extensions", [(), ("one", "two — three")])
def test_a_checkpoint_is_read_and_written(extensions: tuple[str, ...]) -> None:
    """The same text again."""
    text = f"example.com/behind-the-sofa\n20852163\n{ROOT}\n" + "".join(f"{line}\n" for line in extensions)
    head = parse_checkpoint(text)
    assert (head.origin, head.size, head.extensions) == ("example.com/behind-the-sofa", 20852163, extensions)
    assert head.root.hex().startswith("0ac5186a91863e8e")
    assert head.text == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "each line with its newline"),
        (f"a\n1\n{ROOT}", "each line with its newline"),
        ("a\n1\n", "each line with its newline"),
        (f"a\n1\n{ROOT}\nb", "each line with its newline"),
        (f"\n1\n{ROOT}\n", "not empty"),
        (f"a\n01\n{ROOT}\n", "line 2"),
        (f"a\n-1\n{ROOT}\n", "line 2"),
        (f"a\n9223372036854775808\n{ROOT}\n", "line 2"),
        (f"a\n1\n{ROOT[:-1]}\n", "line 3"),
        ("a\n1\nAAAA\n", "line 3"),
        (f"a\n1\n{ROOT}\n\n", "not empty"),
        (f"a\r\n1\n{ROOT}\n", "control character"),
        (f"\ud800\n1\n{ROOT}\n", "not Unicode"),
        (f"a\n1\n{ROOT}\n{'b' * 65_535}\n", "at most 65,535"),
    ],
)
def test_other_texts_are_no_checkpoints(text: str, words: str) -> None:
    """Each says what is missing."""
    with pytest.raises(FormatError, match=words):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    ("size", "root", "origin"),
    [(-1, bytes(32), "a"), (2**63, bytes(32), "a"), (1, bytes(31), "a"), (1, bytes(32), "a\nb")],
)
def test_a_head_that_cannot_be_written_cannot_be_made(size: int, root: bytes, origin: str) -> None:
    """What is made can be read."""
    with pytest.raises(FormatError, match="checkpoint"):
        Checkpoint(origin=origin, size=size, root=root)


def test_the_largest_head_is_read() -> None:
    """The last size that there can be, and the longest text."""
    head = Checkpoint(origin="a", size=2**63 - 1, root=bytes(32))
    longest = Checkpoint(origin="a" * (65_535 - len(head.text) + 1), size=2**63 - 1, root=bytes(32))
    assert len(longest.text) == 65_535
    assert parse_checkpoint(longest.text) == longest
