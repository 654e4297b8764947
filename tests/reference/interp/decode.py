"""Records of the formats, read strictly: what is not a value of its type is `Bad`."""
import base64
import binascii
import re
import uuid
from decimal import Decimal, InvalidOperation

from . import calendar
from .values import EXACT, RowError, check_decimal, check_int, to_f32


class Bad(Exception):
    """The record is invalid."""


# ---------------------------------------------------------------- text to values

INTEGER = re.compile(r'[+-]?\d+\Z', re.ASCII)
NUMBER = re.compile(r'[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z', re.ASCII)


def int_of_text(s, kind):
    if not INTEGER.match(s):
        raise RowError('not an integer')
    return check_int(int(s), kind)


def float_of_text(s, kind):
    if s in ('NaN', 'Infinity', '-Infinity'):
        return float(s)
    if not NUMBER.match(s):
        raise RowError('not a number')
    x = float(s)
    if kind == 'f32':
        x = to_f32(x)
    if x in (float('inf'), float('-inf')):
        raise RowError('does not fit')
    return x


def decimal_of_text(s):
    if not NUMBER.match(s):
        raise RowError('not a number')
    try:
        return check_decimal(EXACT.create_decimal(s))
    except InvalidOperation:
        raise RowError('does not fit')


ISO = re.compile(r'(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?\Z', re.ASCII)
SHORT = re.compile(r'(-?)((?:\d+(?:ms|us|d|h|m|s))+)\Z', re.ASCII)
UNITS = {'d': 86400_000_000, 'h': 3600_000_000, 'm': 60_000_000, 's': 1_000_000, 'ms': 1000, 'us': 1}


def duration_of_text(s):
    m = ISO.match(s)
    if m and any(g is not None for g in m.groups()[1:]):
        d, h, mi, sec = (int(m.group(i) or 0) for i in (2, 3, 4, 5))
        total = ((d * 24 + h) * 60 + mi) * 60_000_000 + sec * 1_000_000 + int(((m.group(6) or '') + '000000')[:6])
    else:
        m = SHORT.match(s)
        if not m:
            raise RowError('not a duration')
        total = sum(int(n) * UNITS[u] for n, u in re.findall(r'(\d+)(ms|us|d|h|m|s)', m.group(2)))
    return check_int(-total if m.group(1) else total, 'i64')


def uuid_of_text(s):
    if not re.fullmatch(r'[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}', s):
        raise RowError('not a uuid')
    return str(uuid.UUID(s))


def bytes_of_text(s):
    try:
        return base64.b64decode(s, validate=True)
    except (binascii.Error, ValueError):
        raise RowError('not base64')


def enum_of_text(s, type_):
    for i, v in enumerate(type_['variants']):
        if s == (v['wire'] or v['name']):
            return i
    raise RowError('no variant')


EPOCHS = {'epoch_s': 1_000_000, 'epoch_ms': 1000, 'epoch_us': 1, 'automatic': 1000}


def timestamp_of_text(s, settings):
    form = settings['time_format']
    if form == 'pattern':
        return calendar.parse_time(s, settings['time_pattern'], calendar.UTC)
    if form in ('automatic', 'rfc3339'):
        t = calendar.read_rfc3339(s)
        if t is None:
            raise RowError('not a timestamp')
        return t
    raise RowError('a number is wanted')


# ---------------------------------------------------------------- JSON

