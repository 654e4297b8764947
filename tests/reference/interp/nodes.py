"""What rows run through. A node gets rows and watermarks, in order, and hands on rows and watermarks."""
from .values import END, START


NO_PARTITION = 1 << 14    # of rows made of rows of several: the order in which they come says nothing


class Row:
    """A row with what it carries: event time, the watermark of its partition just before it, its position, whether it
    takes an earlier row back, and the record it comes from as long as it is still one. The old and the new row of one
    update share a `pair`."""
    __slots__ = ('values', 'time', 'watermark', 'position', 'retract', 'record', 'pair')

    def __init__(self, values, time=0, watermark=START, position=(0, 0), retract=False, record=None,
                 pair=None):
        self.values, self.time, self.watermark, self.position = values, time, watermark, position
        self.retract, self.record, self.pair = retract, record, pair

    def place(self):
        return (self.time, self.position)

    def like(self, values):
        return Row(values, self.time, self.watermark, self.position, self.retract, self.record, self.pair)


class Node:
    """`following` are the nodes that get what this one gives."""

    def __init__(self):
        self.following = []
        self.told = self.stamp = START

    def row(self, row):
        self.give(row)

    def watermark(self, t):
        self.advance(t)

    def give(self, row):
        for n in self.following:
            n.row(row)

    def rise(self, t, end):
        """What the rows to come are judged by. Those that the end brings tell nobody of a watermark."""
        self.stamp = max(self.stamp, t)
        if not end:
            self.advance(t)

    def advance(self, t):
        if t > self.told:
            self.told = t
            self.stamp = max(self.stamp, t)
            for n in self.following:
                n.watermark(t)
            # Late rows end when the stage does that sets them aside.
            for late in (getattr(self, 'late', None), getattr(self, 'late_right', None)):
                if late is not None and t == END:
                    late.advance(t)


class Results(Node):
    """A stateful node: its rows carry its own watermark, and are numbered."""

    def __init__(self):
        super().__init__()
        self.number = 0

    def result(self, values, time, taken_back=None, pair=None):
        """Its number; `taken_back` is that of the row which is."""
        if taken_back is None:
            self.number += 1
        number = self.number if taken_back is None else taken_back
        self.give(Row(values, time, self.stamp, (0, number), taken_back is not None, pair=pair))
        return number


class Merge(Node):
    def __init__(self, inputs):
        super().__init__()
        self.inputs = [START] * inputs

    def input(self, i):
        merge = self

        class Input(Node):
            def row(self, row):
                merge.give(Row(row.values, row.time, row.watermark, row.position, row.retract))

            def watermark(self, t):
                merge.inputs[i] = max(merge.inputs[i], t)
                merge.advance(min(merge.inputs))
        return Input()
