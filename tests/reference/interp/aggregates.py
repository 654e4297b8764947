"""Aggregates: every one is computed anew from all rows of its group."""
import math
from decimal import Decimal
from fractions import Fraction

from .expr import Env
from .values import EXACT, QUOTIENT, RowError, before, check_decimal, check_int, identity, order_key, to_f32


class Calls:
    """The aggregate calls of a stage."""

    def __init__(self, calls, expressions):
        self.x = expressions
        self.calls = [(c, [self.x.make(a) for a in c['args']], self.x.make(c['where']), self.x.constant(c['q']))
                      for c in calls]

    def take(self, row):
        """Arguments of a row by call, None where its `where` does not hold. Raises RowError: it counts in nothing."""
        env = Env(row=row.values)
        return [tuple(a(env) for a in args) if where is None or where(env) else None for _, args, where, _ in self.calls]

    def check_fits(self, members, taken):
        """A row that makes a sum of decimals too large counts in nothing. Raises RowError."""
        for i, (call, _, _, _) in enumerate(self.calls):
            if call['fn'] in ('sum', 'avg') and self.x.plain(call['args'][0]['type'])['kind'] == 'decimal':
                values = [t[i][0] for t in [*(t for t, _ in members), taken] if t[i] is not None]
                total([v for v in values if v is not None], 'decimal')

    def results(self, members):
        """`members`: (what take() gave, row), as they came."""
        return [self.of(i, members) for i in range(len(self.calls))]

    def of(self, i, members):
        """The result of call `i`."""
        call, _, _, q = self.calls[i]
        rows = [(taken[i], row) for taken, row in members if taken[i] is not None]
        if call['fn'] is None:
            return self.user(call['user'], rows)
        return self.result(call, q, [(a, row) for a, row in rows if all(v is not None for v in a)])

    def user(self, index, rows):
        a = self.x.program_aggregates[index]
        state = [self.x.make(f['init'])(Env()) for f in a['state']]
        adds = [(u['field'], self.x.make(u['value'])) for u in a['add']]
        for args, _ in rows:
            env = Env(state=state, arg=args)
            values = [(f, v(env)) for f, v in adds]
            state = list(state)
            for f, v in values:
                state[f] = v
        return self.x.make(a['result'])(Env(state=state))

    def result(self, call, q, rows):
        name = call['fn']
        kind = self.x.plain(call['type'])['kind']
        values = [a[0] for a, _ in rows if a]
        argument = self.x.plain(call['args'][0]['type'])['kind'] if call['args'] else None
        if name == 'count':
            return len(rows)
        if name in ('count_distinct', 'approx_count_distinct'):
            return len({identity(v) for v in values})
        if name == 'sum':
            return total(values, kind)
        if name == 'avg':
            return mean(values, kind)
        if name in ('stddev', 'variance'):
            return spread([float(v) for v in values], name == 'stddev')
        if name in ('quantile', 'approx_quantile'):
            return quantile([float(v) for v in values], q)
        if name == 'collect':
            return tuple(values)
        if name == 'any':
            return any(values)
        if name == 'all':
            return all(values)
        if not values:
            return None
        if name in ('min', 'max'):
            best = values[0]
            for v in values[1:]:
                if before(v, best) if name == 'min' else before(best, v):
                    best = v
            return best + 0.0 if argument in ('f64', 'f32') and best == 0 and 0.0 in values else best
        if name in ('first', 'last'):
            best = rows[0]
            for r in rows[1:]:
                if (r[1].place() < best[1].place()) if name == 'first' else not (r[1].place() < best[1].place()):
                    best = r
            return best[0][0]
        best = rows[0]                       # min_by, max_by
        for r in rows[1:]:
            a, b = r[0][1], best[0][1]
            if name == 'max_by':
                a, b = b, a
            if before(a, b) or (not before(b, a) and r[1].position < best[1].position):
                best = r
        return best[0][0]


def total(values, kind):
    if kind == 'decimal':
        out = Decimal(0)
        for v in values:
            out = EXACT.add(out, v)
        return check_decimal(out)
    if kind in ('f64', 'f32'):
        out = 0.0
        for v in values:
            out += v
        return out
    return check_int(sum(values), 'i64')


def mean(values, kind):
    if not values:
        return None
    if kind == 'decimal':
        return check_decimal(QUOTIENT.divide(total(values, kind), Decimal(len(values))))
    if isinstance(values[0], int):
        return sum(values) / len(values)
    return total(values, 'f64') / len(values)


def spread(values, root):
    if len(values) < 2:
        return None
    if any(v - v != 0 for v in values):
        return math.nan
    exact = [Fraction(v) for v in values]
    m = sum(exact) / len(exact)
    variance = sum((v - m) * (v - m) for v in exact) / (len(exact) - 1)
    try:
        variance = float(variance)
    except OverflowError:
        variance = math.inf
    return math.sqrt(variance) if root else variance


def quantile(values, q):
    if not values:
        return None
    values = sorted(values, key=lambda v: (v != v, v))
    at = q * (len(values) - 1)
    low = int(math.floor(at))
    high = min(low + 1, len(values) - 1)
    if at == low:
        return values[low]
    return values[low] + (values[high] - values[low]) * (at - low)
