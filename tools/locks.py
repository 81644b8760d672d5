#!/usr/bin/python3
"""Show each file to clang: its warnings, and its thread-safety analysis of the lock annotations
(lib/annotate.h).
"""
import concurrent.futures
import subprocess

from source import KERNEL, ROOT, belongs, files, finish, flags, offence

# i386 takes the same locks as i386pae, x86_64 all but its machine's own.
BUILDS = ("i386pae", "x86_64")


def analyse(source, build, command):
    result = subprocess.run(command + ["-fsyntax-only", "-Wthread-safety", "-Werror", source],
                            cwd=ROOT, capture_output=True, text=True)
    return source, build, result.returncode, result.stderr.strip()


def wanted(source, build):
    return belongs(source, build) and (build == BUILDS[0] or not belongs(source, BUILDS[0]))


sources = [p for p in files(KERNEL + ("tests/kernel",), ".c")]
commands = {build: flags(build, "clang") for build in BUILDS}
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    jobs = [pool.submit(analyse, source, build, commands[build])
            for source in sources for build in BUILDS if wanted(source, build)]
    for job in jobs:
        source, build, code, message = job.result()
        if code:
            offence(source, 1, f"clang ({build}):\n{message}")
finish(f"{len(sources)} files, no warning and locks balanced in {len(jobs)} compilations")
