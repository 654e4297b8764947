"""Time: parts, calendar units in a zone, patterns."""
import datetime
import re
from zoneinfo import ZoneInfo

from .values import RowError

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
HOUR = 3600_000_000
MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November',
          'December']
DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']


def zone_of(name):
    return UTC if name is None or name == 'UTC' else ZoneInfo(name)


def moment(t, zone=UTC):
    try:
        return (EPOCH + datetime.timedelta(microseconds=t)).astimezone(zone)
    except OverflowError:
        raise NotImplementedError('a time beyond the years that Python knows')


def micros(when):
    d = when - EPOCH
    return (d.days * 86400 + d.seconds) * 1_000_000 + d.microseconds


def local_start(date, zone):
    """The first instant of a local date."""
    return micros(datetime.datetime(date.year, date.month, date.day, tzinfo=zone).astimezone(UTC))


def first_of(date, unit):
    if unit == 'week':
        return date - datetime.timedelta(days=date.weekday())
    if unit == 'month':
        return date.replace(day=1)
    if unit == 'quarter':
        return date.replace(month=(date.month - 1) // 3 * 3 + 1, day=1)
    if unit == 'year':
        return date.replace(month=1, day=1)
    return date


def after(date, unit):
    if unit == 'day':
        return date + datetime.timedelta(days=1)
    if unit == 'week':
        return date + datetime.timedelta(days=7)
    months = {'month': 1, 'quarter': 3, 'year': 12}[unit]
    month = date.month - 1 + months
    return date.replace(year=date.year + month // 12, month=month % 12 + 1)


def unit_bounds(t, unit, zone):
    """[start, end) of the calendar unit that holds t."""
    local = moment(t, zone)
    if unit == 'hour':
        start = t - ((local.minute * 60 + local.second) * 1_000_000 + local.microsecond)
        return start, start + HOUR
    first = first_of(local.date(), unit)
    return local_start(first, zone), local_start(after(first, unit), zone)


def timestamp_text(t):
    d = moment(t)
    out = '%04d-%02d-%02dT%02d:%02d:%02d' % (d.year, d.month, d.day, d.hour, d.minute, d.second)
    if d.microsecond:
        out += ('.%06d' % d.microsecond).rstrip('0')
    return out + 'Z'


RFC3339 = re.compile(r'(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))\Z', re.ASCII)


def read_rfc3339(text):
    """Microseconds, or None."""
    m = RFC3339.match(text)
    if not m:
        return None
    y, mo, d, h, mi, s = (int(m.group(i)) for i in range(1, 7))
    fraction = int(((m.group(7) or '') + '000000')[:6])
    offset = 0
    if m.group(9):
        oh, om = int(m.group(10)), int(m.group(11))
        if oh > 23 or om > 59:
            return None
        offset = (oh * 60 + om) * 60_000_000 * (-1 if m.group(9) == '-' else 1)
    try:
        when = datetime.datetime(y, mo, d, h, mi, s, tzinfo=UTC)
    except ValueError:
        return None
    return micros(when) + fraction - offset


def format_time(t, pattern, zone):
    d = moment(t, zone)

    def one(m):
        c = m.group(1)
        offset = d.utcoffset()
        seconds = int(offset.total_seconds())
        iso = d.isocalendar()
        table = {
            'Y': lambda: '%04d' % d.year, 'y': lambda: '%02d' % (d.year % 100), 'm': lambda: '%02d' % d.month,
            'd': lambda: '%02d' % d.day, 'e': lambda: '%2d' % d.day, 'j': lambda: '%03d' % d.timetuple().tm_yday,
            'H': lambda: '%02d' % d.hour, 'I': lambda: '%02d' % (d.hour % 12 or 12),
            'p': lambda: 'AM' if d.hour < 12 else 'PM', 'M': lambda: '%02d' % d.minute, 'S': lambda: '%02d' % d.second,
            'f': lambda: '%06d' % d.microsecond, 's': lambda: '%d' % (t // 1_000_000), 'a': lambda: DAYS[d.weekday()][:3],
            'A': lambda: DAYS[d.weekday()], 'b': lambda: MONTHS[d.month - 1][:3], 'h': lambda: MONTHS[d.month - 1][:3],
            'B': lambda: MONTHS[d.month - 1], 'u': lambda: '%d' % d.isoweekday(), 'w': lambda: '%d' % (d.isoweekday() % 7),
            'G': lambda: '%04d' % iso[0], 'V': lambda: '%02d' % iso[1],
            'z': lambda: '%s%02d%02d' % ('-' if seconds < 0 else '+', abs(seconds) // 3600, abs(seconds) // 60 % 60),
            'F': lambda: '%04d-%02d-%02d' % (d.year, d.month, d.day),
            'T': lambda: '%02d:%02d:%02d' % (d.hour, d.minute, d.second), 'R': lambda: '%02d:%02d' % (d.hour, d.minute),
            'D': lambda: '%02d/%02d/%02d' % (d.month, d.day, d.year % 100), 'n': lambda: '\n', 't': lambda: '\t',
            '%': lambda: '%'}
        return table[c]()

    return re.sub('%(.)', one, pattern, flags=re.S)


def parse_time(text, pattern, zone):
    """Numbers of dates and clocks only: what the random programs use."""
    groups, rx, i = [], '', 0
    expanded = pattern.replace('%F', '%Y-%m-%d').replace('%T', '%H:%M:%S').replace('%R', '%H:%M')
    widths = {'Y': r'(\d{1,4})', 'm': r'(\d{1,2})', 'd': r'(\d{1,2})', 'H': r'(\d{1,2})', 'M': r'(\d{1,2})', 'S': r'(\d{1,2})'}
    while i < len(expanded):
        if expanded[i] == '%':
            c = expanded[i + 1]
            if c not in widths:
                raise NotImplementedError('parse_time with %' + c)
            rx += widths[c]
            groups.append(c)
            i += 2
        else:
            rx += re.escape(expanded[i])
            i += 1
    m = re.fullmatch(rx, text, re.ASCII)
    if not m:
        raise RowError('not a time')
    parts = {'Y': 1970, 'm': 1, 'd': 1, 'H': 0, 'M': 0, 'S': 0}
    parts.update({g: int(m.group(k + 1)) for k, g in enumerate(groups)})
    try:
        when = datetime.datetime(parts['Y'], parts['m'], parts['d'], parts['H'], parts['M'], parts['S'], tzinfo=zone)
    except ValueError:
        raise RowError('not a time')
    return micros(when.astimezone(UTC))
