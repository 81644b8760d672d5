/*
 * System calls about System V shared memory: shmget(2), shmat(2), shmctl(2), ipc(2).
 */
#include "kernel/fs/proc_entry.h"
#include "kernel/fs/shm.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/mm.h"

/* Source: shmctl(2), Linux uapi ipc.h. */
enum {
    IPC_RMID = 0,
    IPC_SET = 1,
    IPC_STAT = 2,
    IPC_INFO = 3,
    SHM_LOCK = 11,
    SHM_UNLOCK = 12,
    SHM_STAT = 13,
    SHM_INFO = 14,
    SHM_STAT_ANY = 15,
    IPC_64 = 0x100, /* of ipc()'s shmctl(): the structures are those below */
};

/* The calls that ipc(2) stands for, those about memory; the others are not there. */
enum { IPC_SHMAT = 21, IPC_SHMDT = 22, IPC_SHMGET = 23, IPC_SHMCTL = 24 };

/* A time takes so many words. */
enum { TIME_WORDS = 8 / sizeof(long) };

/* Source: Linux uapi asm-generic/ipcbuf.h, shmbuf.h; i386 has 16 bits of mode, and 16 unused. */
struct abi_ipc_perm {
    int key;
    u32 uid, gid, creator_uid, creator_gid;
    u32 mode;
    u16 sequence, pad;
    unsigned long unused[2];
};

struct abi_shmid {
    struct abi_ipc_perm perm;
    size_t bytes;
    unsigned long attached[TIME_WORDS], detached[TIME_WORDS], changed[TIME_WORDS];
    int creator, last;
    unsigned long attachments;
    unsigned long unused[2];
};

static_assert(sizeof(struct abi_shmid) == (sizeof(long) == 8 ? 112 : 84), "as programs know it");

struct abi_shminfo {
    unsigned long bytes_max, bytes_min, segments, per_process, pages_max;
    unsigned long unused[4];
};

struct abi_shm_info {
    int used;
    unsigned long total, resident, swapped, swap_attempts, swap_successes;
};

long sys_shmget(int key, size_t bytes, unsigned flags) { return shm_get(key, bytes, flags); }

long sys_shmat(int id, vaddr_t address, unsigned flags)
{
    vaddr_t place;
    int error = shm_attach(id, address, flags, &place);
    return error ? error : (long)place;
}

long sys_shmdt(vaddr_t address) { return shm_detach(current->mm, address); }

static void put_time(unsigned long *words, u64 seconds)
{
    words[0] = (unsigned long)seconds;
    if (TIME_WORDS > 1)
        words[TIME_WORDS - 1] = (unsigned long)(seconds >> 32);
}

static long put_status(const struct shm_status *status, void __user *user)
{
    struct abi_shmid shmid = {
        .perm = { status->key,
                  status->uid,
                  status->gid,
                  status->creator_uid,
                  status->creator_gid,
                  status->mode,
                  status->sequence,
                  0,
                  { 0, 0 } },
        .bytes = status->bytes,
        .creator = status->creator,
        .last = status->last,
        .attachments = status->attachments,
    };
    put_time(shmid.attached, status->attached_s);
    put_time(shmid.detached, status->detached_s);
    put_time(shmid.changed, status->changed_s);
    return copy_to_user(user, &shmid, sizeof(shmid)) ? -EFAULT : 0;
}

static long put_limits(void __user *user)
{
    const struct abi_shminfo info = { .bytes_max = SHM_BYTES_MAX,
                                      .bytes_min = SHM_BYTES_MIN,
                                      .segments = SHM_SEGMENTS,
                                      .per_process = SHM_SEGMENTS,
                                      .pages_max = SHM_BYTES_MAX };
    if (copy_to_user(user, &info, sizeof(info)))
        return -EFAULT;
    return max(shm_count().highest, 0);
}

static long put_totals(void __user *user)
{
    const struct shm_totals totals = shm_count();
    const struct abi_shm_info info = { .used = (int)totals.segments,
                                       .total = totals.pages,
                                       .resident = totals.resident };
    if (copy_to_user(user, &info, sizeof(info)))
        return -EFAULT;
    return max(totals.highest, 0);
}

