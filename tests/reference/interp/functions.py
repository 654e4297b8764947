"""The built-in functions, by name; `kinds` are those of the arguments, `kind` is that of the result."""
import base64
import math
import re
from decimal import Decimal, ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP

from . import calendar, decode, stable
from .values import (EXACT, RowError, before, check_decimal, check_int, decimal_text, duration_text, float_text, to_f32)

WHITE = ''.join(map(chr, [*range(9, 14), 32, 0x85, 0xa0, 0x1680, *range(0x2000, 0x200b), 0x2028, 0x2029, 0x202f, 0x205f, 0x3000]))


def ieee(f):
    def call(*x):
        try:
            return f(*x)
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan
    return call


def logarithm(f):
    def call(x):
        if x != x or x < 0:
            return math.nan
        return -math.inf if x == 0 else math.inf if x == math.inf else f(x)
    return call


def power(a, b):
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0 and b == int(b) and int(b) % 2 else math.inf
    except ValueError:
        return math.nan if a < 0 else math.inf


def float_round(x, digits):
    if x != x or math.isinf(x) or x == 0:
        return x
    if digits >= 400:
        return x
    if digits <= -400:
        return math.copysign(0.0, x)
    return math.copysign(float(Decimal(repr(abs(x))).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=EXACT)), x)


def round_(x, digits=0, kind='f64'):
    if isinstance(x, Decimal):
        if digits < -38:
            return Decimal(0)
        if digits > 200:
            return x
        return check_decimal(x.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=EXACT)
                             if -x.as_tuple()[2] > digits else x)
    y = float_round(x, digits)
    return to_f32(y) if kind == 'f32' else y


def whole(x, rounding, f):
    if isinstance(x, Decimal):
        return check_decimal(x.to_integral_value(rounding=rounding, context=EXACT))
    return x if x != x or math.isinf(x) else math.copysign(float(f(x)), x) if f(x) == 0 else float(f(x))


def best(list_, wins):
    out = list_[0]
    for x in list_[1:]:
        if wins(x, out):
            out = x
    return out


def clamp(x, low, high):
    if before(high, low):
        raise RowError('clamp')
    return low if before(x, low) else high if before(high, x) else x


def part(text, start, count):
    if start < 0 or count < 0:
        raise RowError('negative')
    return text[start:start + count]


def replace(text, what, by):
    return text if what == '' else text.replace(what, by)


def split(text, separator):
    return (text,) if separator == '' else tuple(text.split(separator))


def total(list_, kind):
    out = Decimal(0) if kind == 'decimal' else 0.0 if kind in ('f64', 'f32') else 0
    for x in list_:
        if kind == 'decimal':
            out = check_decimal(EXACT.add(out, x))
        elif kind == 'f32':
            out = to_f32(out + x)
        elif kind == 'f64':
            out += x
        else:
            out = check_int(out + x, kind)
    return out


def to_int(x, kind, target):
    if kind == 'string':
        return decode.int_of_text(x, target)
    if kind in ('f64', 'f32'):
        if x != x or math.isinf(x):
            raise RowError('does not fit')
        return check_int(int(x), target)
    if kind == 'decimal':
        return check_int(int(x.to_integral_value(rounding=ROUND_DOWN, context=EXACT)), target)
    return check_int(x, target)


def to_float(x, kind, target):
    if kind == 'string':
        return decode.float_of_text(x, target)
    y = float(x)
    if target == 'f32':
        y = to_f32(y)
        if math.isinf(y) and kind == 'f64' and not math.isinf(x):
            raise RowError('does not fit')
    return y


def to_decimal(x, kind):
    if kind == 'string':
        return decode.decimal_of_text(x)
    if kind in ('f64', 'f32'):
        if x != x or math.isinf(x):
            raise RowError('does not fit')
        return check_decimal(Decimal(float_text(x, kind)))
    return x if kind == 'decimal' else Decimal(x)


def text_of(x, kind, type_):
    if kind == 'bool':
        return 'true' if x else 'false'
    if kind in ('f64', 'f32'):
        return float_text(x, kind)
    if kind == 'decimal':
        return decimal_text(x)
    if kind == 'bytes':
        return base64.b64encode(x).decode()
    if kind == 'timestamp':
        return calendar.timestamp_text(x)
    if kind == 'duration':
        return duration_text(x)
    if kind == 'enum':
        return type_['variants'][x]['wire'] or type_['variants'][x]['name']
    return str(x)


