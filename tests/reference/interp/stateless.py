"""Stages that look at one row at a time: filter, select and its kin, flatten, key, joins with tables."""
from .expr import Env
from .nodes import Node, Row
from .values import RowError


class Stateless(Node):
    def __init__(self, stage, p, routes, where):
        super().__init__()
        self.stage, self.routes, self.where = stage, routes, where
        self.prepare(p)

    def row(self, row):
        try:
            out = self.apply(row)
        except RowError as e:
            return self.routes.failed(row, self.where, e, detached=self.stage['stage'] == 'table_join')
        for values in out:
            self.give(row.like(values))


class Filter(Stateless):
    def prepare(self, p):
        self.condition = p.make(self.stage['condition'])

    def apply(self, row):
        return [row.values] if self.condition(Env(row=row.values)) else []


class Project(Stateless):
    def prepare(self, p):
        self.outputs = [p.make(o['value']) for o in self.stage['outputs']]

    def apply(self, row):
        env = Env(row=row.values)
        return [[o(env) for o in self.outputs]]


class Flatten(Stateless):
    def prepare(self, p):
        self.list = p.make(self.stage['list'])

    def apply(self, row):
        out, at = [], self.stage['column']
        for item in self.list(Env(row=row.values)):
            values = list(row.values) + [None] * (len(self.stage['out']) - len(row.values))
            values[at] = item
            out.append(values)
        return out


class Key(Stateless):
    def prepare(self, p):
        names = [c['name'] for c in self.stage['out']]
        self.computed = [(names.index(o['name']), p.make(o['value'])) for o in self.stage['computed']]

    def apply(self, row):
        env = Env(row=row.values)
        values = list(row.values) + [None] * (len(self.stage['out']) - len(row.values))
        for at, value in self.computed:
            values[at] = value(env)
        return [values]


class TableJoin(Stateless):
    def prepare(self, p):
        self.table = p.tables[self.stage['table']]
        self.equalities = [(p.make(e['left']), p.make(e['right'])) for e in self.stage['equalities']]
        self.rest = p.make(self.stage['rest'])
        self.found = {}
        for other in self.table:
            right = tuple(r(Env(right=other)) for _, r in self.equalities)
            if None not in right:
                self.found.setdefault(right, []).append(other)

    def row(self, row):
        super().row(Row(row.values, row.time, row.watermark, row.position, row.retract, pair=row.pair))

    def apply(self, row):
        kind = self.stage['kind']
        env = Env(row=row.values)
        left = tuple(l(env) for l, _ in self.equalities)
        matches = [other for other in self.found.get(left, [])
                   if self.rest is None or self.rest(Env(row=row.values, right=other))]
        if kind in ('semi', 'anti'):
            return [row.values] if bool(matches) == (kind == 'semi') else []
        if kind == 'left' and not matches:
            matches = [None]
        return [list(row.values) + [m] for m in matches]


KINDS = {'filter': Filter, 'project': Project, 'flatten': Flatten, 'key': Key, 'table_join': TableJoin}
