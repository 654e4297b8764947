"""Random records: disorder, duplicates, absent values, what is malformed or mistyped, empty files."""
import csv
import gzip
import io
import json
import os
import subprocess

FLAT = ('i64', 'i32', 'f64', 'decimal', 'string', 'bool', 'timestamp', 'duration', 'Color')
CSV_FIELDS = {'id': 'i64', 'k': 'string', 'at': 'timestamp', 'x': 'f64', 'n': 'i64?', 'd': 'decimal', 's': 'string?',
              'flag': 'bool', 'color': 'Color', 'small': 'i64', 'long': 'duration', 'note': 'string'}
JSON_FIELDS = dict(CSV_FIELDS, tags='list<i64>', pos='Inner', far='Inner?', y='f64?', when='timestamp?')
FAR = 4_000_000_000_000       # beyond every `max_ahead`
START = 1_774_700_000_000    # milliseconds; a few hours before clocks change in Europe


def value(r, name, number, t):
    big = r.random() < 0.03
    if name == 'id': return number
    if name == 'k': return r.choice('aaabbc') if r.random() < 0.95 else r.choice(['', '\u00e9t\u00e9', 'a long name, of more than fifteen bytes', 'q"\\\n'])
    if name == 'at': return t
    if name in ('x', 'y'): return r.choice([0, 1.5, -2.25, 1e300, -0.0]) if r.random() < 0.1 else round(r.gauss(0, 20), r.choice([0, 1, 2]))
    if name == 'n': return r.choice([9223372036854775807, -9223372036854775808]) if big else r.randint(-4, 9)
    if name == 'd': return Number(r.choice(['12345678901234567890.123456789', '1e3', '0', '-7.50'])) if r.random() < 0.05 else Number('%d.%0*d' % (r.randint(-99, 99), r.randint(1, 4), r.randint(0, 9)))
    if name in ('s', 'note'): return r.choice(['', 'Red', 'two words', '  padded ', 'x,y;z', '\u4f60\u597d w\u00f6rld', 'a much longer text than fits', 'A1b2', '12', '2026-01-01'])
    if name == 'flag': return r.random() < 0.5
    if name == 'color': return r.choice(['red', 'gr\u00fcn', 'blue'])
    if name == 'small': return r.randint(0, 3)
    if name == 'long': return r.choice(['PT1S', '5m', '-PT0.5S', 'PT1H2M', '250ms', 'PT0S'])
    if name == 'tags': return [r.randint(-3, 9) for _ in range(r.choice([0, 0, 1, 2, 3]))]
    if name in ('pos', 'far'): return {'a': r.randint(-5, 5), **({'b': round(r.gauss(0, 9), 1)} if r.random() < 0.7 else {}), **({'c': r.choice(['', 'cc'])} if r.random() < 0.7 else {})}
    if name == 'when': return t + r.randint(-100000, 100000)
    raise KeyError(name)


class Number(float):
    """A number written with the digits it was given."""

    def __new__(cls, text):
        self = float.__new__(cls, text)
        self.text = text
        return self

    def __repr__(self):
        return self.text


OPTIONAL = ('n', 's', 'far', 'y', 'when')


def rows(r, count, csv_, ahead=False):
    t = START + r.randint(0, 40_000_000)
    step, disorder = r.choice([100, 700, 1000, 5000]), r.choice([0, 0, 2000, 8000, 40000])
    out = []
    for i in range(count):
        t += r.choice([30_000, 90_000, 4000_000]) if r.random() < 0.02 else int(r.expovariate(1 / step)) if r.random() < 0.9 else 0
        at = t - (r.randint(0, disorder) if r.random() < 0.4 else 0)
        if r.random() < 0.15:
            at = at // 1000 * 1000
        if ahead and r.random() < 0.02:
            at = FAR
        row = {n: value(r, n, i, at) for n in (CSV_FIELDS if csv_ else JSON_FIELDS)}
        for n in OPTIONAL:
            if n in row and r.random() < 0.25:
                row[n] = None
        out.append(row)
        if r.random() < 0.03:
            out.append(dict(row))
    return out


