"""Rows in their context: `in_order`, `time`, and `extend` with frames."""
from .aggregates import Calls
from .expr import Env
from .nodes import Node, Row
from .values import END, START, RowError


class InOrder(Node):
    def __init__(self, stage, p, routes, where):
        super().__init__()
        self.held, self.late = [], None

    def row(self, row):
        if row.time < row.watermark:
            if self.late is not None:
                self.late.give(Row(row.values, row.time, START, row.position))
            return
        self.held.append(row)

    def watermark(self, t):
        ready = sorted((r for r in self.held if r.time < t), key=Row.place)
        self.held = [r for r in self.held if not r.time < t]
        for r in ready:
            self.rise(r.time, t == END)
            self.give(Row(r.values, r.time, self.stamp, r.position))
        self.advance(t)


class SetTime(Node):
    """Its watermark is that of the slowest partition that has not ended, as far as rows came through here."""

    def __init__(self, stage, p, routes, where):
        super().__init__()
        self.time, self.delay = p.make(stage['time']), p.constant(stage['delay']) or 0
        self.routes, self.where = routes, where
        self.partitions = {}
        self.source = None          # set by the program: whose partitions they are

    def row(self, row):
        try:
            t = self.time(Env(row=row.values))
        except RowError as e:
            return self.routes.failed(row, self.where, e)
        n = row.position[0] // self.source.all
        own = self.partitions.get(n, START)
        self.give(Row(row.values, t, own, row.position, record=row.record))
        self.partitions[n] = max(own, t - self.delay, START + 1)

    def watermark(self, t):
        active = [n for n, q in enumerate(self.source.partitions) if q.watermark != END]
        self.advance(min((self.partitions.get(n, START) for n in active), default=END))


class Features(Node):
    def __init__(self, stage, p, routes, where):
        super().__init__()
        self.keys, self.routes, self.where = stage['keys'], routes, where
        self.calls = Calls(stage['calls'], p)
        self.frames = [(c['before'], p.constant(c['span']), p.constant(c['rows'])) for c in stage['calls']]
        self.outputs = [p.make(o['value']) for o in stage['outputs']]
        self.retain = p.constant(stage['retain'])
        self.members = {}           # key: [(what the calls take, row)], as they came
        self.last = {}

    def row(self, row):
        key = tuple(row.values[i] for i in self.keys)
        if self.retain is not None and key in self.last and row.watermark > self.last[key] + self.retain:
            self.members.pop(key)
            self.last.pop(key)
        try:
            member = (self.calls.take(row), row)
        except RowError as e:
            return self.routes.failed(row, self.where, e, detached=True)
        earlier = self.members.get(key, [])
        try:
            results = self.results(earlier, member, row)
            out = [o(Env(row=row.values, agg=results)) for o in self.outputs]
        except RowError as e:
            return self.routes.failed(row, self.where, e, detached=True)
        self.members.setdefault(key, []).append(member)
        self.last[key] = max(self.last.get(key, row.time), row.time)
        self.give(Row(out, row.time, row.watermark, row.position))

    def results(self, earlier, member, row):
        results = []
        for i, (before, span, rows) in enumerate(self.frames):
            seen = earlier + ([] if before else [member])
            if rows is not None:
                seen = seen[len(seen) - min(rows, len(seen)):]
            elif span is not None:
                low = row.time - span
                if row.watermark not in (START, END):
                    low = max(low, row.watermark - span)
                seen = [m for m in seen if low <= m[1].time <= row.time or m is member]
            results.append(self.calls.of(i, seen))
        return results

    def watermark(self, t):
        if self.retain is not None and t != END:
            for key in [k for k, last in self.last.items() if t > last + self.retain]:
                self.members.pop(key)
                self.last.pop(key)
        self.advance(t)


KINDS = {'in_order': InOrder, 'set_time': SetTime, 'features': Features}
