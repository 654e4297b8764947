#!/usr/bin/env python3
"""Makes the tables in data/ that the tests compare with: decimals by Python's decimal, zones and calendars by zoneinfo,
floats by repr. The same every time, but for changes of the system's time zone database.

    make_tables.py [TIMES [FOLDER]]      so many times the cases, into another folder"""
import datetime as dt
import decimal
import os
import random
import sys
from decimal import Decimal
from zoneinfo import ZoneInfo

TIMES = int(sys.argv[1]) if len(sys.argv) > 1 else 1
FOLDER = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(os.path.abspath(__file__)), 'data')
UTC = dt.timezone.utc
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)


def table(name, rows):
    with open(os.path.join(FOLDER, name), 'w', encoding='utf-8') as f:
        for row in rows:
            f.write('\t'.join(str(x) for x in row) + '\n')
    print(name, len(rows))


# ---------------------------------------------------------------- decimals
decimal.getcontext().prec = 600
decimal.getcontext().Emax = 10000
decimal.getcontext().Emin = -10000


def plain(d):
    """All digits, no needless zeros."""
    s = format(d.normalize(), 'f')
    return '0' if s in ('-0', '0') else s


def fits(d):
    d = d.normalize()
    sign, digits, exponent = d.as_tuple()
    c = int(''.join(map(str, digits)))
    if exponent > 0:
        c, exponent = c * 10 ** exponent, 0
    return c < 2 ** 120 + sign and -exponent <= 127


def random_decimal(r):
    digits = r.choice([1, 2, 3, 5, 9, 15, 18, 19, 20, 27, 28, 30, 35, 36])
    c = r.randrange(10 ** digits)
    if r.random() < 0.3:
        c = c // 10 ** (digits // 2) * 10 ** (digits // 2)
    scale = r.choice([0, 0, 1, 2, 2, 2, 3, 6, 9, 18, 20, 30, 36, 60, 100, 127])
    return Decimal(c * r.choice([1, -1])).scaleb(-scale)


def decimals():
    r = random.Random(1)
    rows = []
    edge = [Decimal(s) for s in ('0', '1', '-1', '0.1', '-0.1', '10', '3', '7', '0.5', '1.5', '2.5', '1000000',
                                 str(2 ** 120 - 1), str(-(2 ** 120 - 1)), str(2 ** 63), str(-2 ** 63), str(2 ** 64), '1e-127', '9e-127',
                                 '999999999999999999999999999999999999', '0.000000000000000000000000000000000001')]
    pairs = [(a, b) for a in edge for b in edge[::3]] + [(random_decimal(r), random_decimal(r)) for _ in range(150 * TIMES)]
    for a, b in pairs:
        text = [format(a, 'f'), format(b, 'f')]
        for op in '+-*/%':
            if b == 0 and op in '/%':
                rows.append([op, *text, 'division by zero'])
                continue
            if op == '/':
                with decimal.localcontext() as c:
                    c.prec, c.rounding = 28, decimal.ROUND_HALF_EVEN
                    result = a / b
                if -result.normalize().as_tuple().exponent > 127:
                    continue
            else:
                result = {'+': a.__add__, '-': a.__sub__, '*': a.__mul__, '%': a.__mod__}[op](b)
            rows.append([op, *text, plain(result) if fits(result) else 'overflow'])
        rows.append(['?', *text, (a > b) - (a < b)])
    for a in edge + [random_decimal(r) for _ in range(60 * TIMES)]:
        text = format(a, 'f')
        for digits in (-3, 0, 1, 2, 20):
            result = a.quantize(Decimal(1).scaleb(-digits), decimal.ROUND_HALF_UP)
            rows.append(['round', text, digits, plain(result) if fits(result) else 'overflow'])
        rows.append(['floor', text, 0, plain(a.to_integral_value(decimal.ROUND_FLOOR))])
        rows.append(['ceil', text, 0, plain(a.to_integral_value(decimal.ROUND_CEILING))])
        rows.append(['f64', text, 0, float(a).hex()])
        rows.append(['text', text, 0, plain(a)])
    for _ in range(100 * TIMES):
        x = random_double(r)
        d = Decimal(repr(x))
        rows.append(['of f64', x.hex(), 0, plain(d) if fits(d) else 'overflow'])
    for _ in range(100 * TIMES):
        c = str(r.randrange(10 ** r.choice([1, 3, 10, 30, 36])))
        at = r.randrange(len(c) + 1)
        text = r.choice(['', '-', '+']) + c[:at] + r.choice(['', '.' if 0 < at < len(c) else '']) + c[at:]
        text += r.choice(['', '000' if '.' in text else '', 'e%d' % r.randrange(-140, 40), 'E+%d' % r.randrange(30)])
        d = Decimal(text)
        rows.append(['read', text, 0, plain(d) if fits(d) else 'overflow'])
    table('decimals.tsv', rows)


