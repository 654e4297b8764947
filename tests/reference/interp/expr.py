"""Expressions of the checked program, made into Python functions of an environment."""
import math
from decimal import Decimal, ROUND_HALF_UP

from . import functions
from .values import EXACT, QUOTIENT, RowError, check_decimal, check_int, order_key, to_f32


class Env:
    """What an expression sees: lists of values by scope."""
    __slots__ = ('row', 'right', 'state', 'arg', 'group', 'agg', 'other')

    def __init__(self, **scopes):
        for name in self.__slots__:
            setattr(self, name, scopes.get(name))


class Expressions:
    def __init__(self, program, params):
        self.types = program['type_table']
        self.functions = program['functions']
        self.params = params
        self.bodies = {}

    def type(self, index):
        return self.types[index]

    def plain(self, index):
        t = self.types[index]
        return self.types[t['elem']] if t['kind'] == 'optional' else t

    def constant(self, e):
        return None if e is None else self.make(e)(Env())

    def literal(self, e):
        v = e['value']
        if v is None:
            return None
        kind = self.plain(e['type'])['kind']
        if kind == 'decimal':
            return Decimal(v)
        if kind in ('f64', 'f32'):
            v = float(v.replace('Infinity', 'inf') if isinstance(v, str) else v)
            return to_f32(v) if kind == 'f32' else v
        return v

    def make(self, e):
        if e is None:
            return None
        kind = e['kind']
        args = [self.make(a) for a in e.get('args', [])]
        if kind == 'literal':
            v = self.literal(e)
            return lambda env: v
        if kind == 'param':
            v = self.params[e['index']]
            return lambda env: v
        if kind == 'ref':
            i, scope = e['index'], e['scope']
            if scope == 'row':
                return lambda env: env.row[i]
            return lambda env: getattr(env, scope)[i]
        if kind == 'member':
            i, inner = e['index'], args[0]

            def member(env):
                r = inner(env)
                return None if r is None else r[i]
            return member
        if kind == 'element':
            return self.element(e, *args)
        if kind == 'negate':
            return self.negate(self.plain(e['type'])['kind'], args[0])
        if kind == 'not':
            return lambda env: not args[0](env)
        if kind == 'arithmetic':
            return self.arithmetic(e, *args)
        if kind == 'compare':
            return self.compare(e['op'], *args)
        if kind == 'and':
            return lambda env: args[0](env) and args[1](env)
        if kind == 'or':
            return lambda env: args[0](env) or args[1](env)
        if kind == 'in_list':
            negated = e['negated']

            def in_list(env):
                x = args[0](env)
                values = [a(env) for a in args[1:]]
                return any(x == v for v in values) != negated
            return in_list
        if kind == 'in_value':
            negated = e['negated']
            is_map = self.plain(e['args'][1]['type'])['kind'] == 'map'

            def in_value(env):
                x, l = args[0](env), args[1](env)
                return any(x == (v[0] if is_map else v) for v in l) != negated
            return in_value
        if kind == 'is_null':
            negated = e['negated']
            return lambda env: (args[0](env) is None) != negated
        if kind == 'coalesce':
            def coalesce(env):
                x = args[0](env)
                return args[1](env) if x is None else x
            return coalesce
        if kind == 'convert':
            return self.convert(e, args[0])
        if kind == 'if':
            return lambda env: args[1](env) if args[0](env) else args[2](env)
        if kind == 'match':
            arms = [([self.make(p) for p in a['patterns']], self.make(a['value'])) for a in e['arms']]

            def match(env):
                x = args[0](env)
                for patterns, value in arms:
                    if not patterns or any(p(env) == x for p in patterns):
                        return value(env)
                raise AssertionError('no arm matches')
            return match
        if kind == 'call':
            return self.call(e, args)
        if kind == 'user_call':
            return self.user_call(e['index'], args)
        if kind in ('record', 'list'):
            return lambda env: tuple(a(env) for a in args)
        if kind == 'concat':
            return lambda env: ''.join(a(env) for a in args)
        if kind == 'fail':
            def fail(env):
                raise RowError(args[0](env))
            return fail
        raise NotImplementedError(kind)

    def element(self, e, container, index):
        is_map = self.plain(e['args'][0]['type'])['kind'] == 'map'

        def element(env):
            c, i = container(env), index(env)
            if is_map:
                return next((v for k, v in c if k == i), None)
            return c[i] if 0 <= i < len(c) else None
        return element

    def negate(self, kind, x):
        if kind in ('i32', 'i64', 'duration'):
            return lambda env: check_int(-x(env), 'i32' if kind == 'i32' else 'i64')
        if kind == 'decimal':
            return lambda env: check_decimal(EXACT.minus(x(env)))
        return lambda env: -x(env)

    def compare(self, op, a, b):
        if op in ('eq', 'ne'):
            return lambda env: (a(env) == b(env)) == (op == 'eq')

        def compare(env):
            x, y = a(env), b(env)
            if isinstance(x, (str, tuple)):
                x, y = order_key(x), order_key(y)
            return x < y if op == 'lt' else x <= y if op == 'le' else x > y if op == 'gt' else x >= y
        return compare

    def arithmetic(self, e, a, b):
        op, arith = e['op'], e['arith']
        kind = self.plain(e['type'])['kind']
        if arith == 'number':
            return lambda env: number(op, kind, a(env), b(env))
        if arith in ('time_plus_duration', 'time_minus_time', 'duration_duration'):
            sign = 1 if op == 'add' else -1
            return lambda env: check_int(a(env) + sign * b(env), 'i64')
        if arith == 'duration_ratio':
            def ratio(env):
                x, y = a(env), b(env)
                if y == 0:
                    raise RowError('division by zero')
                return float(x) / float(y)
            return ratio
        kinds = [self.plain(x['type'])['kind'] for x in e['args']]
        return lambda env: scaled(arith, a(env), b(env), kinds)

    def convert(self, e, inner):
        conversion = e['conversion']
        if conversion in ('wrap', 'unwrap', 'reshape', 'null_to'):
            return inner
        change = self.widening(e['args'][0]['type'], e['type'])

        def convert(env):
            x = inner(env)
            return None if x is None else change(x)
        return convert

    def widening(self, source, target):
        source, target = self.plain(source), self.plain(target)
        kind = target['kind']
        if kind == 'f64':
            return float
        if kind == 'f32':
            return lambda x: to_f32(float(x))
        if kind == 'decimal':
            return lambda x: x if isinstance(x, Decimal) else Decimal(x)
        if kind == 'list':
            change = self.widening(source['elem'], target['elem'])
            return lambda x: tuple(None if v is None else change(v) for v in x)
        if kind == 'record':
            changes = [self.widening(s['type'], t['type']) for s, t in zip(source['fields'], target['fields'])]
            return lambda x: tuple(None if v is None else c(v) for c, v in zip(changes, x))
        return lambda x: x

    def call(self, e, args):
        name = e['fn']
        types = [self.plain(a['type']) for a in e['args']]
        kinds = [t['kind'] for t in types]
        kind = self.plain(e['type'])['kind']
        if name == 'coalesce':
            def coalesce(env):
                for a in args:
                    x = a(env)
                    if x is not None:
                        return x
                return None
            return coalesce
        return lambda env: functions.call(name, [a(env) for a in args], kinds, kind, types)

    def user_call(self, index, args):
        def call(env):
            if index not in self.bodies:
                self.bodies[index] = self.make(self.functions[index]['body'])
            return self.bodies[index](Env(arg=[a(env) for a in args]))
        return call


