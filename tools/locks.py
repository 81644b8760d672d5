#!/usr/bin/python3
"""Check the lock annotations (lib/annotate.h) by clang's thread-safety analysis, on all builds.
"""
import concurrent.futures
import subprocess

from source import BUILDS, KERNEL, ROOT, belongs, files, finish, flags, offence


def analyse(source, build, command):
    result = subprocess.run(command + ["-fsyntax-only", "-w", "-Wthread-safety",
                                       "-Werror=thread-safety", source],
                            cwd=ROOT, capture_output=True, text=True)
    return source, build, result.returncode, result.stderr.strip()


sources = [p for p in files(KERNEL + ("tests/kernel",), ".c")]
commands = {build: flags(build, "clang") for build in BUILDS}
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    jobs = [pool.submit(analyse, source, build, commands[build])
            for source in sources for build in BUILDS if belongs(source, build)]
    for job in jobs:
        source, build, code, message = job.result()
        if code:
            offence(source, 1, f"lock analysis ({build}):\n{message}")
finish(f"{len(sources)} files, locks balanced in {len(jobs)} compilations")
