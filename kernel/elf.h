/*
 * ELF: the format of program files, as far as starting one needs it.
 *
 *     +--------+------------------+-----------------------------------+
 *     | header | program headers  | code, data ... (and what linkers  |
 *     |        | (the segments)   | and debuggers want)               |
 *     +--------+------------------+-----------------------------------+
 *
 * A segment says: these bytes of the file go to this address with these rights, followed by
 * zeroes up to that size.  A dynamic program also names its interpreter, the dynamic linker: that
 * is a second file of this format, which is loaded beside it and started in its stead.
 *
 * Pure functions over bytes already read; a plan that comes out of them, and was moved to its
 * place, can be followed without looking back: every address is the user's, nothing wraps, no two
 * pieces overlap.  They may share a page.
 *
 * Source: System V ABI, chapters 4 "Object Files" and 5 "Program Loading".
 */
#ifndef KERNEL_ELF_H
#define KERNEL_ELF_H

#include "lib/annotate.h"
#include "lib/types.h"
#include "machine/abi.h"

enum {
    ELF_SEGMENTS_MAX = 64, /* program headers a file may have */
    ELF_INTERPRETER_BYTES_MAX = 4096,
    ELF_DATA_LITTLE = 1,
    ELF_TYPE_EXEC = 2,    /* at fixed addresses */
    ELF_TYPE_DYNAMIC = 3, /* anywhere: a position-independent program, or a shared object */
};

enum elf_segment_type {
    ELF_LOAD = 1,
    ELF_DYNAMIC = 2,
    ELF_INTERPRETER = 3,
    ELF_PROGRAM_HEADERS = 6,
    ELF_GNU_STACK = 0x6474e551,
};

enum elf_segment_flags {
    ELF_EXEC = 1 << 0,
    ELF_WRITE = 1 << 1,
    ELF_READ = 1 << 2,
};

struct elf_header {
    u8 magic[4];
    u8 class, data, version, abi;
    u8 pad[8];
    u16 type, machine;
    u32 format_version;
    elf_word entry;
    elf_word segments_offset;
    elf_word sections_offset;
    u32 flags;
    u16 header_bytes;
    u16 segment_bytes, segments;
    u16 section_bytes, sections, section_names;
};

/* One piece of the file to be put into memory. */
struct elf_piece {
    vaddr_t address;
    size_t memory_bytes;
    size_t file_bytes;
    u64 offset;
    unsigned prot; /* PROT_READ, PROT_WRITE, PROT_EXEC */
};

/* All that exec has to do for a program. */
struct elf_plan {
    const char *why; /* after -ENOEXEC: what is wrong */
    vaddr_t entry;
    vaddr_t headers;       /* where the program headers are in memory; 0: nowhere */
    unsigned header_count; /* of them */
    bool is_movable;       /* ELF_TYPE_DYNAMIC */
    size_t align;          /* what its place must be a multiple of, a power of 2 */
    vaddr_t start, end;    /* all pieces, in whole pages */
    u64 interpreter_offset;
    size_t interpreter_bytes; /* its path in the file, with a zero; 0: it has no interpreter */
    bool stack_is_exec;
    unsigned pieces;
    struct elf_piece piece[ELF_SEGMENTS_MAX]; /* by address */
};

/*
 * Is @header, the start of a file of @file_bytes bytes, that of a program for this machine, with
 * its program headers inside the file?
 *
 * Returns: NULL: yes; or what is wrong with it.
 */
const char *elf_check(const struct elf_header *header, u64 file_bytes) MUST_CHECK;

/*
 * Make a plan of the program headers @segment[0..@header->segments) of a checked header.  One that
 * is movable has the addresses of the file, and is to be moved.
 *
 * Returns: 0; -ENOEXEC, and @plan->why says what is wrong with them.
 */
int elf_plan(const struct elf_header *header, const struct elf_segment *segment, u64 file_bytes,
             struct elf_plan *plan) MUST_CHECK;

/*
 * Move @plan, which is movable, to @place, a multiple of its alignment: its first address is as
 * far from there as it was from a multiple.
 *
 * Returns: 0; -ENOEXEC: it does not fit there.
 */
int elf_move(struct elf_plan *plan, vaddr_t place) MUST_CHECK;

#endif