static long set(int id, const void __user *user)
{
    struct abi_shmid shmid;
    if (copy_from_user(&shmid, user, sizeof(shmid)))
        return -EFAULT;
    return shm_change(id, &(struct shm_change){
                              .uid = shmid.perm.uid,
                              .gid = shmid.perm.gid,
                              .mode = shmid.perm.mode,
                              .sets_owner = true,
                          });
}

/* The three that tell what a segment is like; those by index answer with its id. */
static long stat(int id, int command, void __user *user)
{
    struct shm_status status;
    const bool by_index = command != IPC_STAT;
    long result = by_index ? shm_index_status(id, &status) : shm_find_status(id, &status);
    if (!result)
        result = put_status(&status, user);
    return result || !by_index ? result : status.id;
}

long sys_shmctl(int id, int command, void __user *user)
{
    if (id < 0)
        return -EINVAL;
    switch (command) {
    case IPC_INFO:
        return put_limits(user);
    case SHM_INFO:
        return put_totals(user);
    case IPC_STAT:
    case SHM_STAT:
    case SHM_STAT_ANY:
        return stat(id, command, user);
    case IPC_SET:
        return set(id, user);
    case IPC_RMID:
        return shm_change(id, &(struct shm_change){ .removes = true });
    case SHM_LOCK:
    case SHM_UNLOCK:
        return shm_change(id, &(struct shm_change){ .locks = command == SHM_LOCK,
                                                    .unlocks = command == SHM_UNLOCK });
    default:
        return -EINVAL;
    }
}

/* ipc(SHMAT): the address goes to where @result points, as it may look like an error. */
static long attach_and_tell(int id, vaddr_t address, unsigned flags, unsigned long __user *result)
{
    vaddr_t place;
    int error = shm_attach(id, address, flags, &place);
    if (error)
        return error;
    return put_user((unsigned long)place, result);
}

/* Without IPC_64 programs older than Linux 2.4 ask, with structures of 16 bits. */
static long old_shmctl(int id, unsigned command, void __user *user)
{
    const int plain = (int)(command & ~(unsigned)IPC_64);
    const bool has_structure = plain != IPC_RMID && plain != SHM_LOCK && plain != SHM_UNLOCK;
    return has_structure && !(command & IPC_64) ? -EINVAL : sys_shmctl(id, plain, user);
}

long sys_ipc(unsigned call, int first, unsigned long second, unsigned long third, void __user *user)
{
    const unsigned version = call >> 16;
    switch (call & 0xffff) {
    case IPC_SHMAT:
        if (version == 1)
            return -EINVAL;
        return attach_and_tell(first, (vaddr_t)user, (unsigned)second,
                               (unsigned long __user *)third);
    case IPC_SHMDT:
        return shm_detach(current->mm, (vaddr_t)user);
    case IPC_SHMGET:
        return shm_get(first, second, (unsigned)third);
    case IPC_SHMCTL:
        return old_shmctl(first, (unsigned)second, user);
    default:
        return -ENOSYS;
    }
}

/* --- /proc/sysvipc/shm ------------------------------------------------------------------------ */

int proc_show_shm(struct text *text, struct task *task)
{
    enum { SIZE_COLUMNS = sizeof(long) == 8 ? 21 : 10 };
    struct shm_status status;
    text_add(text,
             "       key      shmid perms                  size  cpid  lpid nattch   uid   gid"
             "  cuid  cgid      atime      dtime      ctime                   rss"
             "                  swap\n");
    for (int index = 0; index < SHM_SEGMENTS; index++) {
        if (shm_index_status(index, &status))
            continue;
        text_add(text, "%10d %10d  %4o %*lu %5u %5u  %5lu %5u %5u %5u %5u", status.key, status.id,
                 status.mode, SIZE_COLUMNS, (unsigned long)status.bytes, (unsigned)status.creator,
                 (unsigned)status.last, status.attachments, status.uid, status.gid,
                 status.creator_uid, status.creator_gid);
        text_add(text, " %10llu %10llu %10llu %*lu %*lu\n", (unsigned long long)status.attached_s,
                 (unsigned long long)status.detached_s, (unsigned long long)status.changed_s,
                 SIZE_COLUMNS, status.pages << PAGE_SHIFT, SIZE_COLUMNS, 0ul);
    }
    return 0;
}