# ---------------------------------------------------------------- floats
def random_double(r):
    kind = r.randrange(6)
    if kind == 0:
        return r.uniform(-1000, 1000)
    if kind == 1:
        return round(r.uniform(-1e6, 1e6), r.randrange(8))
    if kind == 2:
        return float(r.randrange(-10 ** 18, 10 ** 18))
    if kind == 3:
        return r.uniform(-1, 1) * 10.0 ** r.randrange(-310, 308)
    if kind == 4:
        return float(r.randrange(100)) / 2 ** r.randrange(60)
    return r.choice([1, -1]) * float('%.*g' % (r.randrange(1, 18), r.random() * 10.0 ** r.randrange(-9, 25)))


def script_text(x):
    """ECMAScript's Number::toString, from the digits of repr; -0 keeps its sign."""
    sign, digits, exponent = Decimal(repr(x)).normalize().as_tuple()
    s = ''.join(map(str, digits))
    n = len(s) + exponent
    if x == 0:
        t, n = '0', None
    elif len(s) <= n <= 21:
        t = s + '0' * (n - len(s))
    elif 0 < n <= 21:
        t = s[:n] + '.' + s[n:]
    elif -6 < n <= 0:
        t = '0.' + '0' * -n + s
    else:
        t = s[0] + ('.' + s[1:] if len(s) > 1 else '') + 'e%d' % (n - 1)
    return ('-' if sign else '') + t


def floats():
    r = random.Random(2)
    special = [0.0, -0.0, 1.0, 0.1, 0.5, 1e15, 1e16, 1e20, 1e21, 1e22, 123456789012345680000.0, 1e-6, 1e-7, 1.5e-7, 5e-324,
               1.7976931348623157e308, 2.0 ** 53, 2.0 ** 53 + 2, 0.3, 2 / 3, 1 / 3, 999999.999999, 999999999.9999999, 0.000001,
               100.0, 1e5, 123456.789, 4.35, 9007199254740993.0, 2.2250738585072014e-308, 1e9, 999999999999999.0, 0.1 + 0.2]
    rows = [[x.hex(), script_text(x)] for x in special + [random_double(r) for _ in range(400 * TIMES)]]
    table('floats.tsv', rows)
    rows = []
    for x in [0.5, 1.5, 2.5, -2.5, 1.005, 2.675, 1.115, 0.285, 1e300, 5e-324, 123.456, -0.05, 0.05] + [random_double(r) for _ in range(80 * TIMES)]:
        for digits in (-2, 0, 1, 2, 6):
            rows.append([x.hex(), digits, float(Decimal(repr(x)).quantize(Decimal(1).scaleb(-digits), decimal.ROUND_HALF_UP)).hex()])
    table('rounded.tsv', rows)


# ---------------------------------------------------------------- zones
# Names whose past, and whose rule for the future, is settled; the last column is the last year that is looked at.
ZONES = [('Europe/Berlin', 2600), ('America/New_York', 2600), ('Australia/Lord_Howe', 2600), ('America/St_Johns', 2600),
         ('America/Sao_Paulo', 2019), ('Pacific/Apia', 2021), ('Asia/Kolkata', 2600), ('Asia/Kathmandu', 2600),
         ('Africa/Casablanca', 2020), ('Pacific/Chatham', 2600), ('Europe/Dublin', 2600), ('America/Havana', 2020),
         ('Antarctica/Troll', 2020), ('Pacific/Kwajalein', 2600), ('Asia/Tehran', 2020), ('Pacific/Kiritimati', 2600),
         ('Etc/GMT+12', 2600), ('Asia/Tokyo', 2600)]


def at(seconds, zone):
    return (EPOCH + dt.timedelta(seconds=seconds)).astimezone(zone)


def seconds_of(year):
    return int((dt.datetime(year, 1, 1, tzinfo=UTC) - EPOCH).total_seconds())


def offset(seconds, zone):
    return int(at(seconds, zone).utcoffset().total_seconds())


def changes(zone, first, last):
    """The instants at which the offset changes."""
    found, step = [], 86400 * 5
    t = seconds_of(first)
    while t < seconds_of(last):
        if offset(t, zone) != offset(t + step, zone):
            low, high = t, t + step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle, zone) == offset(low, zone) else (low, middle)
            found.append(high)
        t += step
    return found


