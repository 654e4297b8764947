#!/usr/bin/env bash
# Builds Gress and runs all its tests.
#   --quick   unit tests only, without those that compile programs (label e2e) or take long (label slow)
#   --asan    with address and undefined-behaviour sanitizers, in build-asan
set -euo pipefail
cd "$(dirname "$0")/.."

preset=release
folder=build
[ -z "${CI:-}" ] || preset=ci
select=()
for argument in "$@"; do
  case $argument in
    --quick) select=(--label-exclude 'e2e|slow') ;;
    --asan) preset=asan folder=build-asan ;;
    -h|--help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "test.sh: unknown option $argument (there are --quick and --asan)" >&2; exit 64 ;;
  esac
done

scripts/setup.sh
log=$(mktemp)
cmake --preset "$preset" -DGRESS_TESTS=ON >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
rm -f "$log"
cmake --build "$folder" --parallel "$(nproc)"
# The cache of the tests is their own: what is found there was made by this build.
export GRESS_CACHE="$PWD/$folder/cache"
# One more than there are cores: those that talk to servers wait for most of their time.
exec ctest --test-dir "$folder" --parallel "$(($(nproc) + 1))" --output-on-failure --no-tests=error "${select[@]}"
