#!/bin/bash
# Complain about C that clang-format would lay out differently; with --write, lay it out.
cd "$(dirname "$0")/.."
find boot arch mm kernel lib user tests -name '*.[ch]' -print0 2>/dev/null | {
    if [ "$1" = --write ]; then
        xargs -0 -r -P2 -n20 clang-format -i
    else
        xargs -0 -r -P2 -n20 clang-format --dry-run --Werror --ferror-limit=1 2>&1
    fi
}
