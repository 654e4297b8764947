"""The function `hash`: XXH64 with seed 0 of a value's bytes, little-endian."""
import struct

from .values import EXACT

ALL = (1 << 64) - 1
P1, P2, P3, P4, P5 = (0x9e3779b185ebca87, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9, 0x85ebca77c2b2ae63, 0x27d4eb2f165667c5)


def rotated(x, n):
    x &= ALL
    return (x << n | x >> (64 - n)) & ALL


def turn(lane, word):
    return rotated(lane + word * P2, 31) * P1 & ALL


def xxh64(data):
    at = 0
    if len(data) >= 32:
        lanes = [(P1 + P2) & ALL, P2, 0, -P1 & ALL]
        while len(data) - at >= 32:
            lanes = [turn(lane, word) for lane, word in zip(lanes, struct.unpack_from('<4Q', data, at))]
            at += 32
        h = sum(rotated(lane, n) for lane, n in zip(lanes, (1, 7, 12, 18)))
        for lane in lanes:
            h = ((h ^ turn(0, lane)) * P1 + P4) & ALL
    else:
        h = P5
    h = (h + len(data)) & ALL
    while len(data) - at >= 8:
        h = (rotated(h ^ turn(0, struct.unpack_from('<Q', data, at)[0]), 27) * P1 + P4) & ALL
        at += 8
    if len(data) - at >= 4:
        h = (rotated(h ^ struct.unpack_from('<I', data, at)[0] * P1, 23) * P2 + P3) & ALL
        at += 4
    for byte in data[at:]:
        h = rotated(h ^ byte * P5, 11) * P1 & ALL
    h = (h ^ h >> 33) * P2 & ALL
    h = (h ^ h >> 29) * P3 & ALL
    return h ^ h >> 32


def raw(x, type_):
    """The bytes of a plain value that is no list, map or record."""
    kind = type_['kind']
    if kind == 'bool':
        return bytes([x])
    if kind in ('f32', 'f64'):
        return struct.pack('<Q', 0x7ff8000000000000) if x != x else struct.pack('<d', x + 0.0)
    if kind == 'decimal':
        sign, digits, exponent = x.normalize(EXACT).as_tuple()
        c = int(''.join(map(str, digits)))
        if exponent > 0:
            c, exponent = c * 10 ** exponent, 0
        return (-c if sign else c).to_bytes(16, 'little', signed=True) + bytes([-exponent])
    if kind == 'enum':
        return (type_['variants'][x]['wire'] or type_['variants'][x]['name']).encode()
    if kind == 'string':
        return x.encode()
    if kind == 'bytes':
        return x
    if kind == 'uuid':
        return bytes.fromhex(x.replace('-', ''))
    return struct.pack('<q', x)


def of(x, type_):
    h = xxh64(b'\xff' if x is None else raw(x, type_))
    return h - (1 << 64) if h >> 63 else h
