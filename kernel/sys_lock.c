/*
 * System calls that lock files: fcntl(2)'s commands for that, and flock(2).
 */
#include "kernel/sys_lock.h"

#include "arch/x86/user_copy.h"
#include "kernel/fs/file_lock.h"
#include "kernel/fs/files.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"

/* Source: fcntl(2), flock(2), Linux uapi asm-generic/fcntl.h. */
enum {
    F_GETLK = 5,
    F_SETLK = 6,
    F_SETLKW = 7,
    F_GETLK64 = 12, /* 64 and up: i386 alone */
    F_SETLK64 = 13,
    F_SETLKW64 = 14,
    F_OFD_GETLK = 36,
    F_OFD_SETLK = 37,
    F_OFD_SETLKW = 38,
    FLOCK_SHARED = 1,
    FLOCK_EXCLUSIVE = 2,
    FLOCK_TRY = 4,
    FLOCK_UNLOCK = 8,
};

/* struct flock, and flock64 which differs from it where words are short. */
struct abi_flock {
    s16 type, whence;
    long start, length;
    int pid;
};

struct abi_flock64 {
    s16 type, whence;
    s64 start, length;
    int pid;
};

/* What a command is about. */
struct command {
    enum { GET, SET, SET_WAIT } what;
    bool is_wide; /* its structure is flock64 */
    bool is_open; /* its locks are the open file's */
};

static bool parse_command(unsigned number, struct command *command)
{
    switch (number) {
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
        *command = (struct command){ .what = number - F_GETLK };
        return true;
    case F_GETLK64:
    case F_SETLK64:
    case F_SETLKW64:
        *command = (struct command){ .what = number - F_GETLK64, .is_wide = true };
        return sizeof(long) < sizeof(s64);
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        *command = (struct command){ number - F_OFD_GETLK, true, true };
        return true;
    default:
        return false;
    }
}

static int copy_in(const struct command *command, const void __user *user, struct abi_flock64 *lock)
{
    struct abi_flock narrow;
    if (command->is_wide)
        return copy_from_user(lock, user, sizeof(*lock)) ? -EFAULT : 0;
    if (copy_from_user(&narrow, user, sizeof(narrow)))
        return -EFAULT;
    *lock =
        (struct abi_flock64){ narrow.type, narrow.whence, narrow.start, narrow.length, narrow.pid };
    return 0;
}

static int copy_out(const struct command *command, void __user *user,
                    const struct abi_flock64 *lock)
{
    if (command->is_wide)
        return copy_to_user(user, lock, sizeof(*lock)) ? -EFAULT : 0;
    if (lock->start != (long)lock->start || lock->length != (long)lock->length)
        return -EOVERFLOW;
    struct abi_flock narrow = { lock->type, lock->whence, (long)lock->start, (long)lock->length,
                                lock->pid };
    return copy_to_user(user, &narrow, sizeof(narrow)) ? -EFAULT : 0;
}

/* The bytes that @user means, in @lock. */
static int set_range(struct file *file, const struct abi_flock64 *user, struct file_lock *lock)
{
    s64 base = 0, start, last;
    if (user->whence == SEEK_CUR)
        base = (s64)file->position;
    else if (user->whence == SEEK_END)
        base = (s64)file->dentry->inode->size;
    else if (user->whence != SEEK_SET)
        return -EINVAL;
    if (__builtin_add_overflow(base, user->start, &start))
        return -EOVERFLOW;
    if (user->length >= 0) {
        if (__builtin_add_overflow(start, user->length - 1, &last))
            return -EOVERFLOW;
        if (!user->length)
            last = INT64_MAX;
    } else {
        last = start - 1;
        start += user->length;
    }
    if (start < 0)
        return -EINVAL;
    lock->start = (u64)start;
    lock->last = (u64)last;
    return 0;
}

static int get(struct file *file, const struct command *command, struct abi_flock64 *user,
               struct file_lock *lock)
{
    if (lock->type == F_UNLCK)
        return -EINVAL;
    file_lock_test(file, lock);
    user->type = lock->type;
    if (lock->type == F_UNLCK)
        return 0;
    user->whence = SEEK_SET;
    user->start = (s64)lock->start;
    user->length = lock->last == INT64_MAX ? 0 : (s64)(lock->last - lock->start + 1);
    user->pid = lock->kind == LOCK_OPEN ? -1 : lock->pid;
    return 0;
}

static int set(struct file *file, const struct command *command, const struct file_lock *lock)
{
    unsigned mode = file->flags & O_ACCMODE;
    if ((lock->type == F_RDLCK && mode == O_WRONLY) || (lock->type == F_WRLCK && mode == O_RDONLY))
        return -EBADF;
    return file_lock_set(file, lock, command->what == SET_WAIT);
}

long fcntl_lock(struct file *file, unsigned number, unsigned long argument)
{
    void __user *user = (void __user *)argument;
    struct abi_flock64 wanted;
    struct command command;
    if (!parse_command(number, &command))
        return -EINVAL;
    int error = copy_in(&command, user, &wanted);
    if (error)
        return error;
    if (wanted.type < F_RDLCK || wanted.type > F_UNLCK || (command.is_open && wanted.pid))
        return -EINVAL;
    struct file_lock lock = {
        .owner = command.is_open ? (void *)file : current->files,
        .pid = current->tgid,
        .kind = command.is_open ? LOCK_OPEN : LOCK_RECORD,
        .type = (u8)wanted.type,
    };
    error = set_range(file, &wanted, &lock);
    if (error)
        return error;
    if (command.what != GET)
        return set(file, &command, &lock);
    error = get(file, &command, &wanted, &lock);
    return error ? error : copy_out(&command, user, &wanted);
}

long sys_flock(int fd, unsigned operation)
{
    unsigned what = operation & ~(unsigned)FLOCK_TRY;
    if (what != FLOCK_SHARED && what != FLOCK_EXCLUSIVE && what != FLOCK_UNLOCK)
        return -EINVAL;
    struct file *file = files_find(current->files, fd);
    if (!file)
        return -EBADF;
    struct file_lock lock = {
        .owner = file,
        .last = INT64_MAX,
        .pid = current->tgid,
        .kind = LOCK_WHOLE,
        .type = F_UNLCK,
    };
    /* Another lock instead of the one that is there: that goes first, as flock(2) says. */
    int error = file->flags & O_PATH ? -EBADF : file_lock_set(file, &lock, false);
    if (!error && what != FLOCK_UNLOCK) {
        lock.type = what == FLOCK_SHARED ? F_RDLCK : F_WRLCK;
        error = file_lock_set(file, &lock, !(operation & FLOCK_TRY));
    }
    file_put(file);
    return error;
}
