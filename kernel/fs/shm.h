/*
 * System V shared memory: segments, files without a name that programs find by a number.
 *
 * A segment is there until it was removed (IPC_RMID) and nobody has it attached any more.  Each
 * vma that shows it counts as one attachment: so fork() adds some, exec and exit take them away.
 */
#ifndef KERNEL_FS_SHM_H
#define KERNEL_FS_SHM_H

#include "lib/annotate.h"
#include "lib/types.h"

struct dentry;
struct mm;

/* Source: shmget(2), shmat(2), shmctl(2), Linux uapi ipc.h and shm.h. */
enum {
    IPC_PRIVATE = 0,
    IPC_CREAT = 01000,
    IPC_EXCL = 02000,
    SHM_HUGETLB = 04000,
    SHM_RDONLY = 010000,
    SHM_RND = 020000,
    SHM_REMAP = 040000,
    SHM_EXEC = 0100000,
    SHM_DEST = 01000,   /* of its mode: it was removed */
    SHM_LOCKED = 02000, /* and it is to stay in memory, as all here does */
    SHM_SEGMENTS = 4096,
    SHM_BYTES_MIN = 1,
};
#define SHM_BYTES_MAX (SIZE_MAX - (1ul << 24))

/* What is known of a segment. */
struct shm_status {
    int id, key;
    size_t bytes;
    u32 uid, gid, creator_uid, creator_gid;
    u32 mode; /* rights, SHM_DEST, SHM_LOCKED */
    u16 sequence;
    u64 attached_s, detached_s, changed_s; /* since 1970; 0: never */
    int creator, last;                     /* processes */
    unsigned long attachments;
    unsigned long pages; /* that are there */
};

/* What all segments take. */
struct shm_totals {
    unsigned segments;
    int highest; /* index; -1: there are none */
    unsigned long pages, resident;
};

/* What may be changed of a segment. */
struct shm_change {
    u32 uid, gid, mode; /* if sets_owner */
    bool sets_owner, removes, locks, unlocks;
};

/*
 * The segment with @key, of at least @bytes; @flags say whether it may be, or has to be, a new one.
 *
 * Returns: its id, -ENOENT, -EEXIST, -EINVAL (its size), -ENOSPC (too many), -ENOMEM.  Sleeps.
 */
int shm_get(int key, size_t bytes, unsigned flags) MUST_CHECK;

/*
 * Map segment @id in the current address space at @address, or where there is room if that is 0.
 *
 * Returns: 0 and *@place; -EINVAL, -ENOMEM, -EPERM.  Sleeps.
 */
int shm_attach(int id, vaddr_t address, unsigned flags, vaddr_t *place) MUST_CHECK;

/* Take the segment that was attached at @address out of @mm.  0 or -EINVAL.  Sleeps. */
int shm_detach(struct mm *mm, vaddr_t address) MUST_CHECK;

/* What segment @id is like, or the one that has @id's place in the table now; or -EINVAL. */
int shm_find_status(int id, struct shm_status *status) MUST_CHECK;
int shm_index_status(int id, struct shm_status *status) MUST_CHECK;

int shm_change(int id, const struct shm_change *change) MUST_CHECK;
struct shm_totals shm_count(void);

#endif
