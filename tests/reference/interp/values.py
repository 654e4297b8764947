"""Values as Python has them: integers, floats, Decimal, text, bytes, tuples for records and lists, None for absence.

Enum values are numbers of variants, timestamps and durations are microseconds, maps are tuples of (key, value) pairs."""
import struct
from decimal import Context, Decimal, ROUND_HALF_EVEN

END = (1 << 63) - 1      # the end of time
START = -(1 << 63)       # before all time
EXACT = Context(prec=1000, Emax=999999, Emin=-999999)
QUOTIENT = Context(prec=28, rounding=ROUND_HALF_EVEN, Emax=999999, Emin=-999999)


class RowError(Exception):
    """The row is invalid."""


def to_f32(x):
    try:
        return struct.unpack('f', struct.pack('f', x))[0]
    except OverflowError:
        return float('inf') if x > 0 else float('-inf')


def check_int(x, kind):
    bits = 31 if kind == 'i32' else 63
    if not -(1 << bits) <= x < (1 << bits):
        raise RowError('integer overflow')
    return x


def check_decimal(x):
    """Exact values have a coefficient of 121 bits and at most 127 digits behind the point."""
    sign, digits, exponent = x.as_tuple()
    if exponent in ('n', 'N', 'F'):
        raise RowError('decimal overflow')
    c = int(''.join(map(str, digits)) or '0')
    while c and c % 10 == 0 and exponent < 0:
        c //= 10
        exponent += 1
    if c == 0:
        return Decimal(0)
    if exponent > 0:
        if exponent > 60:
            raise RowError('decimal overflow')
        c *= 10 ** exponent
        exponent = 0
    if c >= (1 << 120) + (1 if sign else 0) or -exponent > 127:
        raise RowError('decimal overflow')
    return Decimal((sign, tuple(map(int, str(c))), exponent))


def is_nan(x):
    return isinstance(x, float) and x != x


def before(a, b):
    """The order where a total one is needed: NaN after all other floats."""
    if isinstance(a, float) and isinstance(b, float):
        return a < b or (b != b and a == a)
    return order_key(a) < order_key(b)


def order_key(x):
    """Text by bytes; members of records and lists one after another, absent ones last."""
    if isinstance(x, str):
        return x.encode('utf-8', 'surrogatepass')
    if isinstance(x, tuple):
        return tuple((v is None, 0 if v is None else order_key(v)) for v in x)
    return x


def identity(x):
    """What makes two values one: -0 and 0 are, and all NaNs are."""
    if isinstance(x, float):
        return 'NaN' if x != x else x + 0.0
    if isinstance(x, tuple):
        return tuple(identity(v) for v in x)
    return x


def float_text(x, kind='f64'):
    if x != x:
        return 'NaN'
    if x in (float('inf'), float('-inf')):
        return 'Infinity' if x > 0 else '-Infinity'
    if x == 0:
        return '-0' if struct.pack('>d', x)[0] & 0x80 else '0'
    if kind == 'f32':
        for precision in range(1, 12):
            text = '%.*e' % (precision - 1, abs(x))
            if to_f32(float(text)) == abs(x):
                break
    else:
        text = '%r' % abs(x)
    digits, exponent = Decimal(text).as_tuple()[1:]
    digits = ''.join(map(str, digits))
    stripped = digits.rstrip('0')
    exponent += len(digits) - len(stripped)
    digits = stripped
    whole = len(digits) + exponent
    if 0 < whole <= 21:
        out = digits + '0' * (whole - len(digits)) if len(digits) <= whole else digits[:whole] + '.' + digits[whole:]
    elif -6 < whole <= 0:
        out = '0.' + '0' * -whole + digits
    else:
        out = digits[0] + ('.' + digits[1:] if len(digits) > 1 else '') + 'e%d' % (whole - 1)
    return ('-' if x < 0 else '') + out


def decimal_text(x):
    x = check_decimal(x)
    return format(x, 'f') if x else '0'


def duration_text(x):
    sign, x = ('-' if x < 0 else ''), abs(x)
    hours, rest = divmod(x, 3600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds, micros = divmod(rest, 1_000_000)
    out = sign + 'PT'
    if hours:
        out += '%dH' % hours
    if minutes:
        out += '%dM' % minutes
    if seconds or micros or x == 0:
        out += '%d' % seconds + (('.%06d' % micros).rstrip('0') if micros else '') + 'S'
    return out
