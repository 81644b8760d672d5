#!/usr/bin/python3
"""Follow each documented path (docs/paths/*.txt) through the call graph the compiler writes.

One hop a line: how, function, file.  "->" is a call, "~>" a call through a pointer, "asm" a jump or
call in assembly; the first hop is where the path begins.  A file arch/<machine>/... is looked up in
both machines.  A line "# budget: 8 hops, 6 files" bounds the path.  So a drawing in the documents
cannot lie: a function that moved or a call that is gone is an error.
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
    """(edges, homes): who calls whom, and the file each function is defined in."""
    folder = ROOT / "build" / build / "paths"
    folder.mkdir(parents=True, exist_ok=True)
    command = flags(build)
    edges, homes = set(), {}

    def compile_one(source):
        out = folder / (str(source).replace("/", "-") + ".o")
        for level in (["-O0"], ["-Og", "-fno-inline"]):  # some assembly needs constants folded
            if subprocess.run(command + level + ["-w", "-fcallgraph-info=su", "-c", source, "-o", out],
                              cwd=ROOT, capture_output=True).returncode == 0:
                break
        graph = out.with_suffix(".ci")
        return graph.read_text() if graph.exists() else ""

    sources = [p for p in files(("arch", "mm", "kernel", "lib", "boot"), ".c")
               if p.name != "offsets.c" and (p.parts[:2] != ("arch", other(build)))]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for text in pool.map(compile_one, sources):
            for title, label in NODE.findall(text):
                where = label.split("\\n")
                if len(where) > 1 and "bytes" in label:
                    homes.setdefault(short(title), set()).add(
                        str(pathlib.PurePath(where[1].split(":")[0])))
            edges |= {(short(a), short(b)) for a, b in EDGE.findall(text)}
    return edges, homes


def other(build):
    return "i386" if build == "x86_64" else "x86_64"


def assembly_label(file, function):
    """Whether @file, in NASM, has the label: as it stands, or made by a macro's number."""
    pattern = re.sub(r"\d+$", r"(\\d+|%\\S*)", re.escape(function))
    return any(re.match(rf"\s*(\w+ )?{pattern}\b", line) for line in lines(file))


def follow(document, build, graph):
    edges, homes = graph
    here, hops, touched, budget = None, 0, [], None
    for number, line in enumerate(lines(document), 1):
        budget = BUDGET.match(line) or budget
        if not line.strip() or line.startswith("#"):
            continue
        how, function, file = line.split()
        file = file.replace("<machine>", "i386" if build.startswith("i386") else "x86_64")
        hops += 1
        touched.append(file)
        if not (ROOT / file).exists():
            offence(document, number, f"{file} does not exist")
        elif file.endswith(".asm"):
            if not assembly_label(file, function):
                offence(document, number, f"{function} is not in {file}")
        elif file not in homes.get(function, set()):
            offence(document, number,
                    f"{function} is not in {file} but in {homes.get(function, 'no file')}")
        if how == "->" and (here, function) not in edges:
            offence(document, number, f"{here} does not call {function} ({build})")
        if how == "~>" and (here, "__indirect_call") not in edges:
            offence(document, number, f"{here} calls nothing through a pointer ({build})")
        here = function
    crossings = sum(a.split("/")[0] != b.split("/")[0] for a, b in zip(touched, touched[1:]))
    if budget and (hops > int(budget[1]) or len(set(touched)) > int(budget[2])):
        offence(document, 1, f"{hops} hops, {len(set(touched))} files: over its budget")
    return f"{document.stem}: {hops} hops, {len(set(touched))} files, {crossings} crossings"


documents = files(("docs/paths",), ".txt")
summary = []
for build in ("i386", "x86_64") if documents else ():
    graph = call_graph(build)
    summary = [follow(document, build, graph) for document in documents]
finish("\n".join(summary))
