"""What a C++ function of the program's own costs: counts the instructions (callgrind) of programs that call one, and of those that
have the same expression written in the language. They may differ by 3 %.

    foreign.py [--gressc PATH] [--rows N]"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

HEADER = '''#pragma once
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

namespace own {
inline double score(double amount, std::int64_t tries, bool known) noexcept {
  return 0.4 * static_cast<double>(tries) + 0.0005 * amount + (known ? 0.0 : 1.5);
}
inline double distance(double ax, double ay, double bx, double by) noexcept {
  return std::sqrt((ax - bx) * (ax - bx) + (ay - by) * (ay - by));
}
inline bool busy(std::string_view area) noexcept { return area == "north" || area == "south"; }
inline std::optional<double> rate(double part, double whole) noexcept {
  return whole == 0.0 ? std::nullopt : std::optional(part / whole);
}
inline double checked(double amount) {
  if (amount < 0.0) throw 1;
  return amount * 2.0;
}
struct Place {
  double x, y;
};
inline double apart(const Place& a, const Place& b) noexcept { return std::sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)); }
class Spent {
 public:
  void add(double x) noexcept { sum_ += x; }
  void merge(const Spent& o) noexcept { sum_ += o.sum_; }
  double result() const noexcept { return sum_; }

 private:
  double sum_ = 0;
};
}  // namespace own
'''
HEAD = '''type Row { area: string, amount: f64, tries: i64, known: bool, x: f64, y: f64, at: timestamp }
source rows: Row from file { path: "rows.jsonl", format: json, time: at }
'''
SELECT = 'stream out = rows |> select { area, v: %s }'
WINDOW = 'stream out = rows |> key area |> window tumbling(10s) |> aggregate { v: %s }'
SINK = 'sink out to file { path: "out.jsonl", format: json }\n'
# What of the header, the program with it, and the program without.
PAIRS = {
    'numbers': ('fn score', SELECT % 'score(amount, tries, known)',
                SELECT % '0.4 * f64(tries) + 0.0005 * amount + (if known then 0.0 else 1.5)'),
    'four numbers': ('fn distance', SELECT % 'distance(x, y, 3.0, 4.0)',
                     SELECT % 'sqrt((x - 3.0) * (x - 3.0) + (y - 4.0) * (y - 4.0))'),
    'text': ('fn busy', SELECT % 'busy(area)', SELECT % 'area == "north" or area == "south"'),
    'optional': ('fn rate', SELECT % 'rate(amount, x)', SELECT % 'if x == 0.0 then null else amount / x'),
    'throws': ('fn checked', SELECT % 'checked(amount)',
               SELECT % 'if amount < 0.0 then fail("negative") else amount * 2.0'),
    'records': ('fn apart, type Place', SELECT % 'apart({ x, y }, { x: 3.0, y: 4.0 })',
                SELECT % 'sqrt((x - 3.0) * (x - 3.0) + (y - 4.0) * (y - 4.0))'),
    'aggregate': ('aggregate Spent as spent', WINDOW % 'spent(amount)', WINDOW % 'sum(amount)'),
}


def instructions(gressc, folder, name, text):
    path = os.path.join(folder, name + '.gress')
    with open(path, 'w') as f:
        f.write(text)
    # Valgrind does not know the newest instructions.
    subprocess.run([gressc, 'build', path, '--cpu', 'baseline', '-o', os.path.join(folder, name)], check=True)
    ran = subprocess.run(['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', './' + name, '--quiet'], cwd=folder,
                         capture_output=True, text=True, check=True)
    with open(os.path.join(folder, 'out.jsonl')) as f:
        return int(re.search(r'Collected : (\d+)', ran.stderr)[1]), f.read()


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--gressc', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), '../build/bin/gressc'))
    a.add_argument('--rows', type=int, default=50_000)
    a.add_argument('pairs', nargs='*', help='of ' + ', '.join(PAIRS))
    args = a.parse_args()
    gressc, good = os.path.abspath(args.gressc), True
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'own.hpp'), 'w') as f:
            f.write(HEADER)
        with open(os.path.join(folder, 'rows.jsonl'), 'w') as f:
            for i in range(args.rows):
                f.write('{"area":"%s","amount":%.2f,"tries":%d,"known":%s,"x":%.1f,"y":%.1f,"at":%d}\n' %
                        (('north', 'south', 'east', 'west')[i % 4], i * 7919 % 100_000 / 100, i % 7, ('true', 'false')[i % 3 == 0],
                         i % 90 / 10, i % 70 / 10, 1_700_000_000_000 + i * 13))
        for pair in args.pairs or PAIRS:
            use, called, written = PAIRS[pair]
            name = pair.replace(' ', '_')
            ours, rows = instructions(gressc, folder, name + '_written', HEAD + written + '\n' + SINK)
            theirs, same = instructions(gressc, folder, name + '_called', 'use "own.hpp" { %s }\n' % use + HEAD + called + '\n' + SINK)
            ratio = theirs / ours
            good &= abs(ratio - 1) <= 0.03 and rows == same
            print('%-14s written %12d   called %12d   %+.2f %%%s' %
                  (pair, ours, theirs, 100 * (ratio - 1), '' if rows == same else '   OTHER ROWS'), flush=True)
    sys.exit(not good)


main()
