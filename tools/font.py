#!/usr/bin/python3
"""Turn a console font (PSF 1 or 2, maybe gzipped) into a C header with its ASCII glyphs.

    tools/font.py FONT.psfu.gz >build/.../gen/font.h

Source: the PSF format, as the kbd package's documentation describes it (font-formats).
"""
import gzip
import struct
import sys

FIRST, LAST = 0x20, 0x7e


def glyphs_psf1(data):
    """Width, height, the glyphs' bytes, and which glyph shows a code point."""
    _, mode, height = struct.unpack_from("<HBB", data)
    count = 512 if mode & 1 else 256
    glyphs = [data[4 + i * height:4 + (i + 1) * height] for i in range(count)]
    table, index, at = {}, 0, 4 + count * height
    while mode & 2 and index < count:
        (code,) = struct.unpack_from("<H", data, at)
        at += 2
        if code == 0xffff:
            index += 1
        elif code != 0xfffe:
            table.setdefault(code, index)
    return 8, height, glyphs, table


def glyphs_psf2(data):
    _, header, flags, count, size, height, width = struct.unpack_from("<4x7I", data)
    glyphs = [data[header + i * size:header + (i + 1) * size] for i in range(count)]
    table = {}
    if flags & 1:
        for index, entry in enumerate(data[header + count * size:].split(b"\xff")[:count]):
            for char in entry.split(b"\xfe")[0].decode("utf-8", "ignore"):
                table.setdefault(ord(char), index)
    return width, height, glyphs, table


def main():
    path = sys.argv[1]
    try:
        data = open(path, "rb").read()
    except OSError as error:
        sys.exit(f"font.py: {error}: install fonts-spleen (make deps does)")
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if data[:4] == b"\x72\xb5\x4a\x86":
        width, height, glyphs, table = glyphs_psf2(data)
    elif data[:2] == b"\x36\x04":
        width, height, glyphs, table = glyphs_psf1(data)
    else:
        sys.exit(f"font.py: {path} is no PSF font")
    if width != 8:
        sys.exit(f"font.py: {path} is {width} pixels wide, not 8")

    print("/* Written by tools/font.py: a font's ASCII glyphs, a byte a row, leftmost pixel "
          "in bit 7. */")
    print('#include "lib/types.h"\n')
    print(f"enum {{ FONT_FIRST = {FIRST}, FONT_LAST = {LAST}, FONT_WIDTH = 8, "
          f"FONT_HEIGHT = {height} }};\n")
    print("static const u8 font_glyphs[FONT_LAST - FONT_FIRST + 1][FONT_HEIGHT] = {")
    for code in range(FIRST, LAST + 1):
        glyph = glyphs[table.get(code, code)]
        rows = ", ".join(f"0x{row:02x}" for row in glyph)
        print(f"    {{ {rows} }}, /* {chr(code) if chr(code) not in '*/' else 'U+%02x' % code} */")
    print("};")


main()
