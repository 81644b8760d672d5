/*
 * Locks that programs put on files: fcntl(2)'s record locks, its locks of open file descriptions,
 * and flock(2)'s.
 *
 *     kind          | on             | whose                    | goes with
 *    ---------------+----------------+--------------------------+-------------------------------
 *     LOCK_RECORD   | a range        | a table of open files    | any descriptor of the file
 *     LOCK_OPEN     | a range        | an open file             | its last descriptor
 *     LOCK_WHOLE    | the whole file | an open file             | its last descriptor
 *
 * The first two exclude each other; LOCK_WHOLE is apart.
 */
#ifndef KERNEL_FS_FILE_LOCK_H
#define KERNEL_FS_FILE_LOCK_H

#include "lib/annotate.h"
#include "lib/list.h"
#include "lib/types.h"

struct file;
struct files;

enum lock_kind { LOCK_RECORD, LOCK_OPEN, LOCK_WHOLE };

/* Source: fcntl(2). */
enum lock_type { F_RDLCK, F_WRLCK, F_UNLCK };

/* One lock, or a wish for one. */
struct file_lock {
    struct list_node node; /* among its inode's */
    const void *owner;     /* a struct files or file */
    u64 start, last;       /* bytes, the last one included */
    int pid;               /* of who asked for it */
    u8 kind;               /* enum lock_kind */
    u8 type;               /* enum lock_type */
};

/*
 * Do what @wanted says: lock, change or unlock its range.  @waits: as soon as nobody else's lock
 * is in the way.
 *
 * Returns: 0; -EAGAIN: one is; -EDEADLK: its owner waits for us; -EINTR, -ENOMEM.  Sleeps.
 */
int file_lock_set(struct file *file, const struct file_lock *wanted, bool waits) MUST_CHECK;

/* Tell in *@lock which lock would be in the way of it: its type F_UNLCK says none.  Sleeps. */
void file_lock_test(struct file *file, struct file_lock *lock);

/* @files has closed a descriptor of @file; @file itself is closed.  Sleeps. */
void file_lock_leave(struct file *file, const struct files *files);
void file_lock_close(struct file *file);

#endif
