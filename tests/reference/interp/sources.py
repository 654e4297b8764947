"""Sources: partitions with watermarks exact to the row; of several the one with the lowest watermark is read next."""
import glob
import gzip
import os
import subprocess
import time

from . import decode
from .expr import Env
from .nodes import Node, Row
from .values import END, START, RowError


class Record:
    """What a row is made of, as long as it is still its source's record."""
    __slots__ = ('source', 'partition', 'offset', 'raw', 'failed')

    def __init__(self, source, partition, offset, raw):
        self.source, self.partition, self.offset, self.raw = source, partition, offset, raw
        self.failed = set()


def option(settings, name, p):
    return next((p.constant(o['value']) for o in settings['options'] if o['name'] == name and o['value']), None)


def files(path, base):
    path = os.path.join(base, path)
    found = sorted(glob.glob(path), key=os.fsencode) if any(c in path for c in '*?[') else [path]
    if not found:
        raise FileNotFoundError(path)
    return found


def content(path):
    if path.endswith('.zst'):
        return subprocess.run(['zstd', '-qdc', path], capture_output=True, check=True).stdout
    with (gzip.open if path.endswith('.gz') else open)(path, 'rb') as f:
        return f.read()


class Partition:
    def __init__(self, records):
        self.records, self.watermark = records, START
        self.last = START      # what it was before it ended


class Source(Node):
    """`cases` are the outlets of a union, `log` is there for a changelog."""

    def __init__(self, settings, p, routes, base):
        super().__init__()
        self.settings, self.routes = settings, routes
        self.all, self.index = len(p.checked['sources']), p.checked['sources'].index(settings)
        self.cases = [Node() for _ in settings['cases']]
        self.times = [p.make(c['time']) for c in settings['cases']] or [p.make(settings['time'])]
        self.delay = p.constant(settings['watermark_delay']) or 0
        ahead = p.constant(settings['max_ahead'])
        self.latest = END if ahead is None else int(time.time() * 1_000_000) + ahead
        self.log = Changelog(settings, p) if settings['changes'] != 'none' else None
        if self.log:
            self.following.append(self.log)
        self.following += self.cases
        self.partitions = [Partition(decode.records(content(f), settings, p))
                           for f in files(option(settings, 'path', p), base)]

    def number(self, n):
        """Of a partition among those of all sources, which are numbered in turn."""
        return n * self.all + self.index

    def outlet(self, case):
        return self.log or (self if case is None else self.cases[case])

    def lowest(self):
        return min((q.watermark for q in self.partitions), default=END)

    def done(self):
        return self.lowest() == END

    def step(self, n=None):
        """One record of one partition: the slowest, if it is not said which."""
        if n is None:
            n = min(range(len(self.partitions)), key=lambda i: self.partitions[i].watermark)
        partition = self.partitions[n]
        found = next(partition.records, None)
        if found is None:
            partition.last, partition.watermark = partition.watermark, END
        else:
            self.record(n, partition, *found)
        self.advance(self.lowest())

    def record(self, n, partition, offset, raw, values):
        record = Record(self.settings, n, offset, raw)
        if isinstance(values, decode.Unknown):
            if self.settings['unknown'] == 'skip':
                return
            to = self.settings['unknown_to'] if self.settings['unknown'] == 'route' else self.settings['invalid']
            return self.routes.set_aside(to, record, 'unknown tag')
        if values is None:
            return self.routes.invalid(record, 'cannot be read')
        case, delete = 0, False
        if self.cases:
            case, values = values
        if isinstance(values, decode.Change):
            delete, values = values.delete, values.values
        when, t = self.times[case], 0
        if when is not None and not (delete and self.settings['changes'] == 'debezium'):
            try:
                t = when(Env(row=values))
            except RowError as e:
                return self.routes.invalid(record, str(e))
            if t > self.latest:
                return self.routes.invalid(record, 'too far ahead')
        elif when is not None:
            when = None
        row = Row(list(values), t, partition.watermark, (self.number(n), offset), record=record)
        if self.log:
            self.log.record(row, delete)
        else:
            (self.cases[case] if self.cases else self).give(row)
        if when is not None:
            partition.watermark = max(partition.watermark, max(t - self.delay, START + 1))


class Changelog(Node):
    """Records that replace each other by key; a key that is silent for longer than `retain` is forgotten."""

    def __init__(self, settings, p):
        super().__init__()
        self.keys, self.retain = settings['key'], p.constant(settings['retain'])
        self.rows, self.last = {}, {}

    def record(self, row, delete):
        key = tuple(row.values[i] for i in self.keys)
        old = self.rows.get(key)
        pair = object() if old is not None and not delete else None
        if old is not None:
            self.take_back(key, row.watermark, pair)
        if not delete:
            row.pair = pair
            self.rows[key], self.last[key] = row, max(row.time, self.last.get(key, START))
            self.give(row)
        self.expire(self.told)  # a row may come later than its key can be kept

    def take_back(self, key, watermark, pair=None):
        old = self.rows.pop(key)
        self.give(Row(old.values, old.time, watermark, old.position, retract=True, pair=pair))

    def watermark(self, t):
        self.expire(t)
        self.advance(t)

    def expire(self, t):
        if self.retain is not None and t != END:
            for key in sorted(self.last, key=self.last.get):
                last = self.last[key]
                if t > last + self.retain:
                    del self.last[key]
                    if key in self.rows:
                        self.take_back(key, last + self.retain + 1)


def read_table(settings, p, base):
    out = []
    for f in files(option(settings, 'path', p), base):
        for offset, raw, values in decode.records(content(f), settings, p):
            if values is None:
                raise ProgramFails('a record of table %s is invalid' % settings['name'])
            out.append(values)
    keys = [tuple(v[i] for i in settings['key']) for v in out]
    if settings['key'] and len(set(keys)) != len(keys):
        raise ProgramFails('two rows of one key in table %s' % settings['name'])
    return out


class ProgramFails(Exception):
    """The program ends with an error, as `invalid: fail` and `errors: fail` say."""
