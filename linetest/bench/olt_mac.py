"""MACs as the makers of OLTs spell them."""


def colons(text: str) -> str:
    """Return a MAC of any spelling as six pairs of small digits with colons."""
    digits = "".join(character for character in text.lower() if character not in ".:-")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def groups(mac: str, separator: str) -> str:
    """Return a MAC with colons as three groups of four digits."""
    digits = mac.replace(":", "")
    return separator.join(digits[at : at + 4] for at in (0, 4, 8))
