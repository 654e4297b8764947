#!/usr/bin/env bash
# Builds gressc, compiles the example of examples/flights with it, runs it on the data beside it and shows what came.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

scripts/setup.sh

say "Building gressc"
log=$(mktemp)
cmake --preset release >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
rm -f "$log"
cmake --build build --parallel "$(nproc)" --target gress

out=build/demo
mkdir -p "$out"
say "Compiling examples/flights/flights_daily.gress"
build/bin/gressc build examples/flights/flights_daily.gress -o "$out/flights_daily" --timings

say "Running it: departures of every airport, day by day"
"$out/flights_daily" --param input=examples/flights/flights.csv \
  --param output="$out/daily.jsonl" --param late_path="$out/very_late.csv"

say "The busiest airports of a day ($out/daily.jsonl)"
python3 - "$out/daily.jsonl" <<'PYTHON'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
rows.sort(key=lambda row: -row["departures"])
print(f'{"day":<12}{"airport":<9}{"departures":>10}{"late":>6}{"mean delay":>12}{"worst":>7}{"reach":>7}   farthest')
for row in rows[:10]:
    print(f'{row["window_start"][:10]:<12}{row["origin"]:<9}{row["departures"]:>10}{row["late_ones"]:>6}'
          f'{row["mean_delay"]:>8.1f} min{row["worst_delay"]:>7}{row["reach"]:>7}   {row["farthest"]}')
print(f'{len(rows)} rows in all')
PYTHON

say "Next: build/bin/gressc new hello; build/bin/gressc run examples/flights/hot_states.gress; README.md"
