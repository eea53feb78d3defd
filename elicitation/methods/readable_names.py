"""Names and codes that people can read aloud, and that a second import finds again."""

import base64
import hashlib
import re
import secrets

# Digits and capitals without the pairs that look alike: 0 and O, 1, I and L.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
JOIN_CODE_LENGTH = 8
RETURN_CODE_LENGTH = 12
PLAIN_IDENTITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_TRAITS = (
    "amber ample azure bold brave bright brisk broad calm candid clear clever coral cosy crisp "
    "curious deep eager early earnest fair fleet fond frank fresh gentle glad golden grand green "
    "hardy hazel honest humble jolly keen kind lively loyal lucid mellow merry mild modest neat "
    "noble olive patient placid plain proud quick quiet ready rosy sage silver steady sunny swift "
    "tidy vivid warm wise"
)
_THINGS = (
    "acorn alder aspen badger beacon birch bridge brook cedar cliff clover comet crane creek "
    "cypress delta dune falcon fern field finch fjord garden grove harbour hazelnut heron hill "
    "island juniper lagoon lantern lark lemon linden lotus maple marsh meadow mesa moon nettle "
    "oak orchard otter pebble pine plover pond poplar quail raven reed river robin sparrow spruce "
    "stone swan thistle valley walnut willow wren"
)
TRAITS, THINGS = _TRAITS.split(), _THINGS.split()


def random_code(length: int) -> str:
    """A code from the alphabet without look-alikes, from the system's randomness."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))


def random_pseudonym() -> str:
    """Two words and three digits, such as "quiet-heron-417"."""
    number = 100 + secrets.randbelow(900)
    return f"{secrets.choice(TRAITS)}-{secrets.choice(THINGS)}-{number}"


def plain_code(typed: str) -> str:
    """A code as it was made, from what a person typed: case, spaces and hyphens do not matter.

    Nor does a NUL, which PostgreSQL cannot look for.
    """
    return re.sub(r"[\s\0-]", "", typed).upper()


def short_name(content_hash: str) -> str:
    """Twelve letters and digits (60 bits) that stand for a hash given in hex."""
    return base64.b32encode(bytes.fromhex(content_hash))[:12].decode().lower()


def imported_pseudonym(source: str, role: str, identity: str) -> str:
    """The name of a person in published data: the same person has the same name every time.

    source: where the number means this person, such as "seattle" ("" where it means the same
    person in every file). role: "voter". identity: the source's own id. An id that is not short
    and plain (a mail address, say) is replaced by a hash. At most 80 characters.
    """
    if not PLAIN_IDENTITY.fullmatch(identity):
        identity = short_name(hashlib.sha256(identity.encode()).hexdigest())
    return "-".join(part for part in (source[:30], role, identity) if part)