def zones():
    r = random.Random(3)
    rows = []
    for name, last in ZONES:
        zone = ZoneInfo(name)
        times = [r.randrange(seconds_of(1900), seconds_of(last)) for _ in range(30 * TIMES)]
        picked = changes(zone, 1970, min(last, 2050))
        for c in r.sample(picked, min(8 * TIMES, len(picked))):
            times += [c - 1, c, c + 1]
        for t in times:
            rows.append([name, t, offset(t, zone), at(t, zone).tzname()])
    table('zones.tsv', rows)


# ---------------------------------------------------------------- calendar units, by counting minutes
def local(minute, zone):
    return minute + offset(minute * 60, zone) // 60


def day_number(year, month, day):
    return (dt.date(year, month, day) - dt.date(1970, 1, 1)).days


def first_days(unit, days):
    """Days on which units begin, around a day."""
    out = []
    for n in range(days - 800, days + 800):
        d = dt.date(1970, 1, 1) + dt.timedelta(days=n)
        if {'day': True, 'week': d.weekday() == 0, 'month': d.day == 1, 'quarter': d.day == 1 and d.month % 3 == 1,
                'year': d.day == 1 and d.month == 1}[unit]:
            out.append(n)
    return out


def first_instant(minute_of_day, zone, cache):
    if minute_of_day not in cache:
        m = minute_of_day - 27 * 60
        while local(m, zone) < minute_of_day:
            m += 1
        cache[minute_of_day] = m
    return cache[minute_of_day]


def calendar():
    r = random.Random(4)
    rows = []
    for name, last in ZONES:
        zone = ZoneInfo(name)
        cache = {}
        picked = changes(zone, 1975, min(last, 2040))
        times = [r.randrange(seconds_of(1975), seconds_of(min(last, 2400))) for _ in range(3)]
        for c in r.sample(picked, min(3 * TIMES, len(picked))):
            times += [c - 1, c, c + r.randrange(-7200, 7200), c + r.randrange(-90000, 90000)]
        if name == 'Pacific/Apia':
            times += [seconds_of(2012) - 86400 * 3 + 3600 * n for n in range(0, 60, 7)]
        for t in times:
            minute = t // 60
            boundaries = [m for m in range(minute - 150, minute + 150)
                          if local(m, zone) // 60 != local(m - 1, zone) // 60 or local(m, zone) < local(m - 1, zone)]
            rows.append([name, t, 'hour', max(m for m in boundaries if m <= minute) * 60, min(m for m in boundaries if m > minute) * 60])
            for unit in ('day', 'week', 'month', 'quarter', 'year'):
                days = first_days(unit, local(minute, zone) // 1440)
                near = [d for d in days if abs(d * 1440 - local(minute, zone)) < 400 * 1440]
                near = sorted(near, key=lambda d: abs(d * 1440 - local(minute, zone)))[:6]
                starts = sorted(first_instant(d * 1440, zone, cache) for d in near)
                floor = max(s for s in starts if s <= minute)
                rows.append([name, t, unit, floor * 60, min(s for s in starts if s > floor) * 60])
    table('calendar.tsv', rows)


# ---------------------------------------------------------------- formatting
def formats():
    r = random.Random(5)
    rows = []
    patterns = ['%Y-%m-%d %H:%M:%S', '%d/%b/%Y:%H:%M:%S %z', '%A, %B %d, %Y %I:%M:%S.%f %p', '%a %b %e %T %Z %y', '%j %u %w %G-W%V',
                '%F|%R|%D|%%|%h']
    for name, last in ZONES:
        zone = ZoneInfo(name)
        for _ in range(8 * TIMES):
            micros = r.randrange(seconds_of(1910), seconds_of(min(last, 2600))) * 10 ** 6 + r.randrange(10 ** 6)
            pattern = r.choice(patterns)
            moment = (EPOCH + dt.timedelta(microseconds=micros)).astimezone(zone)
            rows.append([name, micros, pattern, moment.strftime(pattern)])
    table('formats.tsv', rows)
    rows = []
    for _ in range(150 * TIMES):
        micros = r.randrange(seconds_of(1), seconds_of(9999)) * 10 ** 6 + r.choice([0, 0, 500000, 1, r.randrange(10 ** 6)])
        moment = EPOCH + dt.timedelta(microseconds=micros)
        text = '%04d-%02d-%02dT%02d:%02d:%02d' % (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
        if moment.microsecond:
            text += ('.%06d' % moment.microsecond).rstrip('0')
        rows.append([micros, text + 'Z'])
    table('timestamps.tsv', rows)


os.makedirs(FOLDER, exist_ok=True)
decimals()
floats()
zones()
calendar()
formats()
