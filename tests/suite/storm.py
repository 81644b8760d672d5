"""Storms: random system calls, and much of one thing at once; afterwards the books must balance.

And Debian's stress-ng.
These are the short ones, with seeds that are fixed; docs/storms.md says how to run them for long.
"""
from dynamic import not_packed, run_packed
from harness import BUILDS, Job, Result, expect, log_file, vm

FUZZ_CALLS, FUZZ_SEED = 20000, 1
STORMS = "forks 1000 alive 200 pipes 20000 signals 4000 maps 3 bomb 2"


def fuzz(name, build, cpus):
    code, text = vm(name, "--arch", build, "--smp", cpus, timeout=150,
                    append=f"init=/bin/fuzz loglevel=4 -- {FUZZ_CALLS} {FUZZ_SEED}")
    return [expect(name, code, text, 0, [f"seed {FUZZ_SEED}", "fuzz: done, digest"])]


def storms(name, build, cpus):
    code, text = vm(name, "--arch", build, "--smp", cpus, timeout=150,
                    append=f"init=/bin/storm loglevel=4 -- {STORMS}")
    return [expect(name, code, text, 0, [f"storm: {storm} \\d+: well"
                                         for storm in STORMS.split()[::2]])]


def stress(name, build, cpus):
    """Debian's own stress-ng, as tests/stress.job says."""
    said = run_packed(name, build, "stress", "--smp", cpus, timeout=200,
                      append="init=/bin/stress-ng loglevel=5 -- --job /etc/stress.job")
    if not said:
        return [not_packed(name)]
    result = expect(name, *said, 0, "successful run completed")
    if result.passed and "stress-ng: fail:" in said[1]:
        result = Result(name, False, "stress-ng found something", log_file(name))
    return [result]


def jobs():
    for build in BUILDS:
        cpus = 1 if build == "i386pae" else 4
        name = f"storm.{build}.fuzz"
        yield Job(name, lambda n=name, b=build, c=cpus: fuzz(n, b, c), 10, cpus)
        name = f"storm.{build}.storms"
        yield Job(name, lambda n=name, b=build: storms(n, b, 4), 20, 4)
        name = f"storm.{build}.stress-ng"
        yield Job(name, lambda n=name, b=build, c=cpus: stress(n, b, c), 15, cpus)
