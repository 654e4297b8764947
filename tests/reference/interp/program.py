"""A checked program, put together from nodes and run."""
import json
import os
from decimal import Decimal

from . import context, decode, joins, keyed, sessions, stateless, upserts, windows
from .expr import Expressions
from .nodes import Merge, Node, Row
from .sinks import Sink
from .sources import ProgramFails, Source, option, read_table
from .values import END, START


class Routes:
    """Where invalid rows go."""

    def __init__(self, program):
        self.program = program
        self.streams = {}

    def push(self, index, text, error, source, partition=None, offset=None, raw=None):
        if index is None:
            raise ProgramFails(error)
        self.streams[index].give(Row([text, error, source, partition, offset, raw], watermark=START))

    def invalid(self, record, error):
        self.set_aside(record.source['invalid'], record, error)

    def set_aside(self, index, record, error):
        text = text_of(record.raw)
        raw = record.raw if text.encode('utf-8') != record.raw else None
        self.push(index, text, error, record.source['name'], record.partition, record.offset, raw)

    def failed(self, row, where, error, detached=False):
        if row.retract:
            return          # its insert has failed before
        record = row.record
        if record is not None and not detached:
            if where.split(',')[0] not in record.failed:
                record.failed.add(where.split(',')[0])
                self.invalid(record, str(error))
            return
        self.push(self.program['errors'], '', str(error), where)

    def failed_result(self, key, where, error):
        self.push(self.program['errors'], '', str(error), where)


def text_of(raw):
    """Each byte that is no part of UTF-8 becomes a replacement character."""
    out, at = '', 0
    while at < len(raw):
        for n in (1, 2, 3, 4):
            try:
                out += raw[at:at + n].decode('utf-8')
                at += n
                break
            except UnicodeDecodeError:
                if n == 4 or at + n >= len(raw):
                    out += '\ufffd'
                    at += 1
                    break
    return out


class Program(Expressions):
    def __init__(self, checked, params=None, base='.'):
        super().__init__(checked, [])
        self.checked = checked
        self.program_aggregates = checked['aggregates']
        self.set_params(params or {})
        self.routes = Routes(checked)
        self.tables = [read_table(t, self, base) for t in checked['tables']]
        self.sources = [Source(s, self, self.routes, base) for s in checked['sources']]
        self.outputs = {}
        self.build()

    def set_params(self, given):
        for p in self.checked['params']:
            kind = self.types[p['type']]['kind']
            if p['name'] in given:
                self.params.append(decode.csv_value(given[p['name']], self.types[p['type']], {'time_format': 'automatic'}))
            else:
                self.params.append(self.constant(p['default']))

    def build(self):
        streams = self.checked['streams']
        outlets = [Node() for _ in streams]
        for i, s in enumerate(streams):
            if s['origin'] == 'invalid':
                self.routes.streams[i] = outlets[i]
        for i, s in enumerate(streams):
            if s['origin'] == 'source':
                self.sources[s['source']].outlet(s['union_case']).following.append(outlets[i])
            elif s['origin'] == 'chain' and s['used']:
                self.chain(s, outlets, i)
        for sink in self.checked['sinks']:
            node = Sink(sink, streams[sink['stream']], self.types)
            outlets[sink['stream']].following.append(node)
            self.outputs[sink['name']] = node

    def chain(self, s, outlets, index):
        streams = self.checked['streams']
        if s['merge']:
            last = Merge(len(s['inputs']))
            for k, i in enumerate(s['inputs']):
                outlets[i].following.append(last.input(k))
        else:
            last = Node()
            outlets[s['inputs'][0]].following.append(last)
        key = streams[s['inputs'][0]]['key']
        for k, stage in enumerate(s['stages']):
            stage['keyed'], key = bool(key), stage['upsert_key']   # whether the rows that come have a key of their own
            node = self.stage(stage, 'stream `%s`, line %d' % (s['name'], stage['line']))
            w = stage.get('window')
            if w and w['late_to'] is not None:
                node.late = outlets[w['late_to']]
            if stage['stage'] == 'in_order' and stage['late_to'] is not None:
                node.late = outlets[stage['late_to']]
            if stage['stage'] == 'stream_join':
                last.following.append(node.input('left'))
                outlets[stage['right']].following.append(node.input('right'))
                node.late, node.late_right = (outlets[stage[k]] if stage[k] is not None else None for k in ('late_left', 'late_right'))
            else:
                last.following.append(node)
            if stage['stage'] == 'set_time':
                node.source = self.sources[self.source_of(s)]
            last = node
        last.following.append(outlets[index])

    def source_of(self, s):
        while s['origin'] != 'source':
            s = self.checked['streams'][s['inputs'][0]]
        return s['source']

    def stage(self, stage, where):
        kind = stage['stage']
        if kind in context.KINDS:
            return context.KINDS[kind](stage, self, self.routes, where)
        if kind == 'stream_join':
            return joins.KINDS[stage['bound']](stage, self, self.routes, where)
        if kind == 'changes':
            return upserts.Changes(stage, self, self.routes, where)
        if kind in stateless.KINDS:
            return stateless.KINDS[kind](stage, self, self.routes, where)
        if kind == 'distinct':
            return keyed.Distinct(stage, self, self.routes, where)
        if kind == 'scan':
            return keyed.Scan(stage, self, self.routes, where)
        w = stage['window']
        if w is None:
            return upserts.Rolling(stage, self, self.routes, where)
        if w['kind'] == 'session':
            return sessions.Sessions(stage, self, self.routes, where)
        if w['kind'] == 'count' or w['kind'] == 'global' and w['retain'] is not None:
            return keyed.Counted(stage, self, self.routes, where)
        return windows.TimeWindows(stage, self, self.routes, where)

    def run(self, order=()):
        """The text of every sink, by name. Partitions are read to their ends in an order of (source, partition), those that
        it does not name as their watermarks go."""
        for s, n in order:
            while self.sources[s].partitions[n].watermark != END:
                self.sources[s].step(n)
        while True:
            left = [s for s in self.sources if not s.done()]
            if not left:
                break
            min(left, key=lambda s: s.told).step()
        for i, node in self.routes.streams.items():
            node.advance(END)
        return {name: sink.text() for name, sink in self.outputs.items()}


def load(path):
    with open(path, encoding='utf-8') as f:
        return json.load(f, parse_float=float)
