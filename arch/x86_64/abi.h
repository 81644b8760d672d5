/*
 * What a program sees of this machine: the x86-64's file format, system call numbers and
 * structures, as Linux has them.
 *
 * Source: System V ABI, AMD64 supplement; Linux uapi asm/stat.h, asm/unistd_64.h.
 */
#ifndef MACHINE_ABI_H
#define MACHINE_ABI_H

#include "lib/types.h"

#define MACHINE_NAME       "x86_64"
#define ELF_CLASS          2              /* ELFCLASS64 */
#define ELF_MACHINE        62             /* EM_X86_64 */
#define ELF_DYNAMIC_BASE   0x555555554000 /* where a program that may be anywhere is put */
#define SIGNAL_FRAME_BYTES 3632           /* AT_MINSIGSTKSZ: what a handler's frame takes at most */

/* Random addresses: how many pages they may be off. */
#define MMAP_RANDOM_PAGES  (1ul << 28)
#define STACK_RANDOM_PAGES (1ul << 22)

typedef u64 elf_word; /* an address, offset or size in an ELF file */

struct elf_segment {
    u32 type;
    u32 flags;
    u64 offset;
    u64 address;
    u64 physical;
    u64 file_bytes;
    u64 memory_bytes;
    u64 align;
};

/* Which rows of kernel/syscalls.def this machine has. */
#define SYSCALL_BOTH(x86_64, i386, name, handler, arguments) \
    SYSCALL(x86_64, name, handler, arguments)
#define SYSCALL_X86_64(number, name, handler, arguments) SYSCALL(number, name, handler, arguments)
#define SYSCALL_I386(number, name, handler, arguments)

enum { SYSCALL_LIMIT = 512 };

/* struct stat, for stat(), fstat(), lstat() and newfstatat(). */
struct abi_stat {
    u64 device;
    u64 inode;
    u64 links;
    u32 mode, uid, gid, pad;
    u64 node_device;
    s64 size;
    s64 block_bytes;
    u64 blocks; /* of 512 bytes */
    s64 atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
    s64 unused[3];
};

static_assert(sizeof(struct abi_stat) == 144, "as programs know it");

/* struct statfs. */
struct abi_statfs {
    s64 type, block_bytes;
    u64 blocks, free, available, files, files_free;
    u32 id[2];
    s64 name_bytes, fragment_bytes, flags;
    s64 spare[4];
};

#endif
