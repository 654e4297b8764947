"""Joins of two streams, each by its definition over all rows that came; nothing is forgotten but what `retain` says."""
from .expr import Env
from .nodes import NO_PARTITION, Node, Row
from .upserts import Shown
from .values import END, START, RowError
from .windows import Windows


class Condition:
    def __init__(self, stage, p):
        self.equalities = [(p.make(e['left']), p.make(e['right'])) for e in stage['equalities']]
        self.rest = p.make(stage['rest'])

    def left_key(self, values):
        return tuple(l(Env(row=values)) for l, _ in self.equalities)

    def right_key(self, values):
        return tuple(r(Env(right=values)) for _, r in self.equalities)

    def rest_holds(self, left, right):
        return self.rest is None or self.rest(Env(row=left, right=right))


class Side(Node):
    def __init__(self, join, name):
        super().__init__()
        self.join, self.name = join, name

    def row(self, row):
        self.join.take(self.name, row)

    def watermark(self, t):
        self.join.passed(self.name, t)


class Join(Node):
    """`late` and `late_right` are the nodes of late rows."""

    def __init__(self, stage, p, routes, where):
        super().__init__()
        self.stage, self.routes, self.where, self.kind = stage, routes, where, stage['kind']
        self.on = Condition(stage, p)
        self.width = len(stage['in'])
        self.low_marks = {'left': START, 'right': START}
        self.late = self.late_right = None

    def input(self, name):
        return Side(self, name)

    def keyed(self, name, row):
        """The row's key, None when part of it is absent: it matches nothing. Raises RowError."""
        key = self.on.left_key(row.values) if name == 'left' else self.on.right_key(tuple(row.values))
        return None if None in key else key

    def set_aside(self, name, row):
        node = self.late if name == 'left' else self.late_right
        if node is not None:
            node.give(Row(row.values, row.time, START, row.position))

    def joined(self, left, right):
        """Values of a result row; either side may be None."""
        if self.kind in ('semi', 'anti'):
            return list(left.values)
        return (list(left.values) if left else [None] * self.width) + [tuple(right.values) if right else None]


class Held:
    def __init__(self, row, key):
        self.row, self.key, self.matched = row, key, False


class IntervalJoin(Join):
    def __init__(self, stage, p, routes, where):
        super().__init__(stage, p, routes, where)
        self.low, self.high = p.make(stage['low']), p.make(stage['high'])
        self.rows = {'left': [], 'right': []}

    def take(self, name, row):
        if row.time < row.watermark:
            return self.set_aside(name, row)
        try:
            held = Held(row, self.keyed(name, row))
            held.bounds = (self.low(Env()), self.high(Env(row=row.values))) if name == 'left' else None
            found = []
            for other in self.rows['right' if name == 'left' else 'left']:
                l, r = (held, other) if name == 'left' else (other, held)
                if l.key is not None and l.key == r.key and l.bounds[0] <= r.row.time - l.row.time <= l.bounds[1]:
                    if self.on.rest_holds(l.row.values, tuple(r.row.values)):
                        found.append((l, r))
        except RowError as e:
            return self.routes.failed(row, self.where, e, detached=True)
        self.rows[name].append(held)
        for l, r in found:
            if self.kind in ('inner', 'left', 'full') or (self.kind == 'semi' and not l.matched):
                self.give(Row(self.joined(l.row, r.row), l.row.time, self.told))
            l.matched = r.matched = True

    def passed(self, name, t):
        self.low_marks[name] = t
        if min(self.low_marks.values()) == END:
            for l in self.rows['left']:
                if not l.matched and self.kind in ('left', 'full', 'anti'):
                    self.give(Row(self.joined(l.row, None), l.row.time, self.told))
            for r in self.rows['right']:
                if not r.matched and self.kind == 'full':
                    self.give(Row(self.joined(None, r.row), r.row.time, self.told))
            self.advance(END)


