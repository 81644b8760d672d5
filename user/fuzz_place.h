/*
 * Where the fuzzer's workers live: a file system of their own, which is taken down with all that
 * they left.
 */
#ifndef USER_FUZZ_PLACE_H
#define USER_FUZZ_PLACE_H

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>

#define PLACE "/tmp/fuzz"

static _Noreturn void place_failed(const char *why)
{
    printf("fuzz: FAILED: where the workers live: %s\n", why);
    exit(1);
}

static void set_up_place(void)
{
    mkdir("/tmp", 0777);
    mkdir(PLACE, 0777);
    if (mount("tmpfs", PLACE, "tmpfs", 0, "size=32m"))
        place_failed("no file system for the workers");
    mkdir(PLACE "/proc", 0777);
    mkdir(PLACE "/dev", 0777);
    mount("proc", PLACE "/proc", "proc", 0, NULL);
    mount("devtmpfs", PLACE "/dev", "devtmpfs", 0, NULL);
}

/* Workers' names are one letter, once or many times; nobody else's are. */
static int remove_stray(const char *path, const struct stat *stat, int type, struct FTW *where)
{
    const char *name = path + where->base;
    (void)stat, (void)type;
    if (strchr("abcdn", *name) && strspn(name, (char[]){ *name, 0 }) == strlen(name)) {
        while (umount2(path, MNT_DETACH) == 0)
            ;
        remove(path);
    }
    return 0;
}

/* What was made by those who got out of their root directory: chroot(2) says how. */
static void remove_strays(void)
{
    static const char *const places[] = { "/", "/dev", "/dev/shm", "/dev/pts" };
    for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        nftw(places[i], remove_stray, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* Shared memory that nobody has any more stays until somebody removes it. */
static void remove_shared_memory(void)
{
    struct shmid_ds segment;
    for (int i = 0; i < 4096; i++) {
        int id = shmctl(i, SHM_STAT, &segment);
        if (id >= 0)
            shmctl(id, IPC_RMID, NULL);
        else if (errno == ENOSYS)
            break;
    }
}

/* Give back what is kept for nobody, and ask for no memory before: there may be none. */
static void take_down_place(void)
{
    char line[1024];
    remove_shared_memory();
    while (umount2(PLACE, MNT_DETACH) == 0)
        ;
    remove_strays();
    FILE *mounts = fopen("/proc/mounts", "r");
    while (mounts && fgets(line, sizeof(line), mounts))
        if (strstr(line, PLACE))
            place_failed(line);
    if (mounts)
        fclose(mounts);
}

#endif
