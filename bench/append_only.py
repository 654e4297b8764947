"""What the machinery of upsert streams costs a program that has none: counts the instructions (callgrind) of append-only
programs alone and with a chain of upserts beside them, over a source without rows. They may differ by 1 %.

    append_only.py [--gressc PATH] [--rows N]"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

HEAD = '''type Row { k: string, v: i64, at: timestamp }
source rows: Row from file { path: "rows.jsonl", format: json, time: at, watermark_delay: 2s }
'''
CHAINS = {
    'stateless': 'stream out = rows |> filter v % 3 != 0 |> extend { w: v * 2 }',
    'tumbling': 'stream out = rows |> key k |> window tumbling(10s) |> aggregate { n: count(), s: sum(v), m: max(v) }',
    'session': 'stream out = rows |> key k |> window session(gap: 3s) |> aggregate { n: count(), a: avg(v) }',
    'scan': 'stream out = rows |> key k |> scan { s: i64 = 0 } update { s: s + v } emit { k, s } retain forever',
    'interval_join': 'stream out = rows |> join rows as r on k == r.k and v == r.v within 0s..1s |> select { k, w: r.v }',
}
SINK = 'sink out to file { path: "out.jsonl", format: json }\n'
BESIDE = '''source more: Row from file { path: "none.jsonl", format: json, time: at }
stream newest = more |> key k |> latest retain forever
stream totals = newest |> key v |> aggregate { n: count(), most: max(at) } retain forever
sink totals to file { path: "totals.jsonl", format: json }
'''


def instructions(gressc, folder, name, text):
    path = os.path.join(folder, name + '.gress')
    with open(path, 'w') as f:
        f.write(text)
    # Valgrind does not know the newest instructions.
    subprocess.run([gressc, 'build', path, '--cpu', 'baseline', '-o', os.path.join(folder, name)], check=True)
    ran = subprocess.run(['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', './' + name, '--quiet'], cwd=folder,
                         capture_output=True, text=True, check=True)
    return int(re.search(r'Collected : (\d+)', ran.stderr)[1])


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--gressc', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), '../build/bin/gressc'))
    a.add_argument('--rows', type=int, default=50_000)
    args = a.parse_args()
    gressc, good = os.path.abspath(args.gressc), True
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'rows.jsonl'), 'w') as f:
            for i in range(args.rows):
                f.write('{"k":"key %d","v":%d,"at":%d}\n' % (i * 7919 % 500, i * 31 % 1000, 1_700_000_000_000 + i * 13))
        open(os.path.join(folder, 'none.jsonl'), 'w').close()
        for name, chain in CHAINS.items():
            alone = instructions(gressc, folder, name, HEAD + chain + '\n' + SINK)
            beside = instructions(gressc, folder, name + '_beside', HEAD + chain + '\n' + SINK + BESIDE)
            ratio = beside / alone
            good &= abs(ratio - 1) <= 0.01
            print('%-14s alone %12d   beside upserts %12d   %+.2f %%' % (name, alone, beside, 100 * (ratio - 1)), flush=True)
    sys.exit(not good)


main()
