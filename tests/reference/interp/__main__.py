"""python3 -m interp CHECKED.json [--param NAME=VALUE …] [--base FOLDER]: writes what the program's sinks would write."""
import argparse
import os
import sys

from .program import Program, load
from .sources import ProgramFails, option


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument('program', help='what `gressc build --emit checked-json` writes')
    a.add_argument('--param', action='append', default=[])
    a.add_argument('--base', default='.')
    args = a.parse_args()
    program = Program(load(args.program), dict(p.split('=', 1) for p in args.param), args.base)
    try:
        outputs = program.run()
    except ProgramFails as e:
        sys.exit('error: %s' % e)
    for sink in program.checked['sinks']:
        path = option(sink, 'path', program)
        text = outputs[sink['name']]
        if path is None:
            sys.stdout.write(text)
        else:
            with open(os.path.join(args.base, path), 'w', encoding='utf-8', newline='') as f:
                f.write(text)


main()
