"""Stages that read or make rows which replace each other: rolling `aggregate`, `top` and `latest`, and `changes`."""
from .nodes import Node, Row
from .values import END, START, RowError
from .windows import Closing


class Changed(Node):
    """A node that takes changes: the old and the new row of an update come together."""

    def __init__(self):
        super().__init__()
        self.pending = None

    def row(self, row):
        old = self.pending
        if old is not None:
            self.pending = None
            if not row.retract and old.pair is not None and old.pair is row.pair:
                return self.change(old, row)
            self.change(old, None)
        if row.retract:
            self.pending = row
        else:
            self.change(None, row)

    def watermark(self, t):
        self.settle()
        self.passed(t)

    def settle(self):
        if self.pending is not None:
            old, self.pending = self.pending, None
            self.change(old, None)

    def passed(self, t):
        self.advance(t)


class Shown:
    """The rows a node shows at present: shows others by retracts and inserts."""

    def __init__(self, node):
        self.node, self.number = node, 0

    def fresh(self, values, time):
        self.number += 1
        return Row(values, time, self.node.told, (0, self.number))

    def replace(self, old, new, stamp=START):
        """`stamp`: the watermark that causes it, where no row does."""
        pair = object() if old is not None and new is not None else None
        for row, retract in ((old, True), (new, False)):
            if row is not None:
                self.node.give(Row(row.values, row.time, max(row.watermark, self.node.told, stamp), row.position, retract, pair=pair))


def without(members, old):
    """The members of a group once `old` is taken back."""
    at = next((i for i, (_, row) in enumerate(members) if old is not None and row.values == old.values and row.place() == old.place()), None)
    return members if at is None else members[:at] + members[at + 1:]


class Group:
    def __init__(self):
        self.members, self.shown, self.last, self.best = [], [], None, None


class Rolling(Changed):
    """Everything is computed anew from the rows that are there, after every change."""

    def __init__(self, stage, p, routes, where):
        super().__init__()
        self.stage, self.routes, self.where, self.keys = stage, routes, where, stage['keys']
        self.closing = Closing(dict(stage, window={'kind': 'global'}), p)
        self.retain = p.constant(stage['retain'])
        self.groups = {}
        self.out = Shown(self)

    def key(self, row):
        return tuple(row.values[i] for i in self.keys)

    def change(self, old, new):
        for row in (old, new):
            if row is not None:
                key = self.key(row)
                group = self.groups.get(key)
                if group and self.retain is not None and row.watermark > group.last + self.retain:
                    self.forget(key)
        taken = None
        if new is not None:
            try:
                taken = self.closing.take(new)
                group = self.groups.get(self.key(new))
                self.closing.check_fits(without(group.members, old) if group else [], taken)
            except RowError as e:
                self.routes.failed(new, self.where, e, detached=True)
                new = None
        if old is None and new is None:
            return
        touched = []
        if old is not None:
            key = self.key(old)
            group = self.groups.get(key)
            if group:
                for i, (_, row) in enumerate(group.members):
                    if row.values == old.values and row.place() == old.place():
                        del group.members[i]
                        touched.append(key)
                        break
        if new is not None:
            key = self.key(new)
            group = self.groups.setdefault(key, Group())
            group.members.append((taken, new))
            group.last = new.time if group.last is None else max(group.last, new.time)
            if key not in touched:
                touched.append(key)
        cause = new if new is not None else old
        time = cause.time if new is not None else max(cause.time, cause.watermark)
        for key in touched:
            self.show(key, time)
        self.expire(self.told)

    def show(self, key, time):
        group = self.groups[key]
        if self.stage['stage'] == 'top':
            return self.show_ranked(key, group, time)
        rows = []
        if group.members:
            try:
                rows = self.closing.rows(key, group.members, 0, 0)
            except RowError as e:
                self.routes.failed_result(key, self.where, e)   # and there is no row until a result comes again
        if self.stage['stage'] == 'latest':
            best = self.closing.last(group.members)
            if best is group.best:
                return
            group.best = best
        new = [self.out.fresh(v, time) for v in rows]
        self.out.replace(group.shown[0] if group.shown else None, new[0] if new else None)
        group.shown = new
        if not group.members:
            del self.groups[key]

    def show_ranked(self, key, group, time):
        """Only what differs is shown again; by rank, the old row of a rank goes with its new one."""
        kept, fresh = [], []
        gone = list(group.shown)
        for row, rank in self.closing.ranked(group.members):
            same = next((g for g in gone if g[0] is row and (g[1] == rank or not self.stage['rank'])), None)
            if same is not None:
                gone.remove(same)
                kept.append(same)
            else:
                fresh.append((row, rank, self.out.fresh(self.closing.shown(row, 0, 0, rank), time)))
        group.shown = kept + fresh
        by_rank = bool(self.stage['upsert_key'])
        for _, rank, out in gone:
            partner = next((f for f in fresh if by_rank and f[1] == rank), None)
            if partner is not None:
                fresh.remove(partner)
            self.out.replace(out, partner[2] if partner else None)
        for _, _, out in fresh:
            self.out.replace(None, out)
        if not group.members:
            del self.groups[key]

    def forget(self, key):
        group = self.groups.pop(key)
        for shown in group.shown:
            self.out.replace(shown[2] if isinstance(shown, tuple) else shown, None, group.last + self.retain + 1)

    def passed(self, t):
        if t != END:
            self.expire(t)
        self.advance(t)

    def expire(self, t):
        if self.retain is None:
            return
        gone = [k for k, g in self.groups.items() if t > g.last + self.retain]
        for key in sorted(gone, key=lambda k: self.groups[k].last):
            self.forget(key)


class Changes(Changed):
    """Where the key is the whole row, no row is an update of another."""

    def __init__(self, stage, p, routes, where):
        super().__init__()
        self.keyed = stage['keyed']

    def change(self, old, new):
        if old is not None and new is not None and not self.keyed:
            self.change(old, None)
            self.change(None, new)
        elif new is not None:
            op = 0 if old is None else 1
            self.give(Row(list(new.values) + [op, None if old is None else tuple(old.values)], new.time, new.watermark, new.position))
        else:
            self.give(Row(list(old.values) + [2, tuple(old.values)], max(old.time, old.watermark), old.watermark, old.position))
