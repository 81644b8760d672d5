"""Host tests: lib/ and the machine-independent parts of mm/, as ordinary programs.

tests/host/DIR/NAME_test.c is built three times, once for each geometry of page tables (those of
lib/, which knows none, once), and linked with DIR/NAME.c, with the sources that "Links: ..." at the
end of its opening names, and with tests/host/support.c.  AddressSanitizer and UBSan watch.  Each
cmocka test is one result.
"""
import pathlib
import re
import threading

from harness import BUILDS, LOGS, ROOT, Job, Result, command, log_file

FLAGS = ["-std=gnu17", "-g", "-O1", "-Wall", "-fsanitize=address,undefined",
         "-fno-omit-frame-pointer", "-fno-sanitize-recover=all", "-fno-builtin",
         "-Itests/host/shadow", "-I."]


def renamed():
    """Our strings and printf must not replace the C library's under the sanitizers' feet."""
    headers = "".join((ROOT / f"lib/{name}.h").read_text() for name in ("string", "format"))
    names = re.findall(r"^[\w *]*?\b\*?(\w+)\(", headers, re.M)
    return [f"-D{name}=quire_{name}" for name in sorted(set(names))]


def sources(test):
    """What @test is linked with."""
    own = str(test.relative_to(ROOT / "tests/host")).replace("_test.c", ".c")
    links = re.search(r"Links: (.*?)\*/", test.read_text(), re.S)
    named = [word for word in links[1].split() if word not in "*-"] if links else []
    found = [own] if (ROOT / own).exists() else []
    found += [source for source in named + ["lib/string.c"] if source not in found]
    return found


def results(prefix, code, text):
    """cmocka's lines, one result each; if it ended badly without a failed test, one more."""
    found = [Result(f"{prefix}.{name}", verdict == "OK", "see its log", log_file(prefix))
             for verdict, name in re.findall(r"^\[\s+(OK|FAILED)\s+\] (\w+)$", text, re.M)]
    seen, unique = set(), []
    for result in found:  # cmocka lists the failed ones again at the end
        if result.name not in seen:
            unique.append(result)
            seen.add(result.name)
    if not unique or (code and all(r.passed for r in unique)):
        unique.append(Result(prefix, False, f"ended with status {code}", log_file(prefix)))
    return unique


objects = {}  # (source, build): (a lock, whether it was compiled: none yet, good, bad)
objects_lock = threading.Lock()


def compiled(source, build):
    """The object of @source; it is made by the first test that asks.  None: it does not compile."""
    path = LOGS / "host" / build / pathlib.Path(source).with_suffix(".o")
    with objects_lock:
        entry = objects.setdefault((str(source), build), [threading.Lock(), None])
    with entry[0]:
        if entry[1] is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            code, _ = command(f"host.{build}.{path.stem}.compile", [
                "gcc", *FLAGS, *renamed(), f"-Ibuild/{build}-check", "-c", "-o", path, source])
            entry[1] = code == 0
        return path if entry[1] else None


def run(test, build):
    name = str(test.relative_to(ROOT / "tests/host").with_suffix("")).replace("/", ".")
    prefix = f"host.{name}.{build}"
    program = LOGS / "host" / f"{name}.{build}"
    program.parent.mkdir(parents=True, exist_ok=True)
    parts = [test.relative_to(ROOT), *sources(test), "tests/host/support.c"]
    made = [compiled(part, build) for part in parts]
    for part, path in zip(parts, made):
        if not path:
            return [Result(prefix, False, f"{part} does not compile",
                           log_file(f"host.{build}.{pathlib.Path(part).stem}.compile"))]
    code, _ = command(prefix, ["gcc", *FLAGS, "-o", program, *made, "-lcmocka"])
    if code:
        return [Result(prefix, False, "does not link", log_file(prefix))]
    return results(prefix, *command(prefix, [program], timeout=60))


def jobs():
    for test in sorted((ROOT / "tests/host").rglob("*_test.c")):
        for build in BUILDS[-1:] if test.parent.name == "lib" else BUILDS:
            yield Job(f"host.{test.stem}.{build}", lambda t=test, b=build: run(t, b), 2)
