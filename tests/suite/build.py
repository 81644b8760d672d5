"""Builds: with the other compiler, a second time, from a copy elsewhere; and the tools' check.

One of the three stands for all where what is shown is the Makefile's doing, not the sources'.
"""
import re
import shutil
import subprocess

from harness import BUILDS, LOGS, ROOT, Job, Result, command, expect, log_file, vm

PRODUCTS = ("x86_64/quire.elf", "x86_64/initramfs.cpio")


def clang(build):
    """The other compiler makes a kernel that boots; tools/locks.py shows it the others.  (L21)"""
    name = f"build.clang.{build}"
    code, text = command(name, ["make", f"ARCH={build}", "CC=clang", "O=build/clang", "WERROR=1"])
    yield expect(name, code, text)
    name = f"boot.clang.{build}"
    yield expect(name, *vm(name, "--arch", build, "--build", f"build/clang/{build}",
                           append="ktest=page*"), said=r"\nok \d+ page")


def second_make(build):
    """A second make does nothing."""
    name = f"build.again.{build}"
    code, text = command(name, ["make", f"ARCH={build}"])
    yield expect(name, code, text, said="Nothing to be done")


def reproducible():
    """The same commit, built elsewhere, is the same to the byte."""
    copy = LOGS / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    for name in filter(None, map(bytes.decode, listed)):
        if (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    if (ROOT / "build/debian").exists():
        shutil.copytree(ROOT / "build/debian", copy / "build/debian")
    code, _ = command("build.copy", ["make", "-C", copy, "WERROR=1", "ARCH=x86_64"])
    for product in PRODUCTS:
        ours, theirs = ROOT / "build" / product, copy / "build" / product
        same = code == 0 and theirs.exists() and ours.read_bytes() == theirs.read_bytes()
        yield Result(f"build.reproducible.{product}", same,
                     "differs from a build in another folder", log_file("build.copy"))


def same_iso():
    """The same kernels make the same ISO, to the byte."""
    name = "build.reproducible.quire.iso"
    folder = LOGS / "iso"
    shutil.rmtree(folder, ignore_errors=True)
    for build in BUILDS:
        (folder / build).mkdir(parents=True)
        for file in ("quire.elf", "initramfs.cpio"):
            shutil.copyfile(ROOT / "build" / build / file, folder / build / file)
    code, _ = command(name, ["tools/iso", folder])
    same = code == 0 and \
        (folder / "quire.iso").read_bytes() == (ROOT / "build/quire.iso").read_bytes()
    yield Result(name, same, "differs from the one made before", log_file(name))


def checks():
    """Each of the tools' checks is one result."""
    code, text = command("check", ["tools/check"])
    found = re.findall(r"^(not ok|ok) (check\.\w+)", text, re.M)
    for verdict, name in found:
        yield Result(name, verdict == "ok", "see its log", log_file("check"))
    if not found:
        yield Result("check", False, f"status {code}", log_file("check"))


# Mistakes that must not compile: {name: (header, a function that makes it, what GCC says)}.
MISTAKES = {
    "kunmap_local": ("mm/kmap_local.h", "void f(struct page *page) { kunmap_local(page); }",
                     "takes the address, not the page"),
    "kunmap_local_const": ("mm/kmap_local.h",
                           "void f(struct page *page) { kunmap_local((const struct page *)page); }",
                           "takes the address, not the page"),
    "kmap_local_page": ("mm/kmap_local.h", "void f(struct page *page) { kmap_local_page(page); }",
                        "unused"),
}
RIGHT = ("mm/kmap_local.h", "void f(struct page *page) { kunmap_local(kmap_local_page(page)); }")


def compile_text(name, build, header, text):
    source = LOGS / f"{name}.c"
    LOGS.mkdir(parents=True, exist_ok=True)
    source.write_text(f'#include "{header}"\nstatic {text}\nvoid (*use)(struct page *) = f;\n')
    flags = subprocess.run(["make", "-s", f"ARCH={build}", "flags"], cwd=ROOT, check=True,
                           capture_output=True, text=True).stdout.split()
    return command(name, [*flags, "-Werror", "-c", "-o", source.with_suffix(".o"), source])


def mistakes(build):
    """They do not compile, and the same without the mistake does.  (L10)"""
    name = f"build.mistake.{build}"
    yield expect(f"{name}.none", *compile_text(f"{name}.none", build, *RIGHT))
    for mistake, (header, text, said) in MISTAKES.items():
        code, output = compile_text(f"{name}.{mistake}", build, header, text)
        yield Result(f"{name}.{mistake}", code != 0 and said in output,
                     "compiles, or for another reason does not", log_file(f"{name}.{mistake}"))


def jobs():
    yield Job("check", checks, 40)
    yield Job("build.reproducible", reproducible, 30)
    yield Job("build.reproducible.iso", same_iso, 5)
    yield Job("build.clang.x86_64", lambda: clang("x86_64"), 60)
    for build in BUILDS:
        yield Job(f"build.mistake.{build}", lambda b=build: mistakes(b), 2)
        yield Job(f"build.again.{build}", lambda b=build: second_make(b), 1)