def parts(name):
    def call(t, zone=None):
        d = calendar.moment(t, calendar.zone_of(zone))
        return d.isoweekday() if name == 'day_of_week' else getattr(d, name)
    return call


def truncate(t, step, zone=None):
    if isinstance(step, str):
        return calendar.unit_bounds(t, step, calendar.zone_of(zone))[0]
    if step <= 0:
        raise RowError('step')
    return t // step * step


def regex(pattern):
    return re.compile(pattern.replace('(?<', '(?P<') if '(?<' in pattern and '(?<=' not in pattern else pattern)


def extract(text, pattern, group=0):
    m = regex(pattern).search(text)
    return None if m is None else m.group(group)


def captures(text, pattern):
    m = regex(pattern).search(text)
    return None if m is None else tuple(m.groupdict()[k] for k in sorted(m.re.groupindex, key=m.re.groupindex.get))


def checked_abs(x, kind):
    if kind in ('i32', 'i64', 'duration'):
        return check_int(abs(x), 'i32' if kind == 'i32' else 'i64')
    return abs(x)


def call(name, args, kinds, kind, types):
    """`types` are the types of the arguments, `kinds` their plain kinds."""
    if name == 'abs': return checked_abs(args[0], kinds[0])
    if name in ('min', 'max'):
        wins = (lambda a, b: before(a, b)) if name == 'min' else (lambda a, b: before(b, a))
        if kinds[0] == 'list' and len(args) == 1:
            return best(args[0], wins) if args[0] else None
        return best(args, wins)
    if name == 'round': return round_(*args, **({} if kinds[0] == 'decimal' else {'kind': kinds[0]}))
    if name == 'floor': return whole(args[0], ROUND_FLOOR, math.floor)
    if name == 'ceil': return whole(args[0], ROUND_CEILING, math.ceil)
    if name == 'length': return len(args[0])
    if name == 'contains': return args[1] in args[0]
    if name == 'sum': return total(args[0], kind)
    if name in ('i32', 'i64'): return to_int(args[0], kinds[0], name)
    if name in ('f32', 'f64'): return to_float(args[0], kinds[0], name)
    if name == 'decimal': return to_decimal(args[0], kinds[0])
    if name == 'string': return text_of(args[0], kinds[0], types[0])
    if name == 'timestamp':
        if kinds[0] == 'string':
            t = calendar.read_rfc3339(args[0])
            if t is None:
                raise RowError('not a timestamp')
            return t
        return check_int(args[0] * 1000, 'i64')
    if name == 'hash': return stable.of(args[0], types[0])
    if name == 'coalesce': return next((x for x in args if x is not None), None)
    return TABLE[name](*args)


def to_bool(x):
    if x not in ('true', 'false'):
        raise RowError('not a bool')
    return x == 'true'


TABLE = {
    'clamp': clamp, 'sqrt': ieee(math.sqrt), 'ln': logarithm(math.log), 'log2': logarithm(math.log2),
    'log10': logarithm(math.log10), 'exp': ieee(math.exp), 'pow': power, 'sin': ieee(math.sin), 'cos': ieee(math.cos),
    'tan': ieee(math.tan), 'asin': ieee(math.asin), 'acos': ieee(math.acos), 'atan2': math.atan2, 'radians': math.radians,
    'lower': str.lower, 'upper': str.upper, 'trim': lambda s: s.strip(WHITE),
    'starts_with': str.startswith, 'ends_with': str.endswith, 'substring': part, 'replace': replace, 'split': split,
    'join': lambda l, s: s.join(l), 'concat': lambda *x: ''.join(x), 'slice': part,
    'regex_matches': lambda s, p: regex(p).search(s) is not None,
    'regex_replace': lambda s, p, by: regex(p).sub(lambda m: by, s), 'regex_extract': extract, 'regex_captures': captures,
    'year': parts('year'), 'month': parts('month'), 'day': parts('day'), 'hour': parts('hour'), 'minute': parts('minute'),
    'second': parts('second'), 'day_of_week': parts('day_of_week'), 'truncate_time': truncate,
    'format_time': lambda t, p, zone=None: calendar.format_time(t, p, calendar.zone_of(zone)),
    'parse_time': lambda s, p, zone=None: calendar.parse_time(s, p, calendar.zone_of(zone)),
    'first': lambda l: l[0] if l else None, 'last': lambda l: l[-1] if l else None,
    'bool': to_bool, 'duration': lambda s: decode.duration_of_text(s), 'uuid': lambda s: decode.uuid_of_text(s),
    'bytes': lambda s: decode.bytes_of_text(s),
}