TOKEN = re.compile(r'[ \t\r\n]*(?:([{}\[\]:,])|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|"((?:[^"\\\x00-\x1f]|\\.)*)")', re.ASCII | re.S)
ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
SIMPLE = {'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}


class Json:
    """A JSON text as ('{', [(name, value)…]), ('[', [value…]), ('0', digits), ('"', text), ('w', word)."""

    def __init__(self, text):
        self.text, self.at = text, 0

    def token(self):
        m = TOKEN.match(self.text, self.at)
        if not m:
            raise Bad('malformed JSON')
        self.at = m.end()
        if m.group(1):
            return m.group(1), None
        if m.group(2) is not None:
            return '0', m.group(2)
        if m.group(3):
            return 'w', m.group(3)
        return '"', unescape(m.group(4))

    def value(self, token=None):
        kind, x = token or self.token()
        if kind == '{':
            return '{', self.members()
        if kind == '[':
            return '[', self.elements()
        if kind in '}]:,':
            raise Bad('malformed JSON')
        return kind, x

    def members(self):
        out = []
        token = self.token()
        if token[0] == '}':
            return out
        while True:
            if token[0] != '"':
                raise Bad('malformed JSON')
            if self.token()[0] != ':':
                raise Bad('malformed JSON')
            out.append((token[1], self.value()))
            kind = self.token()[0]
            if kind == '}':
                return out
            if kind != ',':
                raise Bad('malformed JSON')
            token = self.token()

    def elements(self):
        out = []
        token = self.token()
        if token[0] == ']':
            return out
        while True:
            out.append(self.value(token))
            kind = self.token()[0]
            if kind == ']':
                return out
            if kind != ',':
                raise Bad('malformed JSON')
            token = self.token()


def unescape(s):
    if '\\' not in s:
        return s
    out, at = '', 0
    while at < len(s):
        if s[at] != '\\':
            out += s[at]
            at += 1
            continue
        m = ESCAPE.match(s, at)
        if not m:
            raise Bad('bad escape')
        out += chr(int(m.group(1), 16)) if m.group(1) else SIMPLE[m.group(2)]
        at = m.end()
    try:
        return out.encode('utf-16', 'surrogatepass').decode('utf-16')
    except UnicodeDecodeError:
        raise Bad('half a surrogate pair')


def json_value(v, type_, p, settings):
    kind, x = v
    t = type_['kind']
    if t == 'optional':
        return None if v == ('w', 'null') else json_value(v, p.types[type_['elem']], p, settings)
    if t == 'record':
        return json_record(v, type_, p, settings)
    if t == 'list':
        if kind != '[':
            raise Bad('no list')
        return tuple(json_value(e, p.types[type_['elem']], p, settings) for e in x)
    if t == 'map':
        if kind != '{':
            raise Bad('no map')
        out, elem, key = [], p.types[type_['elem']], p.types[type_['key']]
        for name, value in x:
            k = csv_value(name, key, settings)
            if all(k != other for other, _ in out):
                out.append((k, json_value(value, elem, p, settings)))
            else:
                json_value(value, elem, p, settings)
        return tuple(out)
    if t == 'bool' and kind == 'w' and x != 'null':
        return x == 'true'
    if t in ('i32', 'i64') and kind == '0' and re.fullmatch(r'-?\d+', x):
        return check_int(int(x), t)
    if t in ('f64', 'f32') and (kind == '0' or kind == '"' and x in ('NaN', 'Infinity', '-Infinity')):
        return float_of_text(x, t)
    if t == 'decimal' and kind in '0"':
        return decimal_of_text(x)
    if t == 'timestamp' and kind == '0' and settings['time_format'] in EPOCHS and re.fullmatch(r'-?\d+', x):
        return check_int(check_int(int(x), 'i64') * EPOCHS[settings['time_format']], 'i64')
    if kind == '"':
        if t == 'timestamp':
            return timestamp_of_text(x, settings)
        if t in ('string', 'bytes', 'uuid', 'duration', 'enum'):
            return csv_value(x, type_, settings)
    raise Bad('mistyped')


def json_record(v, type_, p, settings):
    kind, members = v
    if kind != '{':
        raise Bad('no object')
    out = []
    for f in type_['fields']:
        found = next((value for name, value in members if name == (f['wire'] or f['name'])), None)
        ft = p.types[f['type']]
        if found is not None:
            out.append(json_value(found, ft, p, settings))
        elif f['default'] is not None:
            out.append(p.constant(f['default']))
        elif ft['kind'] == 'optional':
            out.append(None)
        else:
            raise Bad('missing ' + f['name'])
    return tuple(out)


def json_line(raw, type_, p, settings):
    try:
        reader = Json(raw.decode('utf-8'))
        v = reader.value()
        if reader.text[reader.at:].strip(' \t\r\n'):
            raise Bad('text after the object')
        return SHAPES.get(settings.get('changes'), json_record)(v, type_, p, settings)
    except (UnicodeDecodeError, RowError) as e:
        raise Bad(str(e))


def member(v, *path):
    """What stands at a path of names, or None."""
    for name in path:
        v = next((value for n, value in v[1] if n == name), None) if v is not None and v[0] == '{' else None
    return v


def op_of(text, words):
    if text not in words:
        raise Bad('no such op')
    return text


def own_change(v, type_, p, settings):
    values = json_record(v, type_, p, settings)
    op = member(v, '_op')
    return Change(op_of(op and op[1], ('upsert', 'delete')) == 'delete', values)


def debezium_change(v, type_, p, settings):
    payload = member(v, 'payload')
    if payload is not None and payload != ('w', 'null'):
        v = payload
    op, before, after = (member(v, name) for name in ('op', 'before', 'after'))
    op = op_of(op and op[1], ('c', 'u', 'r', 'd'))
    row = before if op == 'd' else after
    if row is None or row == ('w', 'null'):
        raise Bad('no row')
    if op != 'd':
        return Change(False, json_record(row, type_, p, settings))
    key = [None] * len(type_['fields'])
    for i in settings['key']:
        f = type_['fields'][i]
        found = member(row, f['wire'] or f['name'])
        if found is None:
            raise Bad('no key')
        key[i] = json_value(found, p.types[f['type']], p, settings)
    return Change(True, key)


class Change:
    """A record of a changelog: a row, or the deletion of a row's key."""

    def __init__(self, delete, values):
        self.delete, self.values = delete, values


SHAPES = {'op': own_change, 'debezium': debezium_change}


class Unknown(Exception):
    """The tag of a record of a union is missing or says no case."""


def union_line(raw, p, settings):
    """(case, row)"""
    try:
        reader = Json(raw.decode('utf-8'))
        v = reader.value()
        if v[0] != '{' or reader.text[reader.at:].strip(' \t\r\n'):
            raise Bad('no object')
        tag, content = None, member(v, *settings['content_path'])
        if settings['tag_path']:
            found = member(v, *settings['tag_path'])
            tag = found[1] if found is not None and found[0] == '"' else None
        elif len(v[1]) == 1:
            tag, content = v[1][0]
        number = next((i for i, c in enumerate(settings['cases']) if c['tag'] == tag), None)
        if number is None:
            raise Unknown()
        if content is None:
            raise Bad('no content')
        return number, json_record(content, p.types[settings['cases'][number]['type']], p, settings)
    except (UnicodeDecodeError, RowError) as e:
        raise Bad(str(e))


def elements(data, type_, p, settings):
    """Of a well-formed array."""
    text = data.decode('utf-8')
    reader = Json(text)
    if not text.strip() or reader.token()[0] != '[':
        return
    while True:
        begin = reader.at + len(text[reader.at:]) - len(text[reader.at:].lstrip(' \t\r\n'))
        if text[begin] == ']':
            return
        v = reader.value()
        raw = text[begin:reader.at].encode()
        try:
            row = json_record(v, type_, p, settings)
        except (Bad, RowError):
            row = None
        yield len(text[:begin].encode()), raw, row
        if reader.token()[0] == ']':
            return


# ---------------------------------------------------------------- CSV

def csv_value(s, type_, settings):
    t = type_['kind']
    if t == 'string': return s
    if t in ('i32', 'i64'): return int_of_text(s, t)
    if t in ('f64', 'f32'): return float_of_text(s, t)
    if t == 'decimal': return decimal_of_text(s)
    if t == 'bool':
        if s.lower() not in ('true', 'false'):
            raise RowError('no bool')
        return s.lower() == 'true'
    if t == 'enum': return enum_of_text(s, type_)
    if t == 'duration': return duration_of_text(s)
    if t == 'uuid': return uuid_of_text(s)
    if t == 'bytes': return bytes_of_text(s)
    if t == 'timestamp':
        if settings['time_format'] in EPOCHS and re.fullmatch(r'[+-]?\d+', s):
            return check_int(check_int(int(s), 'i64') * EPOCHS[settings['time_format']], 'i64')
        return timestamp_of_text(s, settings)
    raise RowError('no CSV')


def csv_records(data):
    """(begin, end, [(text, quoted)…] or None where the quotes are wrong); begin and end are byte offsets."""
    at = 0
    while at < len(data):
        begin, fields, good = at, [], True
        while True:
            if data[at:at + 1] == b'"':
                at += 1
                text = b''
                while True:
                    close = data.find(b'"', at)
                    if close < 0:
                        good = False
                        text += data[at:]
                        at = len(data)
                        break
                    text += data[at:close]
                    at = close + 1
                    if data[at:at + 1] == b'"':
                        text += b'"'
                        at += 1
                        continue
                    break
                fields.append((text, True))
                if at < len(data) and data[at:at + 1] not in (b',', b'\n') and data[at:at + 2] != b'\r\n':
                    good = False
                    while at < len(data) and data[at:at + 1] not in (b',', b'\n'):
                        at += 1
            else:
                stop = at
                while stop < len(data) and data[stop:stop + 1] not in (b',', b'\n'):
                    stop += 1
                text = data[at:stop]
                at = stop
                if data[at:at + 1] != b',' and text.endswith(b'\r'):
                    text = text[:-1]
                fields.append((text, False))
            if data[at:at + 1] == b',':
                at += 1
                continue
            if data[at:at + 2] == b'\r\n':
                at += 1
            break
        end = at
        while end > begin and data[end - 1:end] == b'\r':
            end -= 1
        at += 1
        yield begin, end, fields if good else None


def csv_row(fields, columns, type_, p, settings):
    if fields is None or len(fields) != len(columns):
        raise Bad('wrong number of fields')
    out = []
    try:
        for f in type_['fields']:
            ft = p.types[f['type']]
            name = f['wire'] or f['name']
            if name not in columns:
                out.append(p.constant(f['default']) if f['default'] is not None else None)
                continue
            text, quoted = fields[columns.index(name)]
            text = text.decode('utf-8')
            if ft['kind'] == 'optional':
                out.append(None if text == '' and not quoted else csv_value(text, p.types[ft['elem']], settings))
            else:
                out.append(csv_value(text, ft, settings))
    except (RowError, UnicodeDecodeError) as e:
        raise Bad(str(e))
    return tuple(out)


# ---------------------------------------------------------------- files

def lines(data):
    at = 0
    while at < len(data):
        end = data.find(b'\n', at)
        end = len(data) if end < 0 else end
        stop = end - 1 if data[at:end].endswith(b'\r') else end
        yield at, stop
        at = end + 1


def records(data, settings, p):
    """(offset, raw, row or None where it is invalid) of a file's content."""
    type_ = p.types[settings['type']]
    form = settings['format']
    if form == 'csv':
        skip = 3 if data.startswith(b'\xef\xbb\xbf') else 0
        columns = None
        for begin, end, fields in csv_records(data[skip:]):
            raw = data[skip + begin:skip + end]
            if raw == b'':
                continue
            if columns is None:
                columns = [t.decode() for t, _ in fields]
                continue
            try:
                row = csv_row(fields, columns, type_, p, settings)
                if settings.get('changes') == 'op':
                    row = Change(op_of(fields[columns.index('_op')][0].decode(), ('upsert', 'delete')) == 'delete', row)
                yield skip + begin, raw, row
            except Bad:
                yield skip + begin, raw, None
        return
    if form == 'json_array':
        yield from elements(data, type_, p, settings)
        return
    for begin, end in lines(data):
        raw = data[begin:end]
        if raw.strip(b' \t\r' if form == 'json' else b'') == b'':
            continue
        try:
            if form == 'json' and settings.get('cases'):
                yield begin, raw, union_line(raw, p, settings)
            elif form == 'json':
                yield begin, raw, json_line(raw, type_, p, settings)
            else:
                text = raw.decode('utf-8')
                yield begin, raw, None if '\0' in text else (text,)
        except Unknown as e:
            yield begin, raw, e
        except (Bad, UnicodeDecodeError):
            yield begin, raw, None