class WindowJoin(Join):
    def __init__(self, stage, p, routes, where):
        super().__init__(stage, p, routes, where)
        self.windows = Windows(stage['window'], p) if stage['window']['kind'] != 'session' else None
        self.gap = p.constant(stage['window']['gap'])
        self.rows = {'left': [], 'right': []}

    def take(self, name, row):
        try:
            key = self.keyed(name, row)
        except RowError as e:
            return self.routes.failed(row, self.where, e, detached=True)
        if self.windows is None:
            windows = None
            if self.is_late(name, row, key):
                return self.set_aside(name, row)
        else:
            windows = [w for w in self.windows.of(row.time) if w[1] > row.watermark]
            if not windows:
                return self.set_aside(name, row)
        held = Held(row, key)
        held.windows = windows
        self.rows[name].append(held)

    def is_late(self, name, row, key):
        """Whether its session has closed, as far as the rows of its own side and partition make it."""
        if row.time + self.gap > row.watermark:
            return False
        if row.position[0] == NO_PARTITION:
            return True
        times = sorted(h.row.time for h in self.rows[name] if key is not None and h.key == key and h.row.position[0] == row.position[0])
        spans = []
        for t in times:
            if spans and t <= spans[-1][1] + self.gap:
                spans[-1] = (spans[-1][0], t)
            else:
                spans.append((t, t))
        return not any(a - self.gap <= row.time <= b + self.gap and b + self.gap > row.watermark for a, b in spans)

    def sessions(self):
        """Rows of one key at most `gap` apart."""
        by_key = {}
        for name, rows in self.rows.items():
            for held in rows:
                by_key.setdefault(held.key if held.key is not None else (name, id(held)), []).append(held)
        for rows in by_key.values():
            rows.sort(key=lambda h: h.row.time)
            start = 0
            for i in range(1, len(rows) + 1):
                if i == len(rows) or rows[i].row.time - rows[i - 1].row.time > self.gap:
                    window = (rows[start].row.time, rows[i - 1].row.time + self.gap)
                    for held in rows[start:i]:
                        held.windows = [window]
                    start = i

    def passed(self, name, t):
        self.low_marks[name] = t
        if min(self.low_marks.values()) != END:
            return
        if self.windows is None:
            self.sessions()
        windows = sorted({w for rows in self.rows.values() for h in rows for w in h.windows}, key=lambda w: (w[1], w[0]))
        for w in windows:
            left = [h for h in self.rows['left'] if w in h.windows]
            right = [h for h in self.rows['right'] if w in h.windows]
            matched = set()
            for l in left:
                found = []
                for r in right:
                    try:
                        if l.key is not None and l.key == r.key and self.on.rest_holds(l.row.values, tuple(r.row.values)):
                            found.append(r)
                            matched.add(id(r))
                    except RowError as e:
                        self.routes.failed(l.row, self.where, e, detached=True)
                if self.kind in ('inner', 'left', 'full'):
                    for r in found or ([None] if self.kind != 'inner' else []):
                        self.show(l.row, r and r.row, w)
                elif bool(found) == (self.kind == 'semi'):
                    self.show(l.row, None, w)
            if self.kind == 'full':
                for r in right:
                    if id(r) not in matched:
                        self.show(None, r.row, w)
        self.advance(END)

    def show(self, left, right, window):
        """The bounds stand where the stage's row has them."""
        names = [c['name'] for c in self.stage['out']]
        values = dict(zip([c['name'] for c in self.stage['in']], left.values if left else [None] * self.width))
        if self.kind not in ('semi', 'anti'):
            values[self.stage['alias']] = tuple(right.values) if right else None
        values['window_start'], values['window_end'] = window
        self.give(Row([values[n] for n in names], window[1] - 1, self.told))


class Together:
    """The rows of one key, and what is shown of them: (left, right, row)."""

    def __init__(self):
        self.rows, self.shown = {'left': [], 'right': []}, []


