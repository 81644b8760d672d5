/*
 * System V shared memory: segments, who has them attached, and when they end.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"
#include "slurp.h"

enum { PAGE = 4096, KEY = 0x51423301, BYTES = 3 * PAGE - 100 };

static struct shmid_ds status(int id)
{
    struct shmid_ds status = { 0 };
    if (shmctl(id, IPC_STAT, &status))
        status.shm_segsz = (size_t)-1;
    return status;
}

static unsigned long attachments(int id) { return status(id).shm_nattch; }

/* Does a child in which @run runs end with 0? */
static int child(int (*run)(int id, char *at), int id, char *at)
{
    int code;
    pid_t pid = fork();
    if (!pid)
        _exit(run(id, at));
    return waitpid(pid, &code, 0) == pid && code == 0;
}

static void test_get(void)
{
    check_errno(shmget(KEY, PAGE, 0), ENOENT);
    check_errno(shmget(KEY, 0, IPC_CREAT | 0600), EINVAL);
    check_errno(shmget(IPC_PRIVATE, (size_t)-1, 0600), EINVAL);
    int id = shmget(KEY, BYTES, IPC_CREAT | IPC_EXCL | 0640);
    check("a segment is made", id >= 0);
    check_errno(shmget(KEY, PAGE, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
    check("it is found by its key", shmget(KEY, PAGE, IPC_CREAT | 0600) == id);
    check("whatever is said of its size", shmget(KEY, 0, 0) == id && shmget(KEY, BYTES, 0) == id);
    check_errno(shmget(KEY, BYTES + 1, 0), EINVAL);
    struct shmid_ds now = status(id);
    check("it is as it was made", now.shm_segsz == BYTES && now.shm_perm.mode == 0640 &&
                                      now.shm_perm.__key == KEY && now.shm_cpid == getpid());
    check("nobody has had it yet",
          now.shm_nattch == 0 && now.shm_atime == 0 && now.shm_dtime == 0 && now.shm_lpid == 0);
    check("it knows when it was made", now.shm_ctime > 1000);
    int other = shmget(IPC_PRIVATE, PAGE, 0600), third = shmget(IPC_PRIVATE, PAGE, 0600);
    check("private ones are always new", other >= 0 && third >= 0 && other != third);
    check("they go", shmctl(other, IPC_RMID, NULL) == 0 && shmctl(third, IPC_RMID, NULL) == 0);
    check_errno(shmctl(third, IPC_RMID, NULL), EINVAL);
    check_errno(shmctl(-1, IPC_STAT, &now), EINVAL);
    check_errno(shmctl(id, 99, &now), EINVAL);
    check_errno(syscall(SYS_shmat, -1, 0, 0), EINVAL);
    third = shmget(IPC_PRIVATE, PAGE, 0600);
    check("a place is used again, with another number", third != other);
    check_errno(shmctl(other, IPC_STAT, &now), EINVAL);
    check_errno(shmat(other, NULL, 0), EINVAL);
    shmctl(third, IPC_RMID, NULL);
}

static int reads_hello(int id, char *at)
{
    int good = !strcmp(at, "hello") && attachments(id) == 2;
    strcpy(at, "world");
    return !good;
}

static int detaches(int id, char *at) { return !(shmdt(at) == 0 && attachments(id) == 1); }

static int attaches(int id, char *at)
{
    char *own = shmat(id, NULL, 0);
    return !(own != at && !strcmp(own, "world") && attachments(id) == 3);
}

static void test_attach(int id)
{
    char *at = shmat(id, NULL, 0);
    check("it is attached", at != (void *)-1 && ((uintptr_t)at & (PAGE - 1)) == 0);
    check("it is all zeroes", at[0] == 0 && at[BYTES - 1] == 0 && at[3 * PAGE - 1] == 0);
    strcpy(at, "hello");
    struct shmid_ds now = status(id);
    check("that is counted", now.shm_nattch == 1 && now.shm_lpid == getpid());
    check("and the time", now.shm_atime > 1000 && now.shm_dtime == 0);
    check("a child has it, too", child(reads_hello, id, at));
    check("it sees what the child wrote", !strcmp(at, "world"));
    check("the child's end is a detachment", attachments(id) == 1 && status(id).shm_dtime > 1000);
    check("the child may detach its own", child(detaches, id, at) && attachments(id) == 1);
    check("and attach it once more", child(attaches, id, at) && attachments(id) == 1);
    char *again = shmat(id, NULL, SHM_RDONLY);
    check("twice in one program", again != at && !strcmp(again, "world") && attachments(id) == 2);
    check_errno(mprotect(again, PAGE, PROT_READ | PROT_WRITE), EACCES);
    check_errno(shmdt(at + 1), EINVAL);
    check_errno(shmdt(at + PAGE), EINVAL);
    check_errno(shmdt((void *)16), EINVAL);
    check("it goes", shmdt(again) == 0 && attachments(id) == 1);
    check_errno(shmdt(again), EINVAL);
    check("the other is there", !strcmp(at, "world") && shmdt(at) == 0 && attachments(id) == 0);
}

static void test_place(int id)
{
    char *room = mmap(NULL, 16 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(room + 4 * PAGE, 8 * PAGE);
    check_errno(shmat(id, room + 4 * PAGE + 8, 0), EINVAL);
    check("at an address", shmat(id, room + 4 * PAGE, 0) == room + 4 * PAGE);
    check_errno(shmat(id, room + 6 * PAGE, 0), EINVAL);
    check("or below one", shmat(id, room + 7 * PAGE + 99, SHM_RND) == room + 7 * PAGE);
    check_errno(shmat(id, NULL, SHM_REMAP), EINVAL);
    check("or instead of what is there", shmat(id, room + 6 * PAGE, SHM_REMAP) == room + 6 * PAGE);
    check("what is left of the others counts", attachments(id) == 3);
    munmap(room + 7 * PAGE, PAGE);
    check("a hole makes two of one", attachments(id) == 4);
    check("which go together", shmdt(room + 6 * PAGE) == 0 && attachments(id) == 2);
    check("a first part is one, too", shmdt(room + 4 * PAGE) == 0 && attachments(id) == 1);
    check("and a last one", shmdt(room + 7 * PAGE) == 0 && attachments(id) == 0);
    munmap(room, 16 * PAGE);
    check_errno(shmat(id, (void *)(uintptr_t)-PAGE, 0), EINVAL);
}

static void test_change(int id)
{
    struct shmid_ds now = status(id);
    now.shm_perm.mode = 07604;
    now.shm_perm.uid = 12;
    check("rights and owner change", shmctl(id, IPC_SET, &now) == 0);
    now = status(id);
    check("to what was said", (now.shm_perm.mode & 0777) == 0604 && now.shm_perm.uid == 12);
    check("it may be locked",
          shmctl(id, SHM_LOCK, NULL) == 0 && status(id).shm_perm.mode == (SHM_LOCKED | 0604));
    check("and unlocked", shmctl(id, SHM_UNLOCK, NULL) == 0 && status(id).shm_perm.mode == 0604);
    check_errno(syscall(SYS_shmctl, id, IPC_SET, (void *)8), EFAULT);
    check_errno(syscall(SYS_shmctl, id, IPC_STAT & 0xff, (void *)8), EFAULT);
}

static void test_info(int id)
{
    struct shminfo limits;
    struct shm_info used;
    struct shmid_ds now;
    int highest = shmctl(0, IPC_INFO, (struct shmid_ds *)&limits);
    check("there are limits", highest >= 0 && limits.shmmni == 4096 && limits.shmmin == 1);
    check("of Linux's size", limits.shmmax == ULONG_MAX - (1ul << 24));
    check("and sums", shmctl(0, SHM_INFO, (struct shmid_ds *)&used) == highest &&
                          used.used_ids >= 1 && used.shm_tot >= 3 && used.shm_rss >= 1);
    int found = 0;
    for (int index = 0; index <= highest; index++)
        found += shmctl(index, SHM_STAT, &now) == id && now.shm_segsz == BYTES;
    check("it is found by its index", found == 1);
    check_errno(shmctl(highest + 1, SHM_STAT, &now), EINVAL);
}

/* The line of /proc/sysvipc/shm that is about @id begins as it should. */
static int proc_knows(int id)
{
    char wanted[64];
    const char *segments = slurp("/proc/sysvipc/shm");
    snprintf(wanted, sizeof(wanted), "\n%10d %10d   604 %*lu ", KEY, id,
             sizeof(long) == 8 ? 21 : 10, (unsigned long)BYTES);
    return segments && !strncmp(segments, "       key      shmid perms", 27) &&
           strstr(segments, wanted) != NULL;
}

static int leaves_it(int id, char *at)
{
    at = shmat(id, NULL, 0);
    at[0] = 1;
    return shmctl(id, IPC_RMID, NULL);
}

static void test_end(int id)
{
    char *at = shmat(id, NULL, 0);
    const char *maps = slurp("/proc/self/maps");
    check("maps names it", maps && strstr(maps, " /SYSV51423301 (deleted)\n"));
    check("removed, it stays while it is attached", shmctl(id, IPC_RMID, NULL) == 0);
    struct shmid_ds now = status(id);
    check("and says so", now.shm_nattch == 1 && now.shm_perm.mode == (SHM_DEST | 0604));
    check("its key is free", now.shm_perm.__key == IPC_PRIVATE);
    check_errno(shmget(KEY, 0, 0), ENOENT);
    char *again = shmat(id, NULL, 0);
    check("it can even be attached", again != (void *)-1 && again[0] == at[0]);
    shmdt(again);
    check("the last who leaves ends it", shmdt(at) == 0);
    check_errno(shmctl(id, IPC_STAT, &now), EINVAL);
    id = shmget(IPC_PRIVATE, PAGE, 0600);
    check("also by ending", child(leaves_it, id, NULL));
    check_errno(shmctl(id, IPC_STAT, &now), EINVAL);
}

/* A limit on files is none on memory. */
static int makes_some(int id, char *at)
{
    struct rlimit limit = { 1, 1 };
    (void)at;
    setrlimit(RLIMIT_FSIZE, &limit);
    id = shmget(IPC_PRIVATE, BYTES, 0600);
    void *shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return !(shmctl(id, IPC_RMID, NULL) == 0 && shared != MAP_FAILED);
}

int main(void)
{
    test_get();
    int id = shmget(KEY, 0, 0);
    test_attach(id);
    test_place(id);
    test_change(id);
    test_info(id);
    check("/proc/sysvipc/shm knows it", proc_knows(id));
    test_end(id);
    check("RLIMIT_FSIZE is not about memory", child(makes_some, 0, NULL));
    return finish();
}
