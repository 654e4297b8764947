#!/usr/bin/env bash
# Installs the Debian 12 packages that Gress is built with, those that are missing. Says nothing when none is.
# Works as root, or with sudo.
set -euo pipefail

packages=(
  clang-19 lld-19                       # compiles Gress, and the programs gressc makes
  libclang-rt-19-dev                    # sanitizers
  libclang-19-dev libclang-cpp19-dev llvm-19-dev  # reads users' C++ headers
  cmake ninja-build pkg-config ccache
  libcli11-dev libfmt-dev libspdlog-dev libyaml-cpp-dev
  libre2-dev libhowardhinnant-date-dev tzdata
  libsimdjson-dev libfast-float-dev libboost1.81-dev
  zlib1g-dev libzstd-dev librocksdb-dev libjemalloc-dev
  librdkafka-dev                        # the connector `kafka`
  default-jre-headless maven openssl    # the broker that its tests start
  libgtest-dev nlohmann-json3-dev python3 python3-yaml
  g++ make                              # the other compiler, and build tool, of tests
  zstd                                  # the tool, which packs files of tests
  buildah                               # builds and runs the images of tests
  systemd                               # `systemd-analyze`, which checks the units that gressc writes
)

if ! command -v dpkg-query >/dev/null; then
  echo "setup.sh: this is no Debian system; install these packages' likes by hand: ${packages[*]}" >&2
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "setup.sh: packages are missing and there is no sudo; as root run: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo -n)
  if ! sudo -n true 2>/dev/null; then as_root=(sudo); fi
fi

echo "setup.sh: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1; }
# The package lists may be new enough; only if not are they fetched.
if ! apt install --no-install-recommends "${missing[@]}"; then
  if ! { apt update && apt install --no-install-recommends "${missing[@]}"; }; then
    cat "$log" >&2
    echo "setup.sh: apt-get failed (see above)" >&2
    exit 1
  fi
fi
