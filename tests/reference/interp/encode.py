"""Rows as lines of JSON and CSV."""
import base64

from . import calendar
from .values import decimal_text, duration_text, float_text


def json_text(s):
    out = '"'
    for c in s:
        out += {'"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f'}.get(
            c, '\\u%04x' % ord(c) if ord(c) < 32 else c)
    return out + '"'


def scalar(x, type_):
    """Text of a plain value, and whether JSON quotes it."""
    kind = type_['kind']
    if kind == 'bool': return ('true' if x else 'false'), False
    if kind in ('f64', 'f32'): return float_text(x, kind), x - x != 0
    if kind == 'decimal': return decimal_text(x), False
    if kind in ('i32', 'i64'): return str(x), False
    if kind == 'timestamp': return calendar.timestamp_text(x), True
    if kind == 'duration': return duration_text(x), True
    if kind == 'bytes': return base64.b64encode(x).decode(), True
    if kind == 'enum': return type_['variants'][x]['wire'] or type_['variants'][x]['name'], True
    return x, True


def json_value(x, type_, types, wires):
    kind = type_['kind']
    if kind == 'optional':
        return 'null' if x is None else json_value(x, types[type_['elem']], types, wires)
    if kind == 'record':
        return json_row(x, type_['fields'], types, wires)
    if kind == 'list':
        return '[' + ','.join(json_value(v, types[type_['elem']], types, wires) for v in x) + ']'
    if kind == 'map':
        entries = []
        for k, v in x:
            text = scalar(k, types[type_['key']])[0]
            entries.append(json_text(text) + ':' + json_value(v, types[type_['elem']], types, wires))
        return '{' + ','.join(entries) + '}'
    text, quoted = scalar(x, type_)
    return json_text(text) if quoted else text


def json_row(values, columns, types, wires, op=None):
    parts = ['"_op":"%s"' % op] if op else []
    for x, c in zip(values, columns):
        name = c['wire'] if wires and c['wire'] else c['name']
        parts.append(json_text(name) + ':' + json_value(x, types[c['type']], types, wires))
    return '{' + ','.join(parts) + '}'


def csv_field(text):
    return '"' + text.replace('"', '""') + '"' if text == '' or any(c in text for c in ',"\r\n') else text


def csv_row(values, columns, types, op=None):
    parts = [op] if op else []
    for x, c in zip(values, columns):
        t = types[c['type']]
        if t['kind'] == 'optional':
            if x is None:
                parts.append('')
                continue
            t = types[t['elem']]
        parts.append(csv_field(scalar(x, t)[0]))
    return ','.join(parts)


def csv_header(columns, wires, upsert):
    names = [c['wire'] if wires and c['wire'] else c['name'] for c in columns]
    return ','.join((['_op'] if upsert else []) +
                    ['"' + n.replace('"', '""') + '"' if any(c in n for c in ',"\r\n') else n for n in names])