class RetainedJoin(Join):
    """What the join of the rows present of a key gives is computed anew after every change; only what differs is shown.
    Whether two rows are a pair hangs on them alone: no pair once the watermark of one's partition has passed the other's time;
    and of facts the row is judged by the higher of their watermarks."""

    def __init__(self, stage, p, routes, where):
        super().__init__(stage, p, routes, where)
        self.retain = p.constant(stage['retain'])
        self.keys = {}
        self.last = START                          # the highest watermark of a side before its end
        self.failing, self.fails = set(), None     # pairs whose condition fails; why one does with the row that comes
        self.out = Shown(self)
        self.upsert = stage['kind_out'] == 'upsert'

    def take(self, name, row):
        self.fails = None
        try:
            held = Held(row, self.keyed(name, row))
        except RowError as e:
            return None if row.retract else self.routes.failed(row, self.where, e, detached=True)
        together = self.keys.setdefault(held.key, Together())
        if row.retract:
            together.rows[name] = [h for h in together.rows[name] if not (h.row.values == row.values and h.row.place() == row.place())]
        else:
            together.rows[name].append(held)
        self.show(together)
        if self.fails is not None and not row.retract:
            self.routes.failed(row, self.where, self.fails, detached=True)
        self.expire()  # a row may come later than it can be kept

    def results(self, rows):
        matched = set()
        for l in rows['left']:
            found = [r for r in rows['right'] if l.key is not None and not self.apart(l.row, r.row) and self.meet(l, r)]
            matched.update(id(r) for r in found)
            if self.kind in ('inner', 'left', 'full'):
                for r in found:
                    yield l, r
                if not found and self.kind != 'inner':
                    yield l, None
            elif bool(found) == (self.kind == 'semi'):
                l.first = found[0] if found else None
                yield l, None
        if self.kind == 'full':
            for r in rows['right']:
                if id(r) not in matched:
                    yield None, r

    def meet(self, l, r):
        if (l, r) in self.failing:
            return False
        try:
            return self.on.rest_holds(l.row.values, tuple(r.row.values))
        except RowError as e:
            self.failing.add((l, r))
            self.fails = e
            return False

    def apart(self, l, r):
        return self.retain is not None and (l.watermark > r.time + self.retain or r.watermark > l.time + self.retain)

    def fact(self, l, r):
        """The left row of a `semi join` counts with its first match."""
        both = [h.row for h in (l, r or l.first)]
        time, watermark = max(b.time for b in both), max(b.watermark for b in both)
        self.give(Row(self.joined(l.row, r and r.row), time, watermark, (NO_PARTITION, 0)))

    def show(self, together):
        now = {(id(l), id(r)): (l, r) for l, r in self.results(together.rows)}
        kept, gone = [], []
        for l, r, row in together.shown:
            if now.pop((id(l), id(r)), None) is not None or not self.upsert:     # a fact stays one
                kept.append((l, r, row))
            else:
                gone.append(row)
        for row in gone:
            self.out.replace(row, None)
        for l, r in now.values():
            row = None
            if self.upsert:
                time = max(h.row.time for h in (l, r) if h is not None)
                row = self.out.fresh(self.joined(l and l.row, r and r.row), time)
                self.out.replace(None, row)
            else:
                self.fact(l, r)
            kept.append((l, r, row))
        together.shown = kept

    def passed(self, name, t):
        if t == END:
            self.last = max(self.last, self.low_marks[name])
        self.low_marks[name] = t
        self.expire()
        self.advance(min(self.low_marks.values()))

    def expire(self):
        low = min(self.low_marks.values())
        if self.retain is None:
            return
        if low == END:
            low = self.last
        for together in list(self.keys.values()):
            before = sum(map(len, together.rows.values()))
            for side in together.rows:
                together.rows[side] = [h for h in together.rows[side] if not low > h.row.time + self.retain]
            if sum(map(len, together.rows.values())) != before:
                self.show(together)


class AsOfJoin(Join):
    def __init__(self, stage, p, routes, where):
        super().__init__(stage, p, routes, where)
        self.at, self.reach = p.make(stage['as_of']), p.constant(stage['reach'])
        self.waiting, self.versions, self.leaving = [], [], None

    def take(self, name, row):
        try:
            if name == 'left':
                if row.time < row.watermark:
                    return self.set_aside(name, row)
                self.waiting.append((row, self.keyed(name, row), self.at(Env(row=row.values))))
            else:
                self.change(row, self.keyed(name, row))
        except RowError as e:
            self.routes.failed(row, self.where, e, detached=True)

    def change(self, row, key):
        """Changes of a changelog follow one another as they come: a late one is a version from its watermark on. The old
        row of an update is deleted only where it leaves its key."""
        if row.retract and row.pair is not None:
            self.leaving = (row, key)
            return
        time = max(row.time, row.watermark) if self.reach is None else row.time
        if row.retract:
            time = max(time, self.seen(key))
        if self.leaving is not None:
            (old, old_key), self.leaving = self.leaving, None
            if old_key != key:
                self.versions.append((max(time, self.seen(old_key)), len(self.versions), old, old_key))
        self.versions.append((time, len(self.versions), row, key))

    def seen(self, key):
        """A row that came later than it can be kept is forgotten with an earlier stamp than its own."""
        return max((v[2].watermark for v in self.versions if v[3] == key and not v[2].retract), default=START)

    def version(self, values, key, at):
        """The last change of the key at or before `at`; of an append stream the last row, not older than the reach."""
        best = None
        for time, number, row, k in self.versions:
            if k != key or key is None or max(time, row.watermark) > at or (self.reach is not None and time < at - self.reach):
                continue
            place = (time, row.position if self.reach is not None else number)
            if best is None or not place < best[0]:
                best = (place, row)
        if best is None or best[1].retract or not self.on.rest_holds(values, tuple(best[1].values)):
            return None
        return best[1]

    def passed(self, name, t):
        self.low_marks[name] = t
        if min(self.low_marks.values()) != END:
            return
        for row, key, at in sorted(self.waiting, key=lambda w: w[0].place()):
            try:
                found = self.version(row.values, key, at)
            except RowError as e:
                self.routes.failed(row, self.where, e, detached=True)
                continue
            if self.kind in ('inner', 'left'):
                if found is not None or self.kind == 'left':
                    self.give(Row(self.joined(row, found), row.time, self.told))
            elif (found is not None) == (self.kind == 'semi'):
                self.give(Row(self.joined(row, None), row.time, self.told))
        self.advance(END)


KINDS = {'interval': IntervalJoin, 'window': WindowJoin, 'retain': RetainedJoin, 'as_of': AsOfJoin}
