#!/bin/sh
# Regenerates tests/proof/tlog-vectors.json with Go's sumdb/tlog from Debian's packages. The tests read the committed file.
set -eu
package=golang-golang-x-mod-dev
command -v go > /dev/null && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ] || {
  echo "error: Go and its tlog package are not installed: apt-get install --no-install-recommends golang-go $package" >&2
  exit 1
}
here=$(dirname "$0")
vectors="$here/../../tests/proof/tlog-vectors.json"
GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= go run "$here/tlog.go" \
  "Debian's $package $(dpkg-query -W -f '${Version}' "$package")" > "$vectors.new"
mv "$vectors.new" "$vectors"
biome check --write "$vectors"
