"""A client of ZeroMQ's protocol made by hand, which can also say what no library would."""

import random
import socket
import struct
from contextlib import contextmanager

GREETING = b"\xff" + bytes(7) + b"\x01\x7f\x03\x01" + b"NULL".ljust(20, b"\0") + bytes(32)
PATIENCE = 20.0  # seconds that any of its waits may take


def command(name: bytes, body: bytes = b"") -> bytes:
    text = bytes([len(name)]) + name + body
    return bytes([4, len(text)]) + text


def ready(kind: bytes, identity: bytes = b"") -> bytes:
    pairs = ((b"Socket-Type", kind), (b"Identity", identity))
    named = lambda name, value: bytes([len(name)]) + name + struct.pack(">I", len(value)) + value
    return command(b"READY", b"".join(named(*pair) for pair in pairs))


def message(*parts: bytes) -> bytes:
    last = len(parts) - 1
    return b"".join(
        struct.pack(">BQ", 2 | (at < last), len(part)) + part for at, part in enumerate(parts)
    )


SUBSCRIBE = message(b"\x01")


def connect(url: str) -> socket.socket:
    """A connection to a kernel's socket, on which nothing has been said."""
    transport, _, place = url.partition("://")
    if transport == "ipc":
        stream = socket.socket(socket.AF_UNIX)
        address = place
    else:
        host, _, port = place.rpartition(":")
        stream, address = socket.socket(), (host, int(port))
    stream.settimeout(PATIENCE)
    try:
        stream.connect(address)
    except OSError:
        stream.close()
        raise
    return stream


@contextmanager
def client(url: str, kind: bytes, identity: bytes = b""):
    """A connection that has shaken hands."""
    stream = connect(url)
    try:
        stream.sendall(GREETING + ready(kind, identity))
        got = b""
        while len(got) < 66 or len(got) < 66 + got[65]:
            more = stream.recv(1000)
            if not more:
                raise ConnectionError("the kernel closed the connection")
            got += more
        yield stream
    finally:
        stream.close()


def is_closed(stream: socket.socket) -> bool:
    """Whether the other side closes the connection, sooner or later."""
    try:
        while stream.recv(1 << 16):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True


def malformed(chance: random.Random, kind: bytes) -> bytes:
    """Something that is no handshake, or no message after one."""
    good = GREETING + ready(kind)
    changed = bytearray(good + message(b"<IDS|MSG>", b"", b"{}", b"{}", b"{}", b"{}"))
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return chance.choice([
        lambda: chance.randbytes(chance.randrange(1, 200)),
        lambda: b"GET / HTTP/1.1\r\n\r\n",
        lambda: good[: chance.randrange(len(good))],
        lambda: bytes(changed),
        # What ended a kernel: a name that is longer than its command.
        lambda: GREETING + b"\x04\x01\xff",
        lambda: GREETING + b"\x04\x00",
        lambda: GREETING + b"\x06" + b"\xff" * 8,
        lambda: good + b"\x02" + struct.pack(">Q", chance.choice([2**63, 2**40, 2**29])),
        lambda: good + bytes([chance.randrange(8, 256), 0]),
        lambda: good + b"\x01\x00" * 2000,
        lambda: good + message(*[chance.randbytes(9) for _ in range(chance.randrange(9))]),
        lambda: good + message(b"<IDS|MSG>", chance.randbytes(64).hex().encode(), *[b"{}"] * 4),
        lambda: good + command(b"PING") + command(b"SUBSCRIBE", b"x" * 200),
    ])()
