#!/usr/bin/python3
"""Check the lock annotations (lib/annotate.h) by clang's thread-safety analysis, on both machines.
"""
import concurrent.futures
import subprocess

from source import KERNEL, ROOT, belongs, files, finish, flags, offence

ANALYSED = ("i386pae", "x86_64")  # i386 takes the same locks as i386pae


def analyse(source, build, command):
    result = subprocess.run(command + ["-fsyntax-only", "-Wno-everything", "-Wthread-safety",
                                       "-Werror=thread-safety", source],
                            cwd=ROOT, capture_output=True, text=True)
    return source, build, result.returncode, result.stderr.strip()


sources = [p for p in files(KERNEL + ("tests/kernel",), ".c")]
commands = {build: flags(build, "clang") for build in ANALYSED}
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    jobs = [pool.submit(analyse, source, build, commands[build])
            for source in sources for build in ANALYSED if belongs(source, build)]
    for job in jobs:
        source, build, code, message = job.result()
        if code:
            offence(source, 1, f"lock analysis ({build}):\n{message}")
finish(f"{len(sources)} files, locks balanced in {len(jobs)} compilations")
