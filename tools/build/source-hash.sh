#!/usr/bin/env bash
# A hash of everything that can end up in dist/, the tools that make it included.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
find package-lock.json tsconfig.json tools apis protocols sources resources translate ir targets dataplane reconcile \
  controllers admission explain apiserver apps -type f ! -name '*.test.ts' ! -path '*/node_modules/*' ! -path '*/testdata/*' -print0 |
  LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16
