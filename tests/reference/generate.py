"""Random programs with random data, the same for the same seed. See inputs.py for the sources, data.py for the data,
expressions.py for what the programs compute."""
import os
import random

import data
from expressions import Expressions
from inputs import OTHER, OWN, Inputs
from relations import Relations

ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC']


class Stream:
    """What a program knows of one of its streams: its columns, and what may still be done with it. `origin`: the source of
    one partition that it is made of alone, None if it is of several. `stamped`: the watermarks that its rows carry are settled
    and the interpreter's are the same."""

    def __init__(self, name, columns, ordered, kind='append', time=True, derived=False, origin=None, stamped=True):
        self.name, self.columns, self.ordered, self.kind, self.time = name, columns, ordered, kind, time
        self.origin, self.stamped = origin, stamped
        self.derived = derived    # rows of a window: their order among keys is nobody's business


class Program(Inputs, Relations):
    def __init__(self, seed, cold=False):
        """`cold`: only what `state_memory` bounds, with many keys."""
        self.related, self.cold = seed % 2 == 0 or cold, cold
        self.r = random.Random(seed)
        self.text, self.streams, self.sinks, self.numbers = [], [], [], {}
        self.inputs()

    def make(self, name, columns, ordered, kind='append'):
        self.streams.append(Stream(name, columns, ordered, kind, origin=name.split('.')[0] if ordered else None))
        return self.streams[-1]

    def name(self, stem):
        self.numbers[stem] = self.numbers.get(stem, 0) + 1
        return '%s_%d' % (stem, self.numbers[stem])

    # ---- items

    def sink(self, stream):
        flat = all(t.rstrip('?') in data.FLAT for t in stream.columns.values())
        form = 'csv' if flat and self.r.random() < 0.2 else 'json'
        deletes = ', deletes: ignore' if stream.kind == 'upsert' and self.r.random() < 0.1 else ''
        self.sinks.append('sink %s to file { path: "%s.out", format: %s%s }' % (stream.name, stream.name, form, deletes))

    def stream(self):
        r = self.r
        base = r.choice(self.roots if r.random() < 0.7 else self.streams)
        if base.kind == 'upsert' or base.time is False:
            base = self.roots[0]
        name = self.name('s')
        cols, stages = dict(base.columns), []
        state = Stream(name, cols, base.ordered, derived=base.derived, origin=base.origin, stamped=base.stamped)
        head = base.name
        same = [s for s in self.roots if base in self.roots and s is not base]
        if same and r.random() < 0.3:
            head = 'merge(%s, %s)' % (base.name, r.choice(same).name)
            state.ordered, state.origin = False, None
        for _ in range(r.choice([0, 0, 1, 1, 2, 3])):
            stages.append(self.stateless(state))
        kind = r.random()
        if kind < 0.62:
            stages += self.rolling(state) if self.cold else self.window(state)
            for _ in range(r.choice([0, 0, 0, 1, 2])):
                stages.append(self.stateless(state, after=True))
        elif kind < 0.72 and state.ordered and not state.derived:
            stages.append(self.distinct(state))
        elif kind < 0.85 and state.ordered and not state.derived and 'total' not in state.columns:
            stages += self.scan(state)
        elif kind < 0.92:
            stages.append(self.join(state))
        if not stages:
            stages.append(self.stateless(state))
        self.text.append('stream %s = %s' % (name, head) + ''.join('\n  |> ' + s for s in stages))
        self.streams.append(state)
        self.sink(state)

    # ---- stages

    def stateless(self, s, after=False):
        r, x = self.r, Expressions(self.r, dict(s.columns))
        what = r.choice(['filter', 'filter', 'extend', 'extend', 'select', 'drop', 'rename', 'flatten', 'narrow'])
        if what == 'narrow':
            optional = [n for n, t in s.columns.items() if t.endswith('?')]
            if optional:
                n = r.choice(optional)
                s.columns[n] = s.columns[n][:-1]
                return 'filter %s is not null' % n
            what = 'filter'
        if what == 'flatten' and not after:
            lists = [n for n, t in s.columns.items() if t.startswith('list<') and t.endswith('>')]
            if lists:
                n, new = r.choice(lists), self.name('item')
                s.columns[new] = s.columns[n][5:-1]
                return 'flatten %s as %s' % (n, new)
        if what in ('extend', 'flatten'):
            out = []
            before = dict(s.columns)
            for _ in range(r.randint(1, 3)):
                kind = r.choice(['i64', 'i64', 'f64', 'decimal', 'string', 'bool', 'timestamp', 'duration', 'i64?', 'string?'])
                old = [c for c, t in before.items() if t == kind and c not in ('at', 'window_start', 'window_end', 'k')]
                n = r.choice(old) if old and not after and r.random() < 0.15 else self.name('c')
                if any(o.startswith(n + ':') for o in out):
                    continue
                out.append('%s: %s' % (n, x.of(kind, 3)))
                s.columns[n] = kind
            return 'extend { %s }' % ', '.join(out)
        if what == 'select':
            keep = [n for n in s.columns if r.random() < 0.7 or n in ('k', 'at', 'id')] or list(s.columns)[:1]
            out, columns = [], {}
            for n in keep:
                out.append(n)
                columns[n] = s.columns[n]
            if r.random() < 0.6:
                n = self.name('c')
                columns[n] = r.choice(['i64', 'f64', 'string', 'bool', 'decimal'])
                out.append('%s: %s' % (n, x.of(columns[n], 3)))
            s.columns = columns
            return 'select { %s }' % ', '.join(out)
        free = [n for n in s.columns if n not in ('k', 'at', 'id', 'window_start', 'window_end')]
        if what == 'drop' and len(free) > 2 and not after:
            n = r.choice(free)
            del s.columns[n]
            return 'drop ' + n
        if what == 'rename' and free and not after:
            n, new = r.choice(free), self.name('c')
            s.columns = {new if c == n else c: t for c, t in s.columns.items()}
            return 'rename { %s: %s }' % (new, n)
        return 'filter ' + x.of('bool', 3)

    def key(self, s):
        """The stage, and the columns of the key."""
        r = self.r
        flat = [n for n, t in s.columns.items() if t.rstrip('?') in ('i64', 'string', 'bool', 'Color', 'decimal') and n != 'id']
        good = [n for n in flat if n in ('k', 'flag', 'color', 'n', 'small')] or flat
        if self.cold:
            good = [n for n in good if s.columns[n].rstrip('?') in ('i64', 'string', 'decimal')]
        if not good or r.random() < 0.15 and not self.cold:
            return None, {}
        if r.random() < 0.2:
            n = self.name('g')
            stage = 'key %s: %s %% 3' % (n, Expressions(r, dict(s.columns)).of('i64', 1))
            s.columns[n] = 'i64'
            return stage, {n: 'i64'}
        names = r.sample(good, min(len(good), r.choice([1, 1, 1, 2])))
        return 'key ' + ', '.join(names), {n: s.columns[n] for n in names}

    def window(self, s):
        r = self.r
        key_stage, key = self.key(s)
        stages = [key_stage] if key_stage else []
        order = s.ordered and not s.derived
        # Which session a row behind its watermark joins may hang on how far the other partitions are.
        kinds = ['tumbling'] * 4 + ['sliding'] * 3 + ['session'] * 3 * s.ordered + ['cumulative', 'cumulative', 'calendar', 'calendar_steps', 'global']
        kind = r.choice(kinds + (['count'] * 3 + ['keyed_global'] if order else []))
        if kind == 'keyed_global' and not key:
            kind = 'global'
        args, upsert, bounds = [], False, kind not in ('count', 'global', 'keyed_global')
        seconds = lambda *x: '%ds' % r.choice(x)
        if kind == 'tumbling':
            word, args = 'tumbling', [seconds(1, 5, 10, 30, 60)]
        elif kind == 'sliding':
            word, args = 'sliding', r.choice([['10s', 'every: 5s'], ['12s', 'every: 5s'], ['7s', 'every: 3s'], ['30s', 'every: 10s'], ['5s', 'every: 5s'], ['9s', 'every: 4s']])
        elif kind == 'session':
            word, args = 'session', ['gap: ' + seconds(1, 3, 5, 10)] + (['max: ' + seconds(10, 15, 30)] if r.random() < 0.3 else [])
        elif kind == 'cumulative':
            word, args = 'cumulative', r.choice([['20s', 'every: 5s'], ['60s', 'every: 10s'], ['6s', 'every: 2s']])
        elif kind == 'calendar':
            word, args = 'tumbling', [r.choice(['hour', 'day', 'week', 'month', 'quarter', 'year']), 'zone: "%s"' % r.choice(ZONES)]
        elif kind == 'calendar_steps':
            word, args = 'cumulative', [r.choice(['day', 'hour', 'week']), 'every: ' + r.choice(['1h', '5h', '40m']), 'zone: "%s"' % r.choice(ZONES)]
        elif kind == 'count':
            n = r.choice([1, 2, 3, 7, 20])
            word, args = 'count', [str(n)] + (['every: %d' % r.randint(1, n)] if r.random() < 0.5 else []) + ['retain: ' + r.choice(['forever', '5s', '30s'])]
        else:
            word, args = 'global', ['retain: ' + (r.choice(['forever', '5s', '30s']) if order else 'forever')] if key else []
        if word in ('tumbling', 'sliding', 'cumulative') and not kind.startswith('calendar') and r.random() < 0.25:
            args.append('offset: ' + seconds(1, 2, 3))
        late = self.name('late')
        if bounds:
            if r.random() < 0.3:
                args.append('late: ' + seconds(1, 4, 10))
                upsert = True
            if r.random() < 0.2 and order:
                args.append('emit: ' + r.choice(['every(%s)' % seconds(1, 2, 7), 'on_count(%d)' % r.choice([1, 2, 5])]))
                upsert = True
            if r.random() < 0.5:
                args.append('late_to: ' + late)
                aside = Stream(late, dict(s.columns), s.ordered, derived=s.derived, origin=s.origin, stamped=s.stamped)
                self.streams.append(aside)
                self.sink(aside)
        stages.append('window %s(%s)' % (word, ', '.join(args)))
        if r.random() < 0.15:
            stages.append('filter ' + Expressions(r, s.columns).of('bool', 2))
        what = r.random() if order else 0
        x = Expressions(r, s.columns)
        window = {'window_start': 'timestamp', 'window_end': 'timestamp'} if bounds else {}
        if what < 0.8:
            outputs, columns = x.aggregates(self.name('a'), order, kind in ('sliding', 'cumulative', 'calendar_steps'))
            stages.append('aggregate { %s }' % ', '.join(outputs))
            s.columns = dict(key, **window, **columns)
        elif what < 0.92:
            by = ', '.join('%s%s' % (x.of(r.choice(['i64', 'string', 'decimal', 'bool']), 1), r.choice(['', ' desc', ' asc'])) for _ in range(r.randint(1, 2)))
            rank = self.name('rank') if r.random() < 0.5 else ''
            stages.append('top %d%s by %s%s' % (r.choice([1, 2, 5]), ' with ties' if r.random() < 0.3 else '', by, ' as ' + rank if rank else ''))
            s.columns = dict(s.columns, **window, **({rank: 'i64'} if rank else {}))
        else:
            stages.append('latest')
            s.columns = dict(s.columns, **window)
        s.derived, s.kind, s.time = True, 'upsert' if upsert else 'append', word != 'global'
        s.stamped = s.stamped and not upsert
        return stages

    def distinct(self, s):
        keys = self.r.sample([n for n, t in s.columns.items() if t.rstrip('?') in ('i64', 'string', 'bool', 'Color', 'decimal')][:6], 1)
        if self.r.random() < 0.3:
            keys.append('v: ' + Expressions(self.r, s.columns).of('bool', 2))
        return 'distinct %s within %ds' % (', '.join(keys), self.r.choice([1, 5, 20, 100]))

    def scan(self, s):
        r = self.r
        key_stage, key = self.key(s)
        inner = Expressions(r, dict(s.columns, total='i64', words='string', most='f64'))
        update = ['total: ' + inner.of('i64', 2), 'words: substring("{words}%s", 0, 25)' % r.choice(['{total}', 'ab', '-']),
                  'most: max(most, %s)' % inner.of('f64', 1)]
        r.shuffle(update)
        emit = [n for n in key] + [n for n in ('id', 'at') if n in s.columns and n not in key] + ['total', 'words', 'most']
        text = 'scan { total: i64 = %d, words: string = "", most: f64 = -1.0 } update { %s } emit { %s }' % (
            r.choice([0, 1, 100]), ', '.join(update), ', '.join(emit))
        if r.random() < 0.5:
            text += ' when ' + inner.of('bool', 2)
        columns = {n: s.columns[n] for n in emit if n in s.columns}
        columns.update(total='i64', words='string', most='f64')
        if key:
            text += ' retain ' + r.choice(['forever', '2s', '10s', '60s'])
            if not text.endswith('forever') and r.random() < 0.5 and not {'id', 'at'} & set(emit):
                text += ' then emit { %s, total, words: "{words}.", most }' % ', '.join(key)
                text += ' when total % 2 == 0' if r.random() < 0.5 else ''
        s.columns = columns
        return ([key_stage] if key_stage else []) + [text]

    def join(self, s):
        r = self.r
        if s.columns.get('k') != 'string':
            return self.stateless(s)
        name = self.name('p')
        kind = r.choice(['', 'left ', 'semi ', 'anti '])
        extra = r.choice(['', '', ' and %s.size > %s' % (name, Expressions(r, {n: t for n, t in s.columns.items() if n != name}).of('i64', 1))])
        if kind in ('', 'left '):
            s.columns[name] = 'Place?' if kind else 'Place'
        return '%sjoin places as %s on k == %s.name%s' % (kind, name, name, extra)

    def write(self, folder):
        for _ in range(9):
            self.relation() if self.related and self.r.random() < 0.7 else self.stream()
        fields = ', '.join('%s: %s%s' % (n, t, ' = "none"' if n == 'note' else '') for n, t in self.fields.items())
        head = ['pipeline random { errors: bad }', 'enum Color { red, green as "gr\u00fcn", blue }',
                'type Inner { a: i64, b: f64?, c: string? }', 'type Row { %s }' % fields,
                'type Place { name: string, size: i64, color: Color }', 'type Line { line: string }',
                'type Other { %s }' % ', '.join('%s: %s' % f for f in OTHER.items()), OWN,
                'table places: Place from file { path: "places.csv", format: csv }']
        text = '\n'.join(head + self.text + self.sinks + ['sink bad to file { path: "bad.out", format: json }']) + '\n'
        with open(os.path.join(folder, 'program.gress'), 'w', encoding='utf-8') as f:
            f.write(text)
        for s in self.sources:
            data.write(self.r, folder, s)
        with open(os.path.join(folder, 'places.csv'), 'w', encoding='utf-8') as f:
            f.write('name,size,color\na,1,red\nb,-5,gr\u00fcn\n"a long name, of more than fifteen bytes",7,blue\na,3,blue\n')


def write(seed, folder, cold=False):
    Program(seed, cold).write(folder)
