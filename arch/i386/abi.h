/*
 * What a program sees of this machine: the i386's file format, system call numbers and
 * structures, as Linux has them.
 *
 * Source: System V ABI, Intel386 supplement; Linux uapi asm/stat.h, asm/unistd_32.h.
 */
#ifndef MACHINE_ABI_H
#define MACHINE_ABI_H

#include "lib/annotate.h"
#include "lib/types.h"

#define MACHINE_NAME       "i686"
#define ELF_CLASS          1          /* ELFCLASS32 */
#define ELF_MACHINE        3          /* EM_386 */
#define ELF_DYNAMIC_BASE   0x56555000 /* where a program that may be anywhere is put */
#define SIGNAL_FRAME_BYTES 3632       /* AT_MINSIGSTKSZ: what a handler's frame takes at most */

/* Random addresses: how many pages they may be off. */
#define MMAP_RANDOM_PAGES  (1ul << 8)
#define STACK_RANDOM_PAGES (1ul << 11)

typedef u32 elf_word; /* an address, offset or size in an ELF file */

struct elf_segment {
    u32 type;
    u32 offset;
    u32 address;
    u32 physical;
    u32 file_bytes;
    u32 memory_bytes;
    u32 flags;
    u32 align;
};

/* Which rows of kernel/syscalls.def this machine has. */
#define SYSCALL_BOTH(x86_64, i386, name, handler, arguments) SYSCALL(i386, name, handler, arguments)
#define SYSCALL_X86_64(number, name, handler, arguments)
#define SYSCALL_I386(number, name, handler, arguments) SYSCALL(number, name, handler, arguments)

enum { SYSCALL_LIMIT = 512 };

/* struct stat64, for stat64(), fstat64(), lstat64() and fstatat64(). */
struct abi_stat {
    u64 device;
    u32 pad0;
    u32 inode_low; /* nobody reads it */
    u32 mode, links, uid, gid;
    u64 node_device;
    u32 pad1;
    s64 size;
    u32 block_bytes;
    u64 blocks; /* of 512 bytes */
    u32 atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
    u64 inode;
} PACKED;

static_assert(sizeof(struct abi_stat) == 96, "as programs know it");

/* struct statfs64. */
struct abi_statfs {
    u32 type, block_bytes;
    u64 blocks, free, available, files, files_free;
    u32 id[2];
    u32 name_bytes, fragment_bytes, flags;
    u32 spare[4];
} PACKED;

static_assert(sizeof(struct abi_statfs) == 84, "as programs know it");

#endif
