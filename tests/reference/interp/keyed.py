"""Stages with a state a key that goes by rows, not by windows: count windows, `distinct`, `scan`."""
from .expr import Env
from .nodes import NO_PARTITION, Node, Results, Row
from .values import END, START, RowError
from .windows import Closing, later


class Counted(Results):
    """`count(n [, every: m])`, and keyed `global()` with `retain`: size without end."""

    def __init__(self, stage, p, routes, where):
        super().__init__()
        w = stage['window']
        self.closing, self.keys, self.routes, self.where = Closing(stage, p), stage['keys'], routes, where
        self.size = p.constant(w['size']) or END
        self.step = p.constant(w['every']) or self.size
        self.retain = p.constant(w['retain'])
        self.states = {}
        self.late = None
        self.next = END           # no key is forgotten before it
        self.low = START          # the watermark of what comes

    def row(self, row):
        key = tuple(row.values[i] for i in self.keys)
        state = self.states.get(key)
        if state and self.retain is not None and row.watermark > state['last'] + self.retain:
            self.finish(key)
        try:
            member = self.closing.take(row), row
        except RowError as e:
            return self.routes.failed(row, self.where, e, detached=True)
        state = self.states.setdefault(key, {'members': [], 'since': 0, 'last': START})
        state['members'].append(member)
        state['since'] += 1
        state['last'] = max(state['last'], row.time)
        state['mark'] = row.watermark
        if self.retain is not None:
            self.next = min(self.next, state['last'] + self.retain)
        if state['since'] == self.step:
            self.give_results(key, self.behind(row.watermark))
        self.expire()  # a row may come later than its key can be kept

    def behind(self, watermark):
        """The output's watermark lies `retain` behind the input's: so long a key's rows may wait for their result."""
        return START if self.retain is None else later(watermark, -self.retain)

    def behind_at_end(self, state):
        """Of the result of a key that runs out: it is on time if its last row was."""
        behind = self.behind(state['mark'])
        return behind if self.retain is None else max(behind, state['members'][-1][1].time)

    def give_results(self, key, watermark):
        state = self.states[key]
        members = state['members'][-self.size:] if self.size != self.step else state['members']
        time = members[-1][1].time
        try:
            for values in self.closing.rows(key, members, 0, 0):
                self.number += 1
                self.give(Row(values, time, watermark, (NO_PARTITION, self.number)))
        except RowError as e:
            self.routes.failed_result(key, self.where, e)
        state['since'] = 0
        if self.size == self.step:
            state['members'] = []

    def finish(self, key):
        state = self.states[key]
        if state['since']:
            self.give_results(key, self.behind_at_end(state))
        del self.states[key]

    def watermark(self, t):
        if t == END:
            for key in list(self.states):
                self.finish(key)
            return self.advance(t)
        self.low = t
        if self.retain is None:
            return
        self.expire()
        waiting = (self.behind_at_end(s) for s in self.states.values() if s['since'])
        self.advance(min(self.behind(t), *waiting, END))

    def expire(self):
        if self.low > self.next:
            for key in sorted((k for k, s in self.states.items() if self.low > s['last'] + self.retain),
                              key=lambda k: self.states[k]['last']):
                self.finish(key)
            self.next = min((s['last'] + self.retain for s in self.states.values()), default=END)


class Distinct(Node):
    def __init__(self, stage, p, routes, where):
        super().__init__()
        self.keys = [p.make(k) for k in stage['keys']]
        self.within = p.constant(stage['within'])
        self.routes, self.where = routes, where
        self.passed = {}
        self.next = END

    def row(self, row):
        try:
            env = Env(row=row.values)
            key = tuple(k(env) for k in self.keys)
        except RowError as e:
            return self.routes.failed(row, self.where, e, detached=True)
        last = self.passed.get(key)
        if last is not None and not row.watermark > last + self.within and row.time < last + self.within:
            return
        self.passed[key] = row.time
        self.next = min(self.next, row.time + self.within)
        self.give(Row(row.values, row.time, row.watermark, row.position))

    def watermark(self, t):
        if t != END and t > self.next:
            for key in [k for k, last in self.passed.items() if t > last + self.within]:
                del self.passed[key]
            self.next = min((last + self.within for last in self.passed.values()), default=END)
        self.advance(t)


class Scan(Node):
    def __init__(self, stage, p, routes, where):
        super().__init__()
        self.keys, self.routes, self.where = stage['keys'], routes, where
        self.init = [p.make(f['init']) for f in stage['state']]
        self.update = [(u['field'], p.make(u['value'])) for u in stage['update']]
        self.emit = [p.make(o['value']) for o in stage['emit']]
        self.when = p.make(stage['when'])
        self.retain = p.constant(stage['retain'])
        self.then_emit = [p.make(o['value']) for o in stage['then_emit']]
        self.then_when = p.make(stage['then_when'])
        self.states = {}            # key: [state, highest time]
        self.next = END

    def row(self, row):
        key = tuple(row.values[i] for i in self.keys)
        kept = self.states.get(key)
        if kept and self.retain is not None and row.watermark > kept[1] + self.retain:
            self.forget(key, row.watermark)
            kept = None
        try:
            state = kept[0] if kept else [f(Env()) for f in self.init]
            env = Env(row=row.values, state=state)
            values = [(f, v(env)) for f, v in self.update]
            state = list(state)
            for f, v in values:
                state[f] = v
            env = Env(row=row.values, state=state)
            out = [o(env) for o in self.emit] if self.when is None or self.when(env) else None
        except RowError as e:
            return self.routes.failed(row, self.where, e, detached=True)
        self.states[key] = [state, max(kept[1], row.time) if kept else row.time]
        if self.retain is not None:
            self.next = min(self.next, self.states[key][1] + self.retain)
        if out is not None:
            self.give(Row(out, row.time, row.watermark, row.position))
        self.expire(self.told)  # a row may come later than its key can be kept

    def forget(self, key, watermark):
        state, last = self.states.pop(key)
        if not self.then_emit:
            return
        try:
            env = Env(state=state, group=list(key))
            if self.then_when is None or self.then_when(env):
                out = [o(env) for o in self.then_emit]
                at = last + self.retain
                self.give(Row(out, at, min(at, watermark), (1 << 15, 0)))
        except RowError as e:
            self.routes.failed_result(key, self.where, e)

    def watermark(self, t):
        self.expire(t)
        self.advance(t)

    def expire(self, t):
        if t != END and t > self.next:
            gone = [k for k, kept in self.states.items() if t > kept[1] + self.retain]
            for key in sorted(gone, key=lambda k: self.states[k][1]):
                self.advance(self.states[key][1] + self.retain)
                self.forget(key, t)
            self.next = min((kept[1] + self.retain for kept in self.states.values()), default=END)
