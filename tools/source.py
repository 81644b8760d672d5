"""What the checking tools share: where the files are, how a build compiles, how to complain."""
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILDS = ("i386", "i386pae", "x86_64")
MACHINES = ("i386", "x86_64")
KERNEL = ("boot", "arch", "mm", "kernel", "lib")
ALL = KERNEL + ("user", "tests")

offences = 0


def files(folders, *suffixes):
    """The repository's files under @folders, sorted, as paths from its root."""
    found = []
    for folder in folders:
        found += [p.relative_to(ROOT) for p in (ROOT / folder).rglob("*") if p.suffix in suffixes]
    return sorted(found)


def lines(path):
    return (ROOT / path).read_text(errors="replace").splitlines()


def offence(path, line, what):
    global offences
    offences += 1
    print(f"{path}:{line}: {what}")


def finish(summary=""):
    """End the tool: 0 with a line of summary, 1 if anything was found."""
    if summary and not offences:
        print(summary)
    sys.exit(1 if offences else 0)


def flags(build, compiler=None):
    """The compiler and its flags for @build; what it generates for headers exists afterwards."""
    folder = "build/clang" if compiler == "clang" else "build"
    cmd = ["make", "-s", f"ARCH={build}", f"O={folder}", "flags"]
    out = subprocess.run(cmd + ([f"CC={compiler}"] if compiler else []), cwd=ROOT, check=True,
                         capture_output=True, text=True).stdout
    return shlex.split(out)


def belongs(path, build):
    """Whether @path is compiled in @build: the other machine's folder is not."""
    other = "x86_64" if build.startswith("i386") else "i386"
    return not str(path).startswith(f"arch/{other}/")


def includes(path):
    """(line number, included path) of each #include "..." in @path."""
    for number, line in enumerate(lines(path), 1):
        m = re.match(r'\s*#\s*include "([^"]+)"', line)
        if m:
            yield number, m[1]
