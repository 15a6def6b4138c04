# What the interop jobs share; sourced by them. Installs from npm exactly what the lock files under npm/ name, outside the
# repository, and runs no install script of anybody.
set -euo pipefail

interop=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/chela-ci

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# Prints where the packages of npm/$1 lie. The folder is named after its lock file, and appears only when it is complete.
installed() {
  local name=$1 locked=$interop/npm/$1 sum target fresh attempt
  sum=$(cat "$locked/package.json" "$locked/package-lock.json" | sha256sum)
  target=$cache/$name-${sum:0:16}
  if [ ! -d "$target" ]; then
    command -v npm > /dev/null || fail "npm is needed (on Debian: apt-get install npm)"
    mkdir -p "$cache"
    fresh=$(mktemp -d "$cache/.$name.XXXXXX")
    cp "$locked/package.json" "$locked/package-lock.json" "$fresh"
    for attempt in 1 2 3; do
      echo "installing $name from npm" >&2
      # A registry that stalls must not stall the job: what has arrived by then is in the cache of the next attempt.
      if (cd "$fresh" && timeout -k 10 300 npm ci --cache "$fresh/.npm" --prefer-offline --fetch-timeout=30000 \
          --ignore-scripts --legacy-peer-deps --omit=dev --no-audit --no-fund --loglevel=error < /dev/null >&2); then
        break
      fi
      [ "$attempt" -lt 3 ] || { rm -rf "$fresh"; fail "npm could not install $name"; }
    done
    rm -rf "$fresh/.npm" "$cache/$name"-????????????????
    mv -T "$fresh" "$target"
  fi
  echo "$target"
}

# Prints the folder that holds Node 24's `node`.
node_folder() {
  local modules candidate
  modules=$(installed node)/node_modules
  for candidate in "$modules"/node-*/bin/node; do
    [ -x "$candidate" ] || fail "npm has no Node 24 for $(uname -sm) in $interop/npm/node"
    dirname "$candidate"
  done
}

# Prints the absolute path of the distribution named by $1.
distribution() {
  [ -x "${1:-}/bin/chela" ] || fail "usage: ${0##*/} FOLDER: an unpacked distribution, holding bin/chela"
  (CDPATH='' cd -- "$1" && pwd -P)
}
