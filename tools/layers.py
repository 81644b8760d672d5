#!/usr/bin/python3
"""Check that every #include goes down.  The ranks are in tools/layers.txt."""
import fnmatch
import sys

from source import ALL, MACHINES, ROOT, files, finish, includes, lines, offence

rules = [line.split() for line in lines("tools/layers.txt")
         if line.strip() and not line.startswith("#")]
graph = {}


def rank(path):
    for number, glob in rules:
        if fnmatch.fnmatch(path, glob):
            return int(number)
    return None


def targets(path, name):
    """What @name means in @path: machine/... is a file of each machine that can include it."""
    if not name.startswith("machine/"):
        return [name]
    own = [m for m in MACHINES if path.startswith(f"arch/{m}/")]
    return [name.replace("machine", f"arch/{m}", 1) for m in own or MACHINES]


def check(path):
    mine = rank(path)
    if mine is None:
        offence(path, 1, "has no layer: give it one in tools/layers.txt")
        return
    graph[path] = []
    for number, name in includes(path):
        for target in targets(path, name):
            if not target.startswith("gen/") and not (ROOT / target).exists():
                offence(path, number, f"includes {target}, which does not exist")
                continue
            graph[path].append(target)
            theirs = rank(target)
            if theirs is None or theirs > mine:
                offence(path, number, f"includes {target}, which is above it "
                                      f"(rank {mine} -> {theirs})")


def cycles():
    done, stack = set(), []

    def visit(node):
        if node in stack:
            offence(node, 1, "includes itself: " + " -> ".join(stack[stack.index(node):] + [node]))
        elif node not in done:
            stack.append(node)
            for target in graph.get(node, []):
                visit(target)
            stack.pop()
            done.add(node)

    for node in sorted(graph):
        visit(node)


sys.setrecursionlimit(10000)
sources = [p for p in files(ALL, ".c", ".h")
           if not str(p).startswith(("user/", "tests/user/", "tests/host/"))]
for source in sources:
    check(str(source))
cycles()
finish(f"{len(sources)} files, {sum(map(len, graph.values()))} includes, none goes up")
