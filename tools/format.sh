#!/bin/bash
# Complain about C that clang-format would lay out differently; --write lays it out.
cd "$(dirname "$0")/.."
find boot arch mm kernel lib user tests -name '*.[ch]' -print0 2>/dev/null | {
    if [ "$1" = --write ]; then
        xargs -0 -r -P2 -n20 clang-format -i
    else
        xargs -0 -r -P2 -n1 sh -c 'clang-format "$1" | cmp -s - "$1" ||
            { echo "$1:1: not as clang-format lays it out: tools/format.sh --write"; exit 1; }' -
    fi
}
