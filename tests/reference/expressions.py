"""Random expressions over the columns of a row, as text."""

ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata']


class Expressions:
    def __init__(self, r, columns):
        self.r, self.columns = r, columns

    def column(self, kind):
        """A column of a kind, or something near."""
        r = self.r
        found = [n for n, t in self.columns.items() if t == kind]
        near = [n for n, t in self.columns.items() if t == kind + '?']
        if found and (not near or r.random() < 0.7):
            return r.choice(found)
        if near:
            return '(%s ?? %s)' % (r.choice(near), self.literal(kind))
        return self.literal(kind)

    def literal(self, kind):
        r = self.r
        if kind == 'i64': return r.choice(['0', '1', '2', '3', '7', '-1', '10', '1_000', '9_000_000_000_000_000_000'] if r.random() < 0.3 else ['1', '2', '3', '5'])
        if kind == 'f64': return r.choice(['0.0', '1.5', '-2.25', '100.0', '1e3'])
        if kind == 'decimal': return r.choice(['decimal(1.25)', 'decimal("-0.5")', 'decimal(3)', 'decimal("100")'])
        if kind == 'string': return r.choice(['""', '"a"', '"Red"', '"w\u00f6rld"', '"x y"', '"long enough not to fit"'])
        if kind == 'bool': return r.choice(['true', 'false'])
        if kind == 'timestamp': return r.choice(['@2026-03-28T20:00:00Z', '@2026-03-29T01:00:00Z', '@1970-01-01T00:00:00Z'])
        if kind == 'duration': return r.choice(['1s', '5m', '250ms', '1h30m', '0s'])
        if kind == 'Color': return r.choice(['Color.red', 'Color.green', 'Color.blue'])
        raise KeyError(kind)

    def of(self, kind, depth):
        r = self.r
        if kind.endswith('?'):
            plain = kind[:-1]
            near = [n for n, t in self.columns.items() if t == kind]
            if near and r.random() < 0.5:
                return r.choice(near)
            return 'if %s then %s else null' % (self.of('bool', depth - 1), self.of(plain, depth - 1))
        if depth <= 0 or r.random() < 0.25:
            return self.column(kind) if r.random() < 0.85 else self.literal(kind)
        if r.random() < 0.08:
            return '(if %s then %s else %s)' % (self.of('bool', depth - 1), self.of(kind, depth - 1), self.of(kind, depth - 1))
        colors = [n for n, t in self.columns.items() if t == 'Color']
        if colors and r.random() < 0.05:
            return '(match %s { red => %s, green | blue => %s })' % (r.choice(colors), self.of(kind, depth - 1), self.of(kind, depth - 1))
        if r.random() < 0.03:
            return 'coalesce(%s, %s)' % (self.of(kind + '?', 0) if any(t == kind + '?' for t in self.columns.values()) else self.of(kind, 0), self.of(kind, 0))
        return getattr(self, 'of_' + kind.lower())(lambda k: self.of(k, depth - 1))

    def members(self, field):
        """`pos.a` and the like."""
        out = [n + '.' + field for n, t in self.columns.items() if t == 'Inner']
        return out, [n + '.' + field for n, t in self.columns.items() if t == 'Inner?']

    def of_i64(self, e):
        r = self.r
        lists = [n for n, t in self.columns.items() if t == 'list<i64>']
        plain, optional = self.members('a')
        choices = [lambda: '(%s %s %s)' % (e('i64'), r.choice('++--*'), e('i64')), lambda: '(%s %s %s)' % (e('i64'), r.choice('/%'), e('i64')),
                   lambda: '(%s %s %s)' % (e('i64'), r.choice('+-*/%'), r.choice(['2', '3', '5'])), lambda: 'abs(%s)' % e('i64'),
                   lambda: '(-%s)' % e('i64') if r.random() < 0.5 else 'length(%s)' % e('string'), lambda: '%s(%s, %s)' % (r.choice(['min', 'max']), e('i64'), e('i64')),
                   lambda: 'clamp(%s, -3, 7)' % e('i64'), lambda: 'i64(%s)' % self.column('f64'), lambda: 'i64(%s)' % e('decimal'),
                   lambda: '%s(%s)' % (r.choice(['year', 'month', 'day', 'hour', 'minute', 'second', 'day_of_week']), e('timestamp')),
                   lambda: '%s(%s, zone: "%s")' % (r.choice(['day', 'hour', 'minute', 'day_of_week']), e('timestamp'), r.choice(ZONES)),
                   lambda: 'i64("%d")' % r.randint(-5, 5), lambda: 'twice(%s)' % e('i64'),
                   lambda: '(hash(%s) %% 100)' % e(r.choice(['i64', 'string', 'decimal', 'bool', 'timestamp', 'duration', 'color' if 'Color' in self.columns.values() else 'f64']).replace('color', 'Color'))]
        if lists:
            l = r.choice(lists)
            choices += [lambda: '(%s[%s] ?? 1)' % (l, r.choice(['0', '1', '-1'])), lambda: 'length(%s)' % l, lambda: 'sum(%s)' % l,
                        lambda: '(%s(%s) ?? 0)' % (r.choice(['first', 'last', 'min', 'max']), l), lambda: 'length(slice(%s, %s, 2))' % (l, r.choice(['0', '1', 'abs(%s %% 5)' % e('i64')]))]
        if plain: choices.append(lambda: r.choice(plain))
        if optional: choices.append(lambda: '(%s ?? %s)' % (r.choice(optional), e('i64')))
        return r.choice(choices)()

    def of_f64(self, e):
        r = self.r
        plain, optional = self.members('b')
        choices = [lambda: '(%s %s %s)' % (e('f64'), r.choice('++--*/'), e('f64')), lambda: 'f64(%s)' % e('i64'), lambda: 'f64(%s)' % self.column('decimal'),
                   lambda: 'sqrt(abs(%s))' % e('f64'), lambda: '%s(%s)' % (r.choice(['floor', 'ceil', 'round', 'abs']), self.column('f64')),
                   lambda: 'round(%s, %d)' % (self.column('f64'), r.choice([0, 1, -1])), lambda: '%s(%s, %s)' % (r.choice(['min', 'max']), e('f64'), e('f64')),
                   lambda: 'ln(%s)' % e('f64'), lambda: 'pow(%s, 2.0)' % e('f64'), lambda: '(%s / %s)' % (e('duration'), r.choice(['1s', '1m', e('duration')])),
                   lambda: 'atan2(%s, 2.0)' % e('f64'), lambda: '(-%s)' % e('f64'), lambda: 'nearer(%s, %s)' % (e('f64'), e('f64'))]
        if plain + optional: choices.append(lambda: '(%s ?? %s)' % (r.choice(plain + optional), e('f64')))
        return r.choice(choices)()

    def of_decimal(self, e):
        r = self.r
        return r.choice([lambda: '(%s %s %s)' % (e('decimal'), r.choice('+-*'), e('decimal')), lambda: '(%s / %s)' % (self.column('decimal'), e('decimal')),
                         lambda: 'decimal(%s)' % e('i64'), lambda: 'decimal(%s)' % self.column('f64'), lambda: 'round(%s, %d)' % (e('decimal'), r.choice([0, 1, 2, -1])),
                         lambda: '%s(%s)' % (r.choice(['floor', 'ceil', 'abs']), e('decimal')), lambda: '(%s * 1.5)' % e('decimal'),
                         lambda: '(%s %% %s)' % (e('decimal'), e('decimal'))])()

    def of_string(self, e):
        r = self.r
        plain, optional = self.members('c')
        choices = [lambda: '%s(%s)' % (r.choice(['lower', 'upper', 'trim']), e('string')), lambda: 'substring(%s, %d, %d)' % (e('string'), r.randint(0, 4), r.randint(0, 20)),
                   lambda: 'substring(%s, 0, %s)' % (e('string'), e('i64')), lambda: 'replace(%s, %s, "_")' % (e('string'), self.literal('string')),
                   lambda: 'concat(%s, %s)' % (e('string'), e('string')), lambda: '"{%s}-{%s}"' % (self.column('i64'), self.column('string')),
                   lambda: 'string(%s)' % e(r.choice(['i64', 'bool', 'decimal', 'timestamp', 'duration'])), lambda: 'string(%s)' % self.column('f64'),
                   lambda: '(split(%s, " ")[%d] ?? "none")' % (e('string'), r.randint(0, 1)), lambda: 'join(split(%s, "e"), "+")' % e('string'),
                   lambda: "regex_replace(%s, '[a-c]+', \"#\")" % e('string'), lambda: "(regex_extract(%s, '([a-z]+)([0-9]*)', %d) ?? \"\")" % (e('string'), r.randint(0, 2)),
                   lambda: 'format_time(%s, "%%Y-%%m-%%d %%H:%%M:%%S", zone: "%s")' % (e('timestamp'), r.choice(ZONES)),
                   lambda: 'format_time(%s, "%%a %%d %%b %%j %%p")' % e('timestamp'), lambda: 'min(%s, %s)' % (e('string'), e('string')),
                   lambda: 'shout(%s, %s)' % (e('string'), e(r.choice(['i64', 'i64?'])))]
        if plain + optional: choices.append(lambda: '(%s ?? %s)' % (r.choice(plain + optional), e('string')))
        colors = [n for n, t in self.columns.items() if t == 'Color']
        if colors: choices.append(lambda: 'string(%s)' % r.choice(colors))
        return r.choice(choices)()

    def of_bool(self, e):
        r = self.r
        kind = r.choice(['i64', 'i64', 'string', 'decimal', 'timestamp', 'duration', 'bool'])
        optional = [n for n, t in self.columns.items() if t.endswith('?')]
        choices = [lambda: '(%s %s %s)' % (e(kind), r.choice(['==', '!=', '<', '<=', '>', '>=']), e(kind)), lambda: '(%s %s %s)' % (e('bool'), r.choice(['and', 'or']), e('bool')),
                   lambda: '(%s %s %s)' % (self.column('f64'), r.choice(['<', '>']), self.literal('f64')),
                   lambda: '(not %s)' % e('bool'), lambda: '%s(%s, %s)' % (r.choice(['contains', 'starts_with', 'ends_with']), e('string'), self.literal('string')),
                   lambda: '(%s %sin [1, 3, %s])' % (e('i64'), r.choice(['', 'not ']), e('i64')), lambda: "regex_matches(%s, '^[a-z ]+$')" % e('string')]
        if optional: choices.append(lambda: '(%s is %snull)' % (r.choice(optional), r.choice(['', 'not '])))
        colors = [n for n, t in self.columns.items() if t == 'Color']
        if colors: choices += [lambda: '(%s %s %s)' % (r.choice(colors), r.choice(['==', '!=', '<', '>=']), self.literal('Color'))]
        numbers = [n for n, t in self.columns.items() if t == 'i64?']
        if numbers: choices += [lambda: '(%s %s %s)' % (r.choice(numbers), r.choice(['==', '!=']), e('i64'))]
        return r.choice(choices)()

    def of_timestamp(self, e):
        r = self.r
        return r.choice([lambda: '(%s %s %s)' % (e('timestamp'), r.choice('+-'), self.column('duration')), lambda: 'truncate_time(%s, %s)' % (e('timestamp'), r.choice(['1h', '7s', '1d'])),
                         lambda: 'truncate_time(%s, %s, zone: "%s")' % (e('timestamp'), r.choice(['hour', 'day', 'week', 'month', 'quarter', 'year']), r.choice(ZONES)),
                         lambda: 'timestamp("2026-03-29T%02d:30:00.5+01:00")' % r.randint(0, 23), lambda: 'max(%s, %s)' % (e('timestamp'), e('timestamp'))])()

    def of_duration(self, e):
        r = self.r
        return r.choice([lambda: '(%s - %s)' % (e('timestamp'), e('timestamp')), lambda: '(%s %s %s)' % (e('duration'), r.choice('+-'), e('duration')),
                         lambda: '(%s * %s)' % (self.column('duration'), e('i64')), lambda: '(%s / %s)' % (e('duration'), e('i64')), lambda: 'abs(%s)' % e('duration'),
                         lambda: '(%s * %s)' % (self.column('duration'), self.literal('f64')), lambda: 'duration("PT%dM")' % r.randint(0, 99)])()

    def of_color(self, e):
        return self.column('Color')

    # ---- aggregates

    def argument(self, kinds):
        """An argument, its kind, whether it may be absent."""
        r = self.r
        kind = r.choice(kinds)
        optional = [n for n, t in self.columns.items() if t == kind + '?']
        if optional and r.random() < 0.4:
            return r.choice(optional), kind, True
        return (self.column(kind) if kind == 'f64' else self.of(kind, r.choice([0, 0, 1, 2]))), kind, False

    def aggregates(self, stem, ordered, sliced):
        """Outputs, and their columns."""
        r = self.r
        out, columns = [], {}
        names = ['count', 'count', 'count_if', 'sum', 'sum', 'avg', 'min', 'max', 'count_distinct', 'stddev', 'variance', 'quantile', 'any', 'all', 'ratio', 'approx_count_distinct', 'weighed', 'texts']
        if ordered:
            names += ['first', 'last', 'min_by', 'max_by'] + ([] if sliced else ['collect'])
        for i in range(r.randint(1, 5)):
            name, n = r.choice(names), '%s_%d' % (stem, i)
            where = ', where: ' + self.of('bool', 2) if r.random() < 0.2 and name != 'count_if' else ''
            if name == 'count':
                text, kind = 'count(%s)' % where[2:], 'i64'
            elif name == 'count_if':
                text, kind = 'count(where: %s)' % self.of('bool', 2), 'i64'
            elif name == 'weighed':
                text, kind = 'weighed(%s, %s%s)' % (self.of('i64', 1), 'small' if self.columns.get('small') == 'i64' else '2', where), 'i64'
            elif name == 'texts':
                text, kind = 'texts(%s%s)' % (self.of('string', 1), where), 'i64'
            elif name == 'ratio':
                text, kind = '%d / (count() - %d)' % (r.randint(1, 100), r.randint(0, 3)), 'i64'
            elif name in ('any', 'all'):
                text, kind = '%s(%s%s)' % (name, self.of('bool', 2), where), 'bool'
            elif name in ('quantile', 'stddev', 'variance'):
                a, kind, absent = self.argument(['f64', 'i64'])
                text = '%s(%s%s%s)' % (name, a, ', %s' % r.choice(['0.5', '0.0', '1.0', '0.33']) if name == 'quantile' else '', where)
                kind = 'f64?' if absent or where or name != 'quantile' else 'f64'
            elif name in ('min_by', 'max_by'):
                a, kind, absent = self.argument(['i64', 'string', 'timestamp'])
                b, _, absent_b = self.argument(['i64', 'f64', 'string', 'decimal'])
                text, kind = '%s(%s, %s%s)' % (name, a, b, where), kind + ('?' if absent or absent_b or where else '')
            else:
                kinds = {'sum': ['i64', 'f64', 'decimal'], 'avg': ['i64', 'f64', 'decimal']}.get(name, ['i64', 'f64', 'string', 'decimal', 'timestamp', 'bool'])
                if name in ('count_distinct', 'approx_count_distinct', 'collect', 'first', 'last'):
                    kinds = ['i64', 'string', 'decimal']
                a, kind, absent = self.argument(kinds)
                if name == 'approx_count_distinct':
                    a, absent = '(%s %% 100)' % self.column('i64'), False  # beyond 256 values it is no exact count
                if kind == 'decimal' and name in ('sum', 'avg') and sliced:
                    # Where a sum gets too large hangs on the slices it is made of.
                    a, absent = 'round(%s, 6)' % self.column('decimal'), False
                text = '%s(%s%s)' % (name, a, where)
                if name in ('count_distinct', 'approx_count_distinct'):
                    kind = 'i64'
                elif name == 'collect':
                    kind = 'list<%s>' % kind
                elif name != 'sum':
                    kind = ('decimal' if kind == 'decimal' else 'f64' if name == 'avg' else kind) + ('?' if absent or where else '')
            out.append('%s: %s' % (n, text))
            columns[n] = kind
        return out, columns
