"""Windows by event time: tumbling, sliding, cumulative, global; closed, revised and emitted early."""
from . import calendar
from .aggregates import Calls
from .expr import Env
from .nodes import Results
from .values import END, START, RowError, is_nan, order_key


def floor_to(t, step, offset=0):
    return (t - offset) // step * step + offset


def later(t, d):
    return t if t in (START, END) else min(t + d, END)


class Closing:
    """What closes a window: `aggregate`, `top` or `latest`; makes result rows of the rows of a group."""

    def __init__(self, stage, p):
        self.stage, self.kind = stage, stage['stage']
        self.names = [c['name'] for c in stage['in']]
        self.bounded = stage['window']['kind'] not in ('count', 'global')
        if self.kind == 'aggregate':
            self.calls = Calls(stage['calls'], p)
            self.outputs = [p.make(o['value']) for o in stage['outputs']]
        elif self.kind == 'top':
            self.count = p.constant(stage['count'])
            self.by = [(p.make(o['value']), o['descending']) for o in stage['by']]

    def take(self, row):
        if self.kind == 'aggregate':
            return self.calls.take(row)
        if self.kind == 'top':
            env = Env(row=row.values)
            return [by(env) for by, _ in self.by]
        return None

    def check_fits(self, members, taken):
        if self.kind == 'aggregate':
            self.calls.check_fits(members, taken)

    def rows(self, key, members, start, end):
        if self.kind == 'aggregate':
            group = list(key) + ([start, end] if self.bounded else [])
            env = Env(group=group, agg=self.calls.results(members))
            return [group + [o(env) for o in self.outputs]]
        if self.kind == 'latest':
            return [self.shown(self.last(members), start, end, None)]
        return self.top(members, start, end)

    @staticmethod
    def last(members):
        """The row with the highest place; of equal ones, as of one record that was flattened, the one that came last."""
        return max(reversed(members), key=lambda m: m[1].place())[1] if members else None

    def top(self, members, start, end):
        return [self.shown(row, start, end, rank) for row, rank in self.ranked(members)]

    def ranked(self, members):
        """(row, rank) of those that rank, the first ones first."""
        def compare_key(by):
            return [Rank(v, descending) for v, (_, descending) in zip(by, self.by)]
        ordered = sorted(members, key=lambda m: (compare_key(m[0]), m[1].place()))
        out = []
        for i, (by, row) in enumerate(ordered):
            tied = self.stage['with_ties'] and i and compare_key(by) == compare_key(ordered[i - 1][0])
            rank = rank if tied else i + 1
            if rank > self.count:
                break
            out.append((row, rank))
        return out

    def shown(self, row, start, end, rank):
        out = []
        for c in self.stage['out']:
            name = c['name']
            if self.kind == 'top' and name == self.stage['rank']:
                out.append(rank)
            elif self.bounded and name == 'window_start':
                out.append(start)
            elif self.bounded and name == 'window_end':
                out.append(end)
            else:
                out.append(row.values[self.names.index(name)])
        return out


class Rank:
    """A value in the order of `top … by`: absent last either way, NaN greatest."""

    def __init__(self, value, descending):
        self.absent, self.nan, self.value, self.descending = value is None, is_nan(value), value, descending

    def place(self):
        return (self.nan, 0 if self.nan else order_key(self.value))

    def __eq__(self, other):
        return self.absent and other.absent or not self.absent and not other.absent and self.place() == other.place()

    def __lt__(self, other):
        if self.absent or other.absent:
            return other.absent and not self.absent
        return other.place() < self.place() if self.descending else self.place() < other.place()


class Group:
    """A key and window: its rows, its last version, when it is due next."""

    def __init__(self, key, start, end):
        self.key, self.start, self.end = key, start, end
        self.members, self.last, self.numbers = [], [], []
        self.count, self.changed, self.tick = 0, False, END


