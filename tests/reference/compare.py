"""Compares what a program wrote with what the interpreter says it writes, sink by sink."""
import collections

from interp import decode


def close(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (a != a and b != b) or abs(a - b) <= 1e-9 * max(abs(a), abs(b)) or abs(a - b) < 1e-12
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(close(x, y) for x, y in zip(a, b))
    if isinstance(a, str) and isinstance(b, str) and a != b:      # a float as text
        try:
            return close(float(a), float(b))
        except ValueError:
            return False
    return type(a) == type(b) and a == b


def rough(x):
    if isinstance(x, float):
        return '%.6g' % (x + 0.0)
    if isinstance(x, str) and '.' in x:
        try:
            return '%.6g' % float(x)
        except ValueError:
            return x
    return tuple(rough(v) for v in x) if isinstance(x, tuple) else x


def canonical(v, type_, types):
    """A JSON value with its floats as floats; all else by its text."""
    kind, x = v
    t = type_['kind']
    if t == 'optional':
        return None if v == ('w', 'null') else canonical(v, types[type_['elem']], types)
    if t in ('f64', 'f32') and kind in '0"':
        return float(x)
    if t == 'record' and kind == '{':
        return tuple((name, canonical(value, types[f['type']], types)) for (name, value), f in zip(x, type_['fields']))
    if t == 'list' and kind == '[':
        return tuple(canonical(e, types[type_['elem']], types) for e in x)
    if t == 'map' and kind == '{':
        return tuple((name, canonical(value, types[type_['elem']], types)) for name, value in x)
    return v if not isinstance(x, list) else (kind, repr(x))


def json_row(line, columns, types, upsert):
    reader = decode.Json(line)
    members = reader.value()[1]
    op = members.pop(0)[1][1] if upsert else None
    assert len(members) == len(columns), line
    return op, tuple((n, canonical(v, types[c['type']], types)) for (n, v), c in zip(members, columns))


def csv_rows(text, columns, types, upsert):
    out = []
    for n, (_, _, fields) in enumerate(decode.csv_records(text.encode())):
        fields = [(t.decode(), q) for t, q in fields]
        op = fields.pop(0)[0] if upsert else None
        row = []
        for (t, q), c in zip(fields, columns):
            type_ = types[c['type']]
            kind = types[type_['elem']]['kind'] if type_['kind'] == 'optional' else type_['kind']
            row.append(float(t) if n and kind in ('f64', 'f32') and t else (t, q))
        out.append((op, tuple(row)))
    return out


def rows_of(text, sink, stream, types):
    upsert = stream['kind'] == 'upsert'
    if sink['format'] == 'csv':
        return csv_rows(text, stream['row'], types, upsert)
    if sink['format'] == 'json':
        return [json_row(line, stream['row'], types, upsert) for line in text.splitlines()]
    return [(None, line) for line in text.splitlines()]


def without_words(rows, stream):
    """Rows of invalid records without the wording of their errors; of rows that fail later only that they did."""
    if stream['origin'] != 'invalid':
        return rows
    out = []
    for op, row in rows:
        fields = dict(row)
        fields.pop('error', None)
        if fields.get('partition', 0) is None:
            fields = {'errors': None}
        out.append((op, tuple(fields.items())))
    return out


def differences(want, got):
    """Rows of two multisets that have no partner in the other."""
    left = collections.defaultdict(list)
    for row in want:
        left[rough(row)].append(row)
    extra = []
    for row in got:
        candidates = left[rough(row)]
        for i, other in enumerate(candidates):
            if close(row, other):
                candidates.pop(i)
                break
        else:
            extra.append(row)
    missing = [row for rows in left.values() for row in rows]
    for row in list(extra):           # floats that fell on two sides of a rounding
        for other in missing:
            if close(row, other):
                missing.remove(other)
                extra.remove(row)
                break
    return missing, extra


STATEFUL = ('aggregate', 'top', 'latest', 'stream_join')


def replayed(rows, key):
    """What is there at the end. Without a key equal rows are told apart by their number."""
    state = collections.defaultdict(list)
    for op, row in rows:
        k = rough(tuple(row[i] for i in key) if key else row)
        if op == 'delete':
            state[k] = state[k][:-1]
        else:
            state[k] = (state[k] if not key else []) + [(None, row)]
    return [row for rows in state.values() for row in rows]


def by_key(rows, key):
    out = collections.defaultdict(list)
    for row in rows:
        out[rough(tuple(row[1][i] for i in key) if key else ())].append(row)
    return out


def stateless(program, index):
    """Whether a stream is made of one source by stateless stages: then its order is that of the source."""
    s = program['streams'][index]
    if s['origin'] == 'source':
        return True
    return (s['origin'] == 'chain' and not s['merge'] and stateless(program, s['inputs'][0]) and
            all(t['stage'] in ('filter', 'project', 'flatten', 'key', 'table_join', 'distinct') for t in s['stages']))


def reads_upserts(program, index):
    s = program['streams'][index]
    return s['origin'] == 'chain' and (any(program['streams'][i]['kind'] == 'upsert' for i in s['inputs'] + s['joined']) or
                                       sum(t['kind_out'] == 'upsert' and t['stage'] in STATEFUL for t in s['stages']) > 1 or
                                       any(reads_upserts(program, i) for i in s['inputs']))


def compare(program, sink, want_text, got_text, exact, loose=False):
    """What is wrong, or None. `exact`: one partition, so that the order of each key's lines is
    settled too; `loose`: there are several, and windows that are revised."""
    stream, types = program['streams'][sink['stream']], program['type_table']
    try:
        got = without_words(rows_of(got_text, sink, stream, types), stream)
    except (decode.Bad, AssertionError, ValueError) as e:
        return 'a line cannot be read: %r' % e
    want = without_words(rows_of(want_text, sink, stream, types), stream)
    if loose:      # how often a row is revised hangs on timing, and so does how often it fails
        want, got = ([row for row in rows if row[1] != (('errors', None),)] for rows in (want, got))
    # Versions in between follow the steps in which what is read changes: settled for one stage over facts.
    exact = exact and not reads_upserts(program, sink['stream'])
    if sink['ignore_deletes'] and not exact:
        return None    # what is left of a row that is gone hangs on those steps
    if stream['kind'] == 'upsert' and not exact:
        want, got = replayed(want, stream['key']), replayed(got, stream['key'])
    missing, extra = differences(want, got)
    if missing or extra:
        return '%d rows wanted, %d came; %d missing, %d extra\n    missing %s\n    extra   %s' % (
            len(want), len(got), len(missing), len(extra), missing[:2], extra[:2])
    if exact and stream['kind'] == 'upsert' and stream['key']:
        a, b = by_key(want, stream['key']), by_key(got, stream['key'])
        for k in a:
            if not all(close(x, y) for x, y in zip(a[k], b.get(k, []))):
                return 'the lines of key %s come in another order:\n    wanted %s\n    came   %s' % (k, a[k][:4], b.get(k, [])[:4])
    if exact and stateless(program, sink['stream']) and not all(close(x, y) for x, y in zip(want, got)):
        return 'the lines come in another order'
    return None
