"""Dynamically linked programs of Debian's: bash, lua5.4 and sqlite3, with glibc's dynamic linker.

tools/dynamic packs them with their libraries; each runs as PID 1, computes something, and says it.
"""
from harness import BUILDS, ROOT, Job, Result, command, expect, log_file, vm

PROGRAMS = {
    "bash": ('-c "for i in 1 2 3 4; do echo $((i * i)); done; [[ quire =~ ^q(.*)e$ ]] &&'
             ' echo ${BASH_REMATCH[1]}"', "1\n4\n9\n16\nuir\n"),
    "lua5.4": ('-e "local t = {} for i = 1, 10 do t[i] = i * i end'
               " print(table.concat(t, ' '), 2^0.5 == math.sqrt(2))\"",
               "1 4 9 16 25 36 49 64 81 100\ttrue\n"),
    "sqlite3": (':memory: "create table t(n, name); insert into t values(1, \'one\'), (2, \'two\'),'
                " (39, 'many'); select sum(n) from t; select name from t where n > 1 order by"
                ' name;"', "42\nmany\ntwo\n"),
}


def run_packed(name, build, programs, *options, **more):
    """Run a machine whose first file system has @programs, a set of tools/dynamic's.  Its status
    and what it said; None: the packages cannot be had.
    """
    machine = "x86_64" if build == "x86_64" else "i386"
    archive = f"build/{programs}-{machine}.cpio"
    code, _ = command(f"{name}.pack", ["tools/dynamic", programs, machine, "build/debian", archive])
    return None if code else vm(name, "--arch", build, "--initrd", ROOT / archive, *options, **more)


def not_packed(name):
    return Result(name, False, "the packages cannot be had", log_file(f"{name}.pack"))


def run(name, build, program):
    arguments, wanted = PROGRAMS[program]
    said = run_packed(name, build, "programs", "--smp", 2,
                      append=f"init=/bin/{program} loglevel=5 -- {arguments}")
    if not said:
        return [not_packed(name)]
    result = expect(name, *said, 0, [])
    if result.passed and wanted not in said[1]:
        result = Result(name, False, "printed something else", log_file(name))
    return [result]


def jobs():
    for build in BUILDS:
        for program in PROGRAMS:
            name = f"user.{build}.{program}"
            yield Job(name, lambda n=name, b=build, p=program: run(n, b, p), 6)
