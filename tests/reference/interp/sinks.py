"""Sinks: lines of a file."""
from . import encode
from .nodes import Node


class Sink(Node):
    def __init__(self, settings, stream, types):
        super().__init__()
        self.settings, self.stream, self.types = settings, stream, types
        self.columns = stream['row']
        self.wires = bool(stream['declared_type']) or stream['origin'] in ('source', 'late')
        self.upsert = stream['kind'] == 'upsert'
        self.lines, self.pending = [], None
        if settings['format'] == 'csv':
            self.lines.append(encode.csv_header(self.columns, self.wires, self.upsert))

    def row(self, row):
        if not self.upsert:
            return self.write(row.values, None)
        if row.retract:
            self.flush()
            if not self.settings['ignore_deletes']:
                self.pending = row
            return
        # An old row directly followed by the new one of its key is one update.
        if self.pending is not None and row.pair is not None and self.pending.pair is row.pair and self.stream['key'] and all(
                self.pending.values[i] == row.values[i] for i in self.stream['key']):
            self.pending = None
        self.flush()
        self.write(row.values, 'upsert')

    def flush(self):
        if self.pending is not None:
            self.write(self.pending.values, 'delete')
            self.pending = None

    def write(self, values, op):
        form = self.settings['format']
        if form == 'csv':
            self.lines.append(encode.csv_row(values, self.columns, self.types, op))
        elif form == 'text':
            self.lines.append(values[0])
        elif form == 'json':
            self.lines.append(encode.json_row(values, self.columns, self.types, self.wires, op))

    def text(self):
        self.flush()
        return ''.join(line + '\n' for line in self.lines)
