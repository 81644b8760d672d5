#!/usr/bin/python3
"""Follow each documented path (docs/paths/*.txt) through the call graph the compiler writes.

One hop a line: how, function, file.  "->" is a call, "~>" a call through a pointer, "asm" a jump or
call in assembly, "--" where a path begins that does not begin in assembly.  A file
arch/<machine>/... is looked up in both machines.  A line "# budget: 8 hops, 6 files" bounds the
path.  So a drawing in the documents cannot lie: a function that moved or a call that is gone is an
error.
"""
import concurrent.futures
import pathlib
import re
import subprocess

from source import ROOT, files, finish, flags, lines, offence

EDGE = re.compile(r'sourcename: "([^"]+)" targetname: "([^"]+)"')
NODE = re.compile(r'node: \{ title: "([^"]+)" label: "([^"]+)"')
BUDGET = re.compile(r"# budget: (\d+) hops, (\d+) files")


def short(title):
    """A node's function: static ones are titled file:name, clones name.kind.number."""
    return title.rsplit(":", 1)[-1].split(".")[0]


def call_graph(build):
    """{(function, file)} and {(caller, its file, callee, its file or None)}.

    A function has a node in each file that calls it, but is defined where the node says its
    frame's bytes; static functions of one name in two files, or of a header, have several.
    """
    folder = ROOT / "build" / build / "paths"
    folder.mkdir(parents=True, exist_ok=True)
    command = flags(build)
    homes, edges = {}, set()

    def compile_one(source):
        out = folder / (str(source).replace("/", "-") + ".o")
        for level in (["-O0"], ["-Og", "-fno-inline"]):  # some assembly needs constants folded
            argv = command + level + ["-w", "-fcallgraph-info=su", "-c", source, "-o", out]
            if subprocess.run(argv, cwd=ROOT, capture_output=True).returncode == 0:
                break
        graph = out.with_suffix(".ci")
        return graph.read_text() if graph.exists() else ""

    machine = "i386" if build.startswith("i386") else "x86_64"
    sources = {file.replace("<machine>", machine) for document in documents
               for _, _, file in hops(document) if file.endswith(".c")}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for text in pool.map(compile_one, sorted(sources)):
            for title, label in NODE.findall(text):
                where = label.split("\\n")
                if len(where) > 1 and "bytes" in label:
                    homes[title] = str(pathlib.PurePath(where[1].split(":")[0]))
            edges |= set(EDGE.findall(text))
    defined = {(short(title), file) for title, file in homes.items()}
    calls = {(short(a), homes.get(a), short(b), homes.get(b)) for a, b in edges}
    return defined, calls


def hops(document):
    """(line number, (how, function), file) of each hop."""
    for number, line in enumerate(lines(document), 1):
        if line.strip() and not line.startswith("#"):
            how, function, file = line.split()
            yield number, (how, function), file


def assembly_label(file, function):
    """Whether @file, in NASM, has the label: as it stands, or made by a macro's number."""
    pattern = re.sub(r"\d+$", r"(\\d+| ?%)", re.escape(function))
    return any(re.match(rf"\s*{pattern}", line) for line in lines(file))


def follow(document, build, graph):
    defined, calls = graph
    here, touched = (None, None), []
    budget = BUDGET.search("\n".join(lines(document)))
    for number, (how, function), file in hops(document):
        file = file.replace("<machine>", "i386" if build.startswith("i386") else "x86_64")
        touched.append(file)
        if not (ROOT / file).exists():
            offence(document, number, f"{file} does not exist")
        elif file.endswith(".asm"):
            if not assembly_label(file, function):
                offence(document, number, f"{function} is not in {file}")
        elif (function, file) not in defined:
            homes = ", ".join(f for name, f in defined if name == function) or "no file"
            offence(document, number, f"{function} is not in {file} but in {homes}")
        if how == "->" and (*here, function, file) not in calls:
            offence(document, number, f"{here[0]} does not call {function} ({build})")
        if how == "~>" and (*here, "__indirect_call", None) not in calls:
            offence(document, number, f"{here[0]} calls nothing through a pointer ({build})")
        here = (function, file)
    crossings = sum(a.split("/")[0] != b.split("/")[0] for a, b in zip(touched, touched[1:]))
    if budget and (len(touched) > int(budget[1]) or len(set(touched)) > int(budget[2])):
        offence(document, 1, f"{len(touched)} hops, {len(set(touched))} files: over its budget")
    return f"{document.stem}: {len(touched)} hops, {len(set(touched))} files, {crossings} crossings"


documents = files(("docs/paths",), ".txt")
summary = []
for build in ("i386", "x86_64") if documents else ():
    graph = call_graph(build)
    summary = [follow(document, build, graph) for document in documents]
finish("\n".join(summary))
