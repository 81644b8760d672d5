/*
 * A boot loader that lies: it starts Quire with memory maps that no decent firmware would hand out.
 *
 * QEMU starts it in place of the kernel.  Its initrd holds the kernel and the kernel's initrd,
 * behind a header (tests/suite/bad_input.py writes it); the first word of its command line names
 * the map, the rest is the kernel's.  It copies the kernel's segments to their places and enters
 * it by its PVH note, as QEMU would have.
 *
 * The true machine has 256 MiB.  Whatever the map, it covers what the loader passes on.
 */
#include <stdint.h>

typedef uint32_t u32;
typedef uint64_t u64;

struct start_info {
    u32 magic, version, flags, module_count;
    u64 modules, command_line, rsdp, memory_map;
    u32 memory_map_count, reserved;
};

struct module {
    u64 start, bytes, command_line, reserved;
};

struct range {
    u64 start, bytes;
    u32 kind, reserved;
};

struct package {
    char magic[4];
    u32 kernel_bytes, initrd_bytes; /* each starts on a page; the first on the page behind this */
};

enum { RAM = 1, RESERVED = 2, PAGE = 4096, MIB = 1 << 20, RANGES = 12 };
enum { SEGMENT_LOAD = 1, SEGMENT_NOTE = 4, NOTE_ENTRY = 18 };

void start_kernel(u32 entry, const struct start_info *info) __attribute__((noreturn));
void load(struct start_info *theirs) __attribute__((noreturn));

static const struct map {
    const char *name;
    u32 count;
    struct range ranges[RANGES];
} maps[] = {
    { "good",
      3,
      { { 0, 0x9fc00, RAM }, { 0xf0000, 0x10000, RESERVED }, { MIB, 255u * MIB, RAM } } },
    { "none", 0, { { 0 } } },
    { "reserved", 2, { { 0, MIB, RESERVED }, { MIB, 255u * MIB, RESERVED } } },
    { "overlapping",
      6,
      { { 0, 0x9fc00, RAM },
        { MIB, 255u * MIB, RAM },
        { 64u * MIB, 64u * MIB, RAM },
        { 0x8000, 4u * MIB / 1024, RAM },
        { 32u * MIB, 8u * MIB, RESERVED },
        { 36u * MIB, 8u * MIB, RESERVED } } },
    { "unsorted",
      5,
      { { 128u * MIB, 128u * MIB, RAM },
        { 0xf0000, 0x10000, RESERVED },
        { 16u * MIB, 112u * MIB, RAM },
        { 0, 0x9fc00, RAM },
        { MIB, 15u * MIB, RAM } } },
    { "holes",
      6,
      { { 0, 0x9fc00, RAM },
        { MIB, 31u * MIB, RAM },
        { 40u * MIB, 3u * MIB, RAM },
        { 50u * MIB, PAGE, RAM },
        { 60u * MIB, 20u * MIB, RAM },
        { 128u * MIB, 128u * MIB, RAM } } },
    { "absurd",
      11,
      { { 0, 0x9fc00, RAM },
        { MIB, 255u * MIB, RAM },
        { 300u * MIB, 0, RAM },
        { 0xfffffffffffff000, 0x2000, RAM },
        { 0xffffffffffffffff, 0xffffffffffffffff, RAM },
        { 1ull << 60, 1ull << 40, RAM },
        { 20u * MIB + 1, 1, RESERVED },
        { 21u * MIB + 5, 7, 77 },
        { 22u * MIB, 3u * MIB, 0 },
        { 1ull << 51, 0xffffffffffffffff, 99 },
        { 400u * MIB + 3, 2, RAM } } },
};

static struct start_info info;
static struct module module;

static void copy(u32 to, u32 from, u32 bytes)
{
    while (bytes--)
        *(volatile char *)to++ = *(const char *)from++;
}

static void clear(u32 to, u32 bytes)
{
    while (bytes--)
        *(volatile char *)to++ = 0;
}

static u32 word(u32 address) { return *(const u32 *)address; }
static u32 half(u32 address) { return *(const uint16_t *)address; }

/* Where the fields of a program header are, in an ELF file of 32 or of 64 bits. */
static const struct fields {
    u32 table, entry_bytes, count, offset, phys, file_bytes, memory_bytes;
} fields[] = { { 28, 42, 44, 4, 12, 16, 20 }, { 32, 54, 56, 8, 24, 32, 40 } };

/* Copy the segment of program header @header; or, if it is the notes, return the PVH entry. */
static u32 load_segment(u32 elf, u32 header, const struct fields *f)
{
    u32 from = elf + word(header + f->offset), phys = word(header + f->phys);
    u32 file_bytes = word(header + f->file_bytes);

    if (word(header) == SEGMENT_LOAD) {
        copy(phys, from, file_bytes);
        clear(phys + file_bytes, word(header + f->memory_bytes) - file_bytes);
    }
    return word(header) == SEGMENT_NOTE && word(from + 8) == NOTE_ENTRY ? word(from + 16) : 0;
}

/* Load the ELF file at @elf; returns its PVH entry. */
static u32 load_elf(u32 elf)
{
    const struct fields *f = &fields[*(const char *)(elf + 4) == 2];
    u32 header = elf + word(elf + f->table), size = half(elf + f->entry_bytes), entry = 0;

    for (u32 i = 0; i < half(elf + f->count); i++) {
        u32 found = load_segment(elf, header + i * size, f);
        entry = found ? found : entry;
    }
    return entry;
}

/* Does the text start with the word @name?  Then what follows it. */
static const char *after_word(const char *text, const char *name)
{
    while (*name && *text == *name)
        text++, name++;
    if (*name || (*text && *text != ' '))
        return 0;
    return *text ? text + 1 : text;
}

void load(struct start_info *theirs)
{
    const struct module *given = (const struct module *)(u32)theirs->modules;
    const struct package *package = (const struct package *)(u32)given->start;
    u32 kernel = (u32)given->start + PAGE;

    info = *theirs;
    for (u32 i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        const char *rest = after_word((const char *)(u32)theirs->command_line, maps[i].name);
        if (!rest)
            continue;
        info.command_line = (u32)rest;
        info.memory_map = maps[i].count ? (u32)maps[i].ranges : 0;
        info.memory_map_count = maps[i].count;
    }
    module.start = kernel + ((package->kernel_bytes + PAGE - 1) & -PAGE);
    module.bytes = package->initrd_bytes;
    info.modules = (u32)&module;
    info.module_count = 1;
    start_kernel(load_elf(kernel), &info);
}
