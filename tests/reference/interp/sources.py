"""Sources: partitions with watermarks exact to the row; of several the one with the lowest watermark is read next."""
import glob
import gzip
import os

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
    with (gzip.open if path.endswith('.gz') else open)(path, 'rb') as f:
        return f.read()


class Partition:
    def __init__(self, records):
        self.records, self.watermark = records, START


class Source(Node):
    def __init__(self, settings, p, routes, base):
        super().__init__()
        self.settings, self.routes = settings, routes
        self.time = p.make(settings['time'])
        self.delay = p.constant(settings['watermark_delay']) or 0
        self.partitions = [Partition(decode.records(content(f), settings, p))
                           for f in files(option(settings, 'path', p), base)]

    def outlet(self, case):
        return self

    def lowest(self):
        return min((q.watermark for q in self.partitions), default=END)

    def done(self):
        return self.lowest() == END

    def step(self):
        """One record of one partition."""
        n, partition = min(enumerate(self.partitions), key=lambda x: x[1].watermark)
        found = next(partition.records, None)
        if found is None:
            partition.watermark = END
        else:
            self.record(n, partition, *found)
        self.advance(self.lowest())

    def record(self, n, partition, offset, raw, values):
        record = Record(self.settings, n, offset, raw)
        if values is None:
            return self.routes.invalid(record, 'cannot be read')
        t = 0
        if self.time is not None:
            try:
                t = self.time(Env(row=values))
            except RowError as e:
                return self.routes.invalid(record, str(e))
        row = Row(list(values), t, partition.watermark, (n, offset), record=record)
        self.give(row)
        if self.time is not None:
            partition.watermark = max(partition.watermark, max(t - self.delay, START + 1))


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
