"""Random sources: rows, unions, changelogs and lines, in all formats; and the program's own functions and aggregates."""
import data

OWN = '''fn twice(a: i64) -> i64 = a * 2 - 1
fn nearer(a: f64, b: f64) -> f64 = if abs(a) < abs(b) then a else b
fn shout(s: string, n: i64?) -> string = if n is null then upper(s) else "{twice(n)}{s}"
aggregate weighed(x: i64, w: i64) -> i64 {
  state { s: i64 = 0, n: i64 = 0 }
  add { s: s + x % 1000 * w, n: n + 1 } retract { s: s - x % 1000 * w, n: n - 1 }
  merge o { s: s + o.s, n: n + o.n } result if n == 0 then -1 else s / n
}
aggregate texts(x: string) -> i64 {
  state { letters: i64 = 0 } add { letters: letters + length(x) } retract { letters: letters - length(x) }
  merge o { letters: letters + o.letters } result letters
}'''

OTHER = {'k': 'string', 'at': 'timestamp', 'small': 'i64', 'what': 'string?'}


class Inputs:
    """Part of generate.Program. `roots` are the streams whose rows are whole Rows that are facts."""

    def inputs(self):
        r = self.r
        self.csv = r.random() < 0.25
        self.fields = data.CSV_FIELDS if self.csv else data.JSON_FIELDS
        self.roots, self.sources = [], []
        for i in range(1 if r.random() < 0.6 else 2):
            union = not self.csv and r.random() < 0.2
            self.source('rows%d' % i, 'union' if union else '')
        if r.random() < (0.4 if self.related else 0.1):
            self.source('log', r.choice(['upsert', 'op'] + ['debezium'] * (not self.csv)))
        if r.random() < 0.15:
            self.lines()

    def path(self, stem, many):
        ending = self.r.choice(['.in'] * 4 + ['.in.gz', '.in.zst'])
        return stem + ('_*' if many else '') + ending, ending

    def source(self, name, shape):
        r = self.r
        many, check = r.random() < 0.3, r.random() < 0.5
        path, ending = self.path(name, many)
        form = 'csv' if self.csv else 'json_array' if r.random() < 0.15 and not shape else 'json'
        ahead = r.random() < 0.15
        self.sources.append({'name': name, 'partitions': 3 if many else 1, 'mistyped': check, 'csv': self.csv, 'shape': shape,
                             'form': form, 'ending': ending, 'ahead': ahead})
        options = ['path: "%s"' % path, 'format: ' + form, 'time: at', 'invalid: bad',
                   'watermark_delay: ' + r.choice(['0s', '1s', '2s', '5s', '20s'])]
        if check:
            options.append('check: all')
        if ahead:
            options.append('max_ahead: 1d')
        if shape == 'union':
            return self.union(name, options, many)
        if shape:
            retain = 'forever' if many else r.choice(['forever', '5s', '60s'])
            options += ['changes: ' + shape, 'key: k', 'retain: ' + retain]
        self.text.append('source %s: Row from file { %s }' % (name, ', '.join(options)))
        stream = self.make(name, dict(self.fields), not many, 'upsert' if shape else 'append')
        stream.log = bool(shape)
        if not shape:
            self.roots.append(stream)

    def union(self, name, options, many):
        r = self.r
        by = r.choice(['', ' by kind', ' by kind in body', ' by head.kind in body'])
        self.sources[-1]['by'] = by
        self.text.append('union %s_event%s { whole: Row as "the whole", other: Other }' % (name, by))
        unknown = r.choice(['invalid', 'skip', 'odd_' + name])
        self.text.append('source %s: %s_event from file { %s, unknown: %s }' % (name, name, ', '.join(options), unknown))
        if unknown.startswith('odd_'):
            self.sinks.append('sink %s to file { path: "%s.out", format: json }' % (unknown, unknown))
        self.roots.append(self.make(name + '.whole', dict(self.fields), not many))
        self.make(name + '.other', dict(OTHER), not many)

    def lines(self):
        """Text has no time of its own, so little is done with it."""
        path, ending = self.path('lines', False)
        self.sources.append({'name': 'lines', 'partitions': 1, 'form': 'text', 'ending': ending, 'mistyped': False})
        self.text.append('source lines: Line from file { path: "%s", format: text, invalid: bad }' % path)
        self.text.append('stream parts = lines |> extend { n: length(line), h: hash(line), words: split(line, " ") } '
                         '|> flatten words as word |> filter word != "x,y;z" |> drop words')
        self.sinks.append('sink parts to file { path: "parts.out", format: json }')
