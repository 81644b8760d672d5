"""Write cpio archives (newc), good and bad ones, and ELF files that no linker would make."""
import struct

S_IFDIR, S_IFREG = 0o040000, 0o100000


def entry(name, data=b"", mode=S_IFREG | 0o755, inode=1):
    name = name.encode() + b"\0"
    fields = [inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
    header = b"070701" + b"".join(b"%08x" % field for field in fields)
    out = header + name
    out += bytes(-len(out) % 4) + data
    return out + bytes(-len(out) % 4)


def archive(files):
    """@files: {name: bytes}, None for a directory."""
    out = b""
    for inode, (name, data) in enumerate(files.items(), 1):
        out += entry(name, data or b"", S_IFDIR | 0o755 if data is None else S_IFREG | 0o755, inode)
    return out + entry("TRAILER!!!", mode=0)


def members(data):
    """{name: bytes} of an archive."""
    found, at = {}, 0
    while True:
        fields = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        start = at + 110
        name = data[start:start + fields[11] - 1].decode()
        body = start + fields[11]
        body += -body % 4
        if name == "TRAILER!!!":
            return found
        found[name] = data[body:body + fields[6]]
        at = body + fields[6]
        at += -at % 4


class Elf:
    """A program's file, to change its program headers."""

    def __init__(self, data):
        self.data = bytearray(data)
        self.wide = data[4] == 2
        self.table, = struct.unpack_from("<Q" if self.wide else "<I", data, 32 if self.wide else 28)
        self.size, self.count = struct.unpack_from("<HH", data, 54 if self.wide else 42)

    def segment(self, index):
        """Offset of loadable segment @index's program header."""
        loads = [at for at in range(self.table, self.table + self.size * self.count, self.size)
                 if struct.unpack_from("<I", self.data, at) == (1,)]
        return loads[index]

    def put(self, field, value, index=0):
        """Set @field (offset, vaddr, file_bytes, memory_bytes) of loadable segment @index."""
        places = {"offset": (4, 8), "vaddr": (8, 16), "file_bytes": (16, 32),
                  "memory_bytes": (20, 40)}
        at = self.segment(index) + places[field][self.wide]
        mask = 2**64 - 1 if self.wide else 2**32 - 1
        struct.pack_into("<Q" if self.wide else "<I", self.data, at, value & mask)
        return self

    def bytes(self):
        return bytes(self.data)