def number(op, kind, x, y):
    if kind in ('i32', 'i64'):
        if op in ('div', 'rem'):
            if y == 0:
                raise RowError('division by zero')
            q = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
            return check_int(q if op == 'div' else x - q * y, kind)
        return check_int(x + y if op == 'add' else x - y if op == 'sub' else x * y, kind)
    if kind == 'decimal':
        if op in ('div', 'rem') and y == 0:
            raise RowError('division by zero')
        if op == 'rem':
            return check_decimal(EXACT.remainder(x, y))
        if op == 'div':
            return check_decimal(QUOTIENT.divide(x, y))
        return check_decimal({'add': EXACT.add, 'sub': EXACT.subtract, 'mul': EXACT.multiply}[op](x, y))
    if op == 'rem':
        out = math.nan if y == 0 or math.isinf(x) or x != x or y != y else math.fmod(x, y)
    elif op == 'div':
        if y == 0:
            out = math.nan if x == 0 or x != x else math.copysign(math.inf, x) * math.copysign(1, y)
        else:
            out = x / y
    else:
        out = x + y if op == 'add' else x - y if op == 'sub' else x * y
    return to_f32(out) if kind == 'f32' else out


def scaled(arith, x, y, kinds):
    """A duration times or over a number: exact for integers, else to the nearest microsecond."""
    if arith == 'duration_times' and kinds[0] != 'duration':
        x, y, kinds = y, x, kinds[::-1]
    if isinstance(y, int):
        return number('mul' if arith == 'duration_times' else 'div', 'i64', x, y)
    if arith == 'duration_over' and y == 0 and isinstance(y, Decimal):
        raise RowError('division by zero')
    if isinstance(y, float):
        out = number('mul' if arith == 'duration_times' else 'div', 'f64', float(x), y)
        if out != out or math.isinf(out):
            raise RowError('does not fit')
        out = Decimal(out)
    else:
        out = EXACT.multiply(Decimal(x), y) if arith == 'duration_times' else EXACT.divide(Decimal(x), y)
    return check_int(int(out.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=EXACT)), 'i64')
