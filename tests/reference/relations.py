"""Random stages over more than one row: joins of streams, rows that replace each other, rows in their context."""
from expressions import Expressions

KEYS = ('i64', 'string', 'bool', 'Color', 'decimal')


def keys_of(s):
    return [n for n, t in s.columns.items() if t.rstrip('?') in KEYS and n != 'id']


class Relations:
    """Part of generate.Program."""

    def retain(self, s):
        # With several partitions, when a key runs out hangs on how far the others are.
        return self.r.choice(['forever', '5s', '60s']) if s.ordered and not s.derived else 'forever'

    # ---- rows in their context

    def in_order(self, s):
        late = self.name('late')
        text = 'in_order'
        if self.r.random() < 0.5:
            text += ' late_to ' + late
            self.aside(late, s)
        return text

    def retime(self, s):
        return 'time at + %s delay %s' % (self.r.choice(['0s', '1s', '(if flag then 2s else 0s)']), self.r.choice(['0s', '3s', '30s']))

    def features(self, s):
        r = self.r
        key_stage, key = self.key(s)
        x = Expressions(r, dict(s.columns))
        outputs, columns = x.aggregates(self.name('f'), True, True)
        out = []
        for o in outputs:
            n, text = o.split(': ', 1)
            calls = ('count(', 'sum(', 'avg(', 'min(', 'max(', 'count_distinct(', 'any(', 'all(')
            if not text.startswith(calls) or '/' in text:
                continue
            frame = r.choice(['over: 3s', 'over: 60s', 'before: 10s', 'over: 4', 'before: 1', 'before: 3', 'over: forever', 'before: forever'])
            inner = text[:-1]
            out.append('%s: %s%s%s)' % (n, inner, '' if inner.endswith('(') else ', ', frame))
        out.append('seen: count(over: 10s)')
        # What the results are is not used further: `before:` makes some of them absent.
        s.columns = dict(s.columns, seen='i64')
        for o in out[:-1]:
            s.columns[o.split(':')[0]] = 'unknown'
        return ([key_stage] if key_stage else []) + ['extend { %s } retain %s' % (', '.join(out), self.retain(s))]

    # ---- rows that replace each other

    def rolling(self, s):
        r = self.r
        key_stage, key = self.key(s)
        stages = [key_stage] if key_stage else []
        order = s.ordered and not s.derived
        x = Expressions(r, dict(s.columns))
        what, retain = r.random(), ' retain ' + self.retain(s)
        if what < 0.5 or not order and s.kind == 'append' and s.derived:
            outputs, columns = x.aggregates(self.name('a'), order, False)
            stages.append('aggregate { %s }%s' % (', '.join(outputs), retain))
            s.columns = dict(key, **columns)
        elif what < 0.75 and (order or s.kind == 'append'):
            stages.append('latest' + retain)
        elif not order and s.kind == 'upsert':
            # Which change came last hangs on timing, and with it the order of rows that tie.
            stages.append('aggregate { n_rows: count() }' + retain)
            s.columns = dict(key, n_rows='i64')
        else:
            rank = self.name('rank') if r.random() < 0.5 else ''
            by = ', '.join('%s%s' % (x.of(r.choice(['i64', 'string', 'bool']), 1), r.choice(['', ' desc'])) for _ in range(r.randint(1, 2)))
            stages.append('top %d%s by %s%s%s' % (r.choice([1, 2, 4]), ' with ties' if r.random() < 0.3 else '', by, ' as ' + rank if rank else '', retain))
            if rank:
                s.columns = dict(s.columns, **{rank: 'i64'})
        s.kind, s.derived, s.stamped = 'upsert', True, s.stamped and s.origin is not None
        return stages

    def changes(self, s):
        s.kind = 'append'
        s.columns = dict(s.columns, op='unknown', old='unknown')
        return 'changes'

    # ---- joins

    def kept(self, s, right, upsert):
        """How long a join keeps the rows of both sides, and whether what it shows hangs on which of them is read faster."""
        alone = s.origin is not None and s.origin == right.origin
        # Where changes of several partitions end as versions of one row, so do pairs.
        if not alone and 'upsert' in (s.kind, right.kind) or not (s.stamped and right.stamped) or self.r.random() < 0.3:
            return 'retain forever', False
        return 'retain ' + self.r.choice(['1s', '5s', '20s', '60s', '300s']), upsert and not alone

    def stream_join(self, s, others):
        """A join with one of `others`, and a `select` that makes its rows flat again."""
        r = self.r
        right = r.choice(others)
        pairs = [(a, b) for a in keys_of(s) for b in keys_of(right) if s.columns[a].rstrip('?') == right.columns[b].rstrip('?') and s.columns[a].rstrip('?') != 'decimal']
        pairs = [p for p in pairs if p[0] in ('k', 'small', 'flag', 'n', 'color')] or pairs
        if not pairs:
            return []
        n = self.name('j')
        on = ' and '.join('%s == %s.%s' % (a, n, b) for a, b in r.sample(pairs, min(len(pairs), r.choice([1, 1, 2]))))
        if r.random() < 0.2 and s.columns.get('id') == right.columns.get('id') == 'i64':
            on += ' and id %% 3 != %s.id %% 3' % n
        kind = r.choice(['', '', 'left ', 'full ', 'semi ', 'anti '])
        bound, late, upsert, window, loose = '', '', False, {}, False
        form = r.random()
        if right.kind == 'upsert' or s.kind == 'upsert':
            upsert = True
            bound, loose = self.kept(s, right, upsert)
        elif form < 0.35:
            low, high = sorted(r.sample([-20, -5, -1, 0, 2, 10, 40], 2))
            bound = r.choice(['within %ds..%ds' % (low, high), 'within 5s', 'within 0s..(if %s then 1s else 8s)' % Expressions(r, {c: t for c, t in s.columns.items() if t == 'bool'}).of('bool', 1)])
            bound = bound.replace('within -', 'within -')
            if r.random() < 0.4:
                late = ' late_to ' + self.aside(self.name('late'), s) + ', ' + self.aside(self.name('late'), right)
        elif form < 0.6:
            bound = 'window ' + r.choice(['tumbling(10s)', 'sliding(10s, every: 5s)', 'tumbling(60s, offset: 3s)'] + ['session(gap: 3s)'] * (s.ordered and right.ordered and not s.derived))
            window = {'window_start': 'timestamp', 'window_end': 'timestamp'}
        # Rows of one window have one time: which of them is the last nothing says.
        elif form < 0.75 and kind != 'full ' and s.columns.get('at') == 'timestamp' and not right.derived:
            bound = 'as_of at within ' + r.choice(['5s', '60s'])
            if r.random() < 0.5:
                late = ' late_to ' + self.aside(self.name('late'), s)
        else:
            upsert = kind not in ('', 'semi ')
            bound, loose = self.kept(s, right, upsert)
        text = '%sjoin %s as %s on %s %s%s' % (kind, right.name, n, on, bound, late)
        stages = [text]
        columns = dict(s.columns, **window)
        if kind in ('', 'left ', 'full '):
            own = [c for c, t in columns.items() if t != 'unknown' and r.random() < 0.6 or c in ('k', 'id', 'at')]
            out = list(own)
            made = {c: columns[c] if kind != 'full ' or c in window else columns[c].rstrip('?') + '?' for c in own}
            for c, t in right.columns.items():
                if t == 'unknown' or (r.random() < 0.6 and c != 'id'):
                    continue
                name = self.name('r')
                out.append('%s: %s.%s' % (name, n, c))
                made[name] = t if not kind else t.rstrip('?') + '?'
            stages.append('select { %s }' % ', '.join(out))
            columns = made
        # Which match of a left row is its first hangs on how the right side's rows come in, and so does the result's time.
        s.time = not loose and not (kind == 'semi ' and bound.startswith('retain') and not (right in self.roots and right.ordered))
        s.origin = s.origin if s.origin == right.origin else None
        s.stamped = bound.startswith('retain') and not upsert and s.stamped and right.stamped
        s.columns, s.derived, s.ordered = columns, True, False
        s.kind = 'upsert' if upsert else 'append'
        return stages

    def relation(self):
        """A stream made by these stages."""
        r = self.r
        base = r.choice(self.roots) if r.random() < 0.6 else r.choice([s for s in self.streams if s.time])
        s = type(base)(self.name('s'), dict(base.columns), base.ordered, base.kind, derived=base.derived, origin=base.origin, stamped=base.stamped)
        stages = []
        if base.kind == 'append':
            if base in self.roots and r.random() < 0.3:
                stages.append(self.retime(s))
            for _ in range(r.choice([0, 0, 1])):
                stages.append(self.stateless(s))
            what = r.random()
            if what < 0.15:
                stages += self.rolling(s) if self.cold else [self.in_order(s)]
            elif what < 0.35 and s.ordered and not s.derived:
                stages += self.features(s)
            elif what < 0.65 and not self.cold:
                others = [o for o in self.streams if o.time and (o.kind == 'append' or r.random() < 0.3)]
                stages += self.stream_join(s, others)
            elif what < 0.9 or not stages:
                stages += self.rolling(s)
        else:
            for _ in range(r.choice([0, 1, 1])):
                stages.append(self.stateless(s, after=True))
            what = r.random()
            if what < 0.5:
                stages += self.rolling(s)
            elif what < 0.7 and s.ordered:
                stages.append(self.changes(s))
            elif what < 0.85 and not self.cold:
                stages += self.stream_join(s, [o for o in self.streams if o.time and o.kind == 'upsert'] or [base])
        if not stages:
            stages.append(self.stateless(s, after=True))
        self.text.append('stream %s = %s' % (s.name, base.name) + ''.join('\n  |> ' + t for t in stages))
        self.streams.append(s)
        self.sink(s)

    def aside(self, name, s):
        aside = type(s)(name, dict(s.columns), s.ordered, derived=s.derived, origin=s.origin, stamped=s.stamped)
        self.streams.append(aside)
        self.sink(aside)
        return name
