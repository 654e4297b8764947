"""Session windows: rows of a key at most `gap` apart."""
from .nodes import NO_PARTITION
from .values import END
from .windows import Group, Revising, later


def merged(a, b):
    out = []
    while a and b:
        out.append(a.pop(0) if a[0][1].position <= b[0][1].position else b.pop(0))
    return out + a + b


class Sessions(Revising):
    def __init__(self, stage, p, routes, where):
        super().__init__(stage, p, routes, where)
        self.gap = p.constant(stage['window']['gap'])
        self.max = p.constant(stage['window']['max']) or 0
        self.open = {}            # by key

    def groups(self):
        return [g for mine in self.open.values() for g in mine]

    def forget(self, group):
        self.open[group.key] = [g for g in self.open[group.key] if g is not group]

    def end(self, first, last):
        return min(last + self.gap, first + self.max) if self.max else last + self.gap

    def joins(self, a, b):
        """Whether rows from a[0] to a[1] and from b[0] to b[1] may stand in one session."""
        if b[0] > a[1] + self.gap or a[0] > b[1] + self.gap:
            return False
        return not self.max or max(a[1], b[1]) < min(a[0], b[0]) + self.max

    def is_late(self, row, mine):
        if self.end(row.time, row.time) + self.late_for > row.watermark:
            return False
        if row.position[0] == NO_PARTITION:
            return True
        for g in mine:
            # The sessions that the rows of its own partition have made.
            own = sorted(r.time for _, r in g.members if r.position[0] == row.position[0])
            spans = []
            for t in own:
                if spans and self.joins(spans[-1], (t, t)):
                    spans[-1] = (spans[-1][0], t)
                else:
                    spans.append((t, t))
            if any(self.joins(s, (row.time, row.time)) and self.end(*s) + self.late_for > row.watermark for s in spans):
                return False
        return True

    def row(self, row):
        key = self.key(row)
        mine = sorted(self.open.get(key, []), key=lambda g: g.start)
        if self.is_late(row, mine):
            return self.set_aside(row)
        t = row.time
        session = next((g for g in mine if self.joins((g.start, g.last_time), (t, t))), None)
        member = self.taken(row, [session] if session else [])
        if member is None:
            return
        if session is None:
            session = Group(key, t, 0)
            session.last_time = t
            self.open.setdefault(key, []).append(session)
        session.start, session.last_time = min(session.start, t), max(session.last_time, t)
        session.members.append(member)
        mine = sorted(self.open.get(key, []), key=lambda g: g.start)
        at = mine.index(session)
        if at + 1 < len(mine):
            self.merge(session, mine[at + 1])
        if at > 0 and self.merge(mine[at - 1], session):
            session = mine[at - 1]
        session.end = self.end(session.start, session.last_time)
        self.touched(session)

    def merge(self, a, b):
        if not self.joins((a.start, a.last_time), (b.start, b.last_time)):
            return False
        a.start, a.last_time = min(a.start, b.start), max(a.last_time, b.last_time)
        # As they came, those of one partition by their positions.
        a.members = merged(a.members, b.members)
        a.last, a.numbers = a.last + b.last, a.numbers + b.numbers
        a.count += b.count
        a.tick = min(a.tick, b.tick)
        self.forget(b)
        return True
