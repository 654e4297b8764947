#!/usr/bin/env python3
"""Compares programs that gressc makes with the naive interpreter: the cases in cases/, then random programs by seed.

    run.py [--gressc PATH] [--quick | --long] [--seed N] [--count N] [--case NAME …] [--keep FOLDER]

A program whose results differ is kept with its data in the folder of --keep, and its seed is printed."""
import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import compare  # noqa: E402
import generate  # noqa: E402
import settled  # noqa: E402
from interp import program as reference  # noqa: E402
from interp import sources  # noqa: E402

# How a program is compiled: optimisation, rows of a block.
MODES = [('-O3', 128), ('-O0', 2), ('-O3', 7), ('-O0', 3), ('-O3', 4096), ('-O0', 128)]


# With several workers: files in pieces of a few rows, and rings whose ends stall.
SEVERAL = '-DGRESS_PIECE_BYTES=500 -DGRESS_STALLS=40'
# With `state_memory`: tables that hold the entries of two blocks.
COLD = '-DGRESS_COLD_ENTRIES=1'


def compiler(folder, mode, more=''):
    """A compiler with the flags of a mode; a file of its own, so that the build cache keeps modes apart."""
    path = os.path.join(folder, 'clang++%s_%d' % mode + re.sub('[^A-Z]+', '_', more))
    if not os.path.exists(path):
        with open(path, 'w') as f:
            f.write('#!/bin/sh\nexec clang++-19 "$@" %s -DGRESS_BLOCK_ROWS=%d %s -Wno-unused-command-line-argument\n' % (*mode, more))
        os.chmod(path, 0o755)
    return path


def for_workers(path):
    """The program compiled for several workers."""
    with open(path, encoding='utf-8') as f:
        text = f.read()
    text = re.sub(r'^pipeline (\w+)(?: \{)?(.*)', lambda m: 'pipeline %s { parallelism: 7%s%s' % (m[1], ',' if m[2] else ' }', m[2]), text, count=1, flags=re.M)
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


def ordered(p, index):
    """Whether the rows of a stream come in one order: those of one partition, not merged."""
    s = p.checked['streams'][index]
    if s['origin'] == 'source':
        return len(p.sources[s['source']].partitions) <= 1
    if s['origin'] == 'late':
        return ordered(p, s['late_stream'])
    return s['origin'] == 'chain' and not s['merge'] and not s['joined'] and ordered(p, s['inputs'][0])


def execute(command, folder, env=None):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, env=env)


# Where a program that saves its state can be killed, in the order of a checkpoint's steps.
CRASH_POINTS = ['taken', 'begun', 'outputs_synced', 'state_written', 'state_linked', 'manifest_written', 'manifest_synced',
                'manifest_renamed', 'manifest_stands', 'old_removed']
MOST_KILLS = 12


def saves_its_state(source, options='checkpoint: every(10s)'):
    with open(source, encoding='utf-8') as f:
        text = f.read()
    # Its documentation stands before it.
    before, head, rest = re.match(r'((?:///.*\n)*)(pipeline .*)\n(?s:(.*))', text).groups()
    head = head.replace('{', '{ %s,' % options, 1) if '{' in head else head + ' { %s }' % options
    with open(source, 'w', encoding='utf-8') as f:
        f.write(before + head + '\n' + rest)


