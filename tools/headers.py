#!/usr/bin/python3
"""Compile each header alone, twice in a row, for each build: it must need no other before it."""
import concurrent.futures
import subprocess

from source import ALL, BUILDS, ROOT, belongs, files, finish, flags, offence


def compile_alone(header, build, command):
    program = f'#include "{header}"\n' * 2
    result = subprocess.run(command + ["-fsyntax-only", "-Werror", "-x", "c", "-"], cwd=ROOT,
                            input=program, capture_output=True, text=True)
    return header, build, result.returncode, result.stderr.strip()


headers = [p for p in files(ALL, ".h") if not str(p).startswith(("user/", "tests/"))]
commands = {build: flags(build) for build in BUILDS}
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    jobs = [pool.submit(compile_alone, header, build, commands[build])
            for header in headers for build in BUILDS if belongs(header, build)]
    for job in jobs:
        header, build, code, message = job.result()
        if code:
            offence(header, 1, f"does not stand alone ({build}):\n{message}")
finish(f"{len(headers)} headers stand alone, {len(jobs)} compilations")