def json_line(r, row, mistyped, wrap=lambda row: row):
    row = {n: v for n, v in row.items() if v is not None or r.random() < 0.5}
    if r.random() < 0.05:
        row.pop('note', None)
    if r.random() < 0.1:
        items = list(row.items())
        r.shuffle(items)
        row = dict(items)
    if r.random() < 0.05:
        row['unknown'] = {'deep': [1, {'x': None}, 'y']}
    if mistyped and r.random() < 0.04:
        row[r.choice(['id', 'x', 'n', 'k', 'color', 'tags', 'pos', 'd', 'at', 'flag'])] = r.choice([None, 'zzz', [1], {'q': 1}, 1.5, True, 1e30])
    row = wrap(row)
    line = json.dumps(row, ensure_ascii=r.random() < 0.3, separators=r.choice([(',', ':'), (', ', ': ')]))
    if r.random() < 0.02:
        line = r.choice([line[:-2], line + ' x', line.replace(':', '', 1), 'nonsense', line[:len(line) // 2], '[' + line + ']'])
    return line


def csv_text(r, rows_, mistyped, op=False):
    names = list(CSV_FIELDS) + (['_op'] if op else [])
    if r.random() < 0.3:
        r.shuffle(names)
    extra = ['more'] if r.random() < 0.3 else []
    out = io.StringIO()
    end = r.choice(['\n', '\r\n'])
    w = csv.writer(out, lineterminator=end)
    w.writerow(names + extra)
    for row in rows_:
        if op:
            row = dict(row, _op=deed(r))
        fields = ['' if row[n] is None else str(row[n]).lower() if n == 'flag' else repr(row[n]) if isinstance(row[n], Number) else row[n] for n in names] + ['?' for _ in extra]
        if mistyped and r.random() < 0.04:
            fields[r.randrange(len(fields))] = r.choice(['', 'zzz', '1.5', '99999999999999999999'])
        if r.random() < 0.02:
            fields = r.choice([fields[:-1], fields + ['x']])
        w.writerow(fields)
        if r.random() < 0.01:
            out.write(end)
    text = out.getvalue()
    return text[:-len(end)] if r.random() < 0.2 else text


def deed(r):
    return 'nothing' if r.random() < 0.02 else 'delete' if r.random() < 0.3 else 'upsert'


def wrapped(r, settings):
    """What a record looks like around its row."""
    shape, by = settings.get('shape'), settings.get('by')

    def op(row):
        return {'_op': deed(r), **row} if r.random() < 0.9 else {**row, '_op': deed(r)}

    def debezium(row):
        what = r.choice('ccruuudd') if r.random() < 0.97 else 't'
        change = {'before': {**row} if what == 'd' else None, 'after': None if what == 'd' else row, 'op': what}
        if r.random() < 0.03:
            del change[r.choice(['after', 'op', 'before'])]
        if r.random() < 0.1:
            change['source'] = {'op': 1}
        return {'payload': change} if r.random() < 0.3 else change

    def union(row):
        tag = 'the whole'
        if r.random() < 0.3:
            tag, row = 'other', {n: row.get(n) for n in ('k', 'at', 'small')} | {'what': r.choice(['', None, 'x'])}
        tag = r.choice(['whole', '']) if r.random() < 0.04 else tag
        if not by:
            return {tag: row}
        missing = r.random() < 0.03
        if by == ' by kind':
            return row if missing else {'kind': tag, **row} if r.random() < 0.7 else {**row, 'kind': tag}
        head = {} if missing else {'kind': tag} if by == ' by kind in body' else {'head': {'other': 1, 'kind': tag}}
        return {**head, 'body': row} if r.random() < 0.7 else {'body': row, **head}
    return {'op': op, 'debezium': debezium, 'union': union}.get(shape, lambda row: row)


def pack(content, ending):
    """Some compressed files are of two members."""
    half = len(content) // 2
    if ending.endswith('.gz'):
        return gzip.compress(content[:half]) + gzip.compress(content[half:])
    if ending.endswith('.zst'):
        return b''.join(subprocess.run(['zstd', '-q', '-c'], input=c, capture_output=True, check=True).stdout for c in (content[:half], content[half:]))
    return content


def content(r, settings):
    if settings['form'] == 'text':
        return ''.join(r.choice(['two words', '', ' padded', 'x,y;z', '\u4f60\u597d w\u00f6rld', 'one']) + r.choice(['\n', '\r\n']) for _ in range(r.choice([0, 3, 200]))).encode()
    found = rows(r, 0 if r.random() < 0.05 else r.choice([3, 60, 150, 400]), settings['csv'], settings['ahead'])
    if settings['shape'] in ('op', 'upsert', 'debezium') and settings['partitions'] > 1:
        # A key of a changelog has one partition: which of two says the last word is not settled.
        for row in found:
            row['k'] += '/%d' % settings['partition']
    if settings['csv']:
        return csv_text(r, found, settings['mistyped'], settings['shape'] == 'op').encode()
    wrap = wrapped(r, settings)
    lines = [json_line(r, row, settings['mistyped'], wrap) for row in found]
    if settings['form'] == 'json_array':
        return ('[' + r.choice([',', ',\n', ' ,\r\n  ']).join(l for l in lines if whole(l)) + r.choice([']', ' ]\n'])).encode()
    text = ''.join(line + r.choice(['\n', '\n', '\n', '\r\n', '\n\n']) for line in lines)
    return (text.rstrip('\n') if r.random() < 0.2 else text).encode()


def whole(line):
    """Whether it is JSON; what is not ends an array."""
    try:
        json.loads(line)
        return True
    except ValueError:
        return False


def write(r, folder, settings):
    many = settings['partitions'] > 1
    for p in range(settings['partitions']):
        name = settings['name'] + ('_%d' % p if many else '') + settings['ending']
        with open(os.path.join(folder, name), 'wb') as f:
            f.write(pack(content(r, {**settings, 'partition': p}), settings['ending']))