class Runner:
    kills = 0

    def __init__(self, args):
        self.gressc, self.keep = os.path.abspath(args.gressc), args.keep
        self.workers = [int(n) for n in args.workers.split(',')] if args.workers else []
        self.work = args.work or tempfile.mkdtemp(prefix='gress_reference_')
        os.makedirs(self.work, exist_ok=True)
        self.restarts, self.cold, self.paged = args.restarts, args.cold, args.paged
        self.env = dict(os.environ)
        if self.paged:
            os.environ['GRESS_PAGES'] = 'all'  # of the programs that run
        self.env.setdefault('GRESS_CACHE', os.path.join(self.work, 'cache'))

    def gress(self, *args, mode=None):
        more = ' '.join([SEVERAL] * bool(self.workers) + [COLD] * self.cold)
        env = dict(self.env, GRESS_CXX=compiler(self.work, mode, more)) if mode and (more or mode != ('-O3', 128)) else self.env
        return subprocess.run([self.gressc, *args], capture_output=True, text=True, env=env)

    def check(self, folder, mode):
        """What is wrong with the program in a folder, or None."""
        source, checked = os.path.join(folder, 'program.gress'), os.path.join(folder, 'checked.json')
        if self.cold or self.paged:
            saves_its_state(source, 'checkpoint: every(10s), state_memory: 16MB')
        elif self.restarts:
            saves_its_state(source)
        out = self.gress('build', source, '--emit', 'checked-json', '-o', checked)
        if out.returncode:
            if 'E0310' in out.stderr:      # a constant that always fails is found while checking
                return None
            return 'does not check:\n' + out.stderr[-2000:]
        binary = os.path.join(folder, 'program')
        out = self.gress('build', source, '-o', binary, mode=mode)
        if out.returncode:
            return 'does not build:\n' + out.stderr[-2000:]
        p = reference.Program(reference.load(checked), base=folder)
        try:
            outputs, fails = p.run(), None
        except sources.ProgramFails as e:
            outputs, fails = None, e
        outputs = outputs and self.outputs(p, outputs, checked, folder)
        for n in self.workers or [1]:
            if wrong := self.run(folder, [binary, '--quiet'] + (['--parallelism', str(n)] if self.workers else []), p, outputs, fails, mode[1] > 1 and n == 1 and not self.restarts):
                return ('%d workers:\n' % n if self.workers else '') + wrong
        return None

    def outputs(self, p, outputs, checked, folder):
        """The texts that each sink may write: one, or two if what comes hangs on how far partitions have been read."""
        unsettled = [s['name'] for s in p.checked['sinks'] if not settled.settled(p, s['stream'])]
        if unsettled:
            other = reference.Program(reference.load(checked), base=folder).run(settled.slowest_last(p))
        return {name: [text, other[name]] if name in unsettled else [text] for name, text in outputs.items()}

    def run(self, folder, command, p, outputs, fails, one_order):
        """What is wrong with a run of the program, or None. `one_order`: rows of one partition come as they stand there."""
        try:
            ran = self.run_and_crash(command, folder) if self.restarts else execute(command, folder)
        except subprocess.TimeoutExpired:
            return 'does not end'
        if ran.returncode not in (0, 65):
            return 'exit %d: %s' % (ran.returncode, ran.stderr[-1500:])
        if fails is not None:
            return None if ran.returncode == 65 else 'should fail (%s), exit %d' % (fails, ran.returncode)
        if ran.returncode:
            return 'exit %d: %s' % (ran.returncode, ran.stderr[-1500:])
        exact = [one_order and ordered(p, i) for i in range(len(p.checked['streams']))]
        loose = any(len(s.partitions) > 1 for s in p.sources) and any(s['kind'] == 'upsert' for s in p.checked['streams'])
        problems = []
        for sink in p.checked['sinks']:
            path = os.path.join(folder, sources.option(sink, 'path', p))
            with open(path, encoding='utf-8', newline='') as f:
                came, texts = f.read(), outputs[sink['name']]
            if len(texts) > 1:
                wrong = settled.differs(p.checked, sink, texts, came)
            else:
                wrong = compare.compare(p.checked, sink, texts[0], came, exact[sink['stream']], loose)
            with open(path + '.wanted', 'w', encoding='utf-8', newline='') as f:
                f.write(texts[0])
            if wrong:
                problems.append('  sink %s: %s' % (sink['name'], wrong))
        return '\n'.join(problems) or None

    def run_and_crash(self, command, folder):
        """Saves the state after each step, or after every other one and some of it between, and is killed again and again: each run comes a little further, with another
        number of workers if there may be several."""
        r, kills = random.Random(' '.join([os.path.basename(folder)] + command[1:])), 0
        while True:
            kill = {} if kills == MOST_KILLS else {'GRESS_CRASH_AT': '%s:%d' % (r.choice(CRASH_POINTS), r.randint(1, 4))}
            if self.workers and kills:
                command = command[:-1] + [str(r.choice(self.workers + [1]))]
            ran = execute(command + ['--checkpoint', r.choice(['1us', '2us'])] + ([] if kills else ['--fresh']), folder, dict(os.environ, **kill))
            if ran.returncode != -signal.SIGKILL:
                self.kills += kills
                return ran
            kills += 1

    def case(self, name, mode=MODES[0]):
        folder = os.path.join(self.work, 'case_' + name)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(os.path.join(HERE, 'cases', name), folder)
        return self.report('case %s' % name, folder, mode)

    def seed(self, seed, mode):
        folder = os.path.join(self.work, 'seed_%d' % seed)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        generate.write(seed, folder, self.cold)
        return self.report('seed %d' % seed, folder, mode)

    def report(self, what, folder, mode):
        if self.workers:
            for_workers(os.path.join(folder, 'program.gress'))
        try:
            wrong = self.check(folder, mode)
        except Exception:
            wrong = 'the interpreter: ' + traceback.format_exc(limit=-6)
        if wrong is None:
            shutil.rmtree(folder)
            return True
        print('%s (%s, blocks of %d) differs:\n%s' % (what, *mode, wrong), flush=True)
        if self.keep:
            kept = os.path.join(self.keep, os.path.basename(folder))
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(folder, kept)
            print('  kept in ' + kept)
        return False


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--gressc', default=os.environ.get('GRESSC', os.path.join(HERE, '../../build/bin/gressc')))
    a.add_argument('--quick', action='store_true', help='the cases and a few fixed seeds, about a minute')
    a.add_argument('--long', action='store_true', help='hundreds of seeds in all modes, for releases')
    a.add_argument('--seed', type=int, help='first seed')
    a.add_argument('--count', type=int, help='how many seeds')
    a.add_argument('--mode', type=int, help='number of the mode: ' + ', '.join('%d: %s blocks of %d' % (i, *m) for i, m in enumerate(MODES)))
    a.add_argument('--workers', help='compiled for several workers, and run with these numbers of them, as 2,7')
    a.add_argument('--case', action='append', help='only these cases')
    a.add_argument('--restarts', action='store_true', help='programs save their state, are killed and started again')
    a.add_argument('--cold', action='store_true', help='tables of keys hold a few entries, the others lie on disk')
    a.add_argument('--paged', action='store_true', help='programs that keep any state, of which no page stays in memory for long')
    a.add_argument('--keep', help='folder for programs that differ')
    a.add_argument('--work', help='folder to work in')
    args = a.parse_args()
    runner, good, bad = Runner(args), 0, []
    cases = args.case if args.case else [] if args.seed is not None else sorted(os.listdir(os.path.join(HERE, 'cases')))
    for name in cases:
        if not runner.case(name, MODES[args.mode or 0]):
            bad.append('case ' + name)
        good += 1
    count = args.count if args.count is not None else 0 if args.case else 400 if args.long else 4 if args.quick else 20
    first = args.seed if args.seed is not None else 1
    for seed in range(first, first + count):
        mode = MODES[args.mode] if args.mode is not None else MODES[0] if args.quick else MODES[seed % len(MODES)]
        if not runner.seed(seed, mode):
            bad.append('seed %d' % seed)
        good += 1
    if not args.work:
        shutil.rmtree(runner.work, ignore_errors=True)
    if args.restarts:
        print('%d kills' % runner.kills)
    print('%d of %d hold%s' % (good - len(bad), good, ': not ' + ', '.join(bad) if bad else ''))
    sys.exit(bool(bad))


main()