class Revising(Results):
    """What windows that close by the watermark have in common."""

    def __init__(self, stage, p, routes, where):
        super().__init__()
        w = stage['window']
        self.closing, self.keys, self.routes, self.where = Closing(stage, p), stage['keys'], routes, where
        self.late_for = p.constant(w['late']) or 0
        self.every = p.constant(w['emit_every']) if w['emit'] == 'every' else 0
        self.on_count = p.constant(w['emit_every']) if w['emit'] == 'on_count' else 0
        self.now = START
        self.next = END           # nothing is due before it
        self.late = None          # the node of late rows

    def key(self, row):
        return tuple(row.values[i] for i in self.keys)

    def groups(self):
        raise NotImplementedError

    def forget(self, group):
        raise NotImplementedError

    def set_aside(self, row):
        if self.late is not None:
            self.late.give(type(row)(row.values, row.time, START, row.position))

    def taken(self, row, groups=()):
        """None when the row fails, itself or in one of `groups`: it counts in nothing."""
        try:
            taken = self.closing.take(row)
            for group in groups:
                self.closing.check_fits(group.members, taken)
            return taken, row
        except RowError as e:
            self.routes.failed(row, self.where, e, detached=True)
            return None

    def added(self, group, member):
        group.members.append(member)
        self.touched(group)

    def touched(self, group):
        group.count += 1
        group.changed = True
        if group.end <= self.now or (self.on_count and group.count % self.on_count == 0):
            self.version(group)
        elif self.every:
            group.tick = min(group.tick, END if self.now == START else floor_to(self.now, self.every) + self.every)
        self.next = min(self.next, self.due(group))

    def due(self, group):
        """When something happens to a group: a version, or its end for good."""
        return min(group.end, group.tick) if group.changed else later(group.end, self.late_for)

    def version(self, group):
        try:
            fresh = self.closing.rows(group.key, group.members, group.start, group.end)
        except RowError as e:
            self.routes.failed_result(group.key, self.where, e)
            fresh = []
        time = END - 1 if group.end == END else group.end - 1
        numbers = []
        for i in range(max(len(fresh), len(group.last))):
            if i < len(group.last):
                pair = object()
                number, said = group.numbers[i]   # a session may have ended earlier then
                self.result(group.last[i], said, taken_back=number, pair=pair)
            if i < len(fresh):
                numbers.append((self.result(fresh[i], time, pair=pair if i < len(group.last) else None), time))
        group.last, group.numbers, group.changed, group.tick = fresh, numbers, False, END

    def watermark(self, t):
        if t <= self.now:
            return
        if self.now == START and self.every and t != END:
            for g in self.groups():
                if g.changed:
                    g.tick = floor_to(t, self.every) + self.every
                    self.next = min(self.next, g.tick)
        if t >= self.next:
            self.pass_to(t)
        self.now = t
        self.advance(later(t, -self.late_for))

    def pass_to(self, t):
        due = [g for g in self.groups() if g.changed and min(g.end, g.tick) <= t]
        for group in sorted(due, key=lambda g: min(g.end, g.tick)):
            at = min(group.end, group.tick)
            self.now = max(self.now, at)
            time = END - 1 if at == END else at - 1
            self.rise(later(time, -self.late_for), t == END)
            self.version(group)
        for g in list(self.groups()):
            if later(g.end, self.late_for) <= t:
                self.forget(g)
        self.next = min((self.due(g) for g in self.groups()), default=END)


class Windows:
    """The windows of a time, as (start, end)."""

    def __init__(self, w, p):
        self.kind, self.unit = w['kind'], w['unit']
        self.size, self.step, self.offset = (p.constant(w[k]) for k in ('size', 'every', 'offset'))
        self.offset = self.offset or 0
        self.zone = calendar.zone_of(p.constant(w['zone']))

    def of(self, t):
        if self.kind == 'global':
            return [(START, END)]
        if self.kind == 'sliding':
            start = floor_to(t, self.step, self.offset)
            out = []
            while start + self.size > t:
                out.append((start, start + self.size))
                start -= self.step
            return out[::-1]
        if self.unit != 'none':
            start, end = calendar.unit_bounds(t, self.unit, self.zone)
        else:
            start = floor_to(t, self.size, self.offset)
            end = start + self.size
        if self.kind == 'tumbling':
            return [(start, end)]
        out, stop = [], start
        while stop < end:
            stop = min(stop + self.step, end)
            if stop > t:
                out.append((start, stop))
        return out


class TimeWindows(Revising):
    def __init__(self, stage, p, routes, where):
        super().__init__(stage, p, routes, where)
        self.windows = Windows(stage['window'], p)
        self.open = {}

    def groups(self):
        return list(self.open.values())

    def forget(self, group):
        del self.open[(group.start, group.end, group.key)]

    def row(self, row):
        still = [w for w in self.windows.of(row.time) if w[1] == END or later(w[1], self.late_for) > row.watermark]
        if not still:
            return self.set_aside(row)
        key = self.key(row)
        member = self.taken(row, [self.open[(*w, key)] for w in still if (*w, key) in self.open])
        if member is None:
            return
        for start, end in still:
            group = self.open.setdefault((start, end, key), Group(key, start, end))
            self.added(group, member)
