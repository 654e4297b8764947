"""What hangs on how far each partition has been read. A join with `retain d` whose result is revised drops rows as its
watermark goes, which is the lowest of its partitions that have not ended: of several, the one that is read to its end last
says which rows are still there then."""
import compare


def partitions(p, index):
    """Of all sources that a stream is made of, as (source, partition)."""
    s = p.checked['streams'][index]
    if s['origin'] == 'source':
        return {(s['source'], n) for n in range(len(p.sources[s['source']].partitions))}
    if s['origin'] == 'late':
        return partitions(p, s['late_stream'])
    return set().union(*(partitions(p, i) for i in (s['inputs'] + s['joined'] if s['origin'] == 'chain' else [])))


def drops_rows(p, stage):
    return stage['stage'] == 'stream_join' and stage['kind_out'] == 'upsert' and p.constant(stage['retain']) is not None


def settled(p, index):
    s = p.checked['streams'][index]
    if s['origin'] != 'chain':
        return True
    if any(drops_rows(p, stage) for stage in s['stages']) and len(partitions(p, index)) > 1:
        return False
    return all(settled(p, i) for i in s['inputs'] + s['joined'])


def slowest_last(p):
    """The order in which partitions of a program that has run are read for its watermark to have gone the shortest way."""
    last = {(s, n): q.last for s, source in enumerate(p.sources) for n, q in enumerate(source.partitions)}
    return sorted(last, key=last.get, reverse=True)


def differs(program, sink, texts, came):
    """What is wrong with what came, or None. The first of `texts` is what is written if the watermark goes the longest way,
    the second the shortest: what both leave has to be there, and nothing that neither ever showed."""
    if sink['ignore_deletes']:
        return None
    stream = program['streams'][sink['stream']]
    runs = [compare.rows_of(t, sink, stream, program['type_table']) for t in texts]
    got = compare.replayed(compare.rows_of(came, sink, stream, program['type_table']), stream['key'])
    far, near = (compare.replayed(run, stream['key']) for run in runs)
    ever = {compare.rough(row) for run in runs for _, row in run}
    strange = [row for _, row in got if compare.rough(row) not in ever]
    gone, _ = compare.differences(near, far)
    lasting = compare.differences(near, gone)[0]
    missing, _ = compare.differences(lasting, got)
    if missing or strange:
        return '%d rows last, %d came; %d missing, %d never shown\n    missing %s\n    strange %s' % (
            len(lasting), len(got), len(missing), len(strange), missing[:2], strange[:2])
    return None
