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

/*
 * What was there at the start.  All else was made by workers, some of whom get out of their root
 * directory (chroot(2) says how), and may have any name.
 */
enum { PATHS_MAX = 4096 };
static char *first_paths[PATHS_MAX];
static unsigned first_paths_count;

static _Noreturn void place_failed(const char *why)
{
    printf("fuzz: FAILED: where the workers live: %s\n", why);
    exit(1);
}

static int note_path(const char *path, const struct stat *stat, int type, struct FTW *where)
{
    (void)stat, (void)type, (void)where;
    if (first_paths_count == PATHS_MAX || !(first_paths[first_paths_count++] = strdup(path)))
        place_failed("too many files at the start");
    return 0;
}

static void for_each_path(int (*function)(const char *, const struct stat *, int, struct FTW *))
{
    static const char *const places[] = { "/", "/dev", "/dev/shm", "/dev/pts" };
    for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        nftw(places[i], function, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
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
    mount("devpts", PLACE "/dev/pts", "devpts", 0, NULL);
}

/* Have made what is made once and stays, as the thread that takes down what is left in use. */
static void leave_a_place(void)
{
    set_up_place();
    (void)!chdir(PLACE);
    umount2(PLACE, MNT_DETACH);
    (void)!chdir("/");
    for_each_path(note_path);
}

static int remove_stray(const char *path, const struct stat *stat, int type, struct FTW *where)
{
    (void)stat, (void)type, (void)where;
    for (unsigned i = 0; i < first_paths_count; i++)
        if (strcmp(path, first_paths[i]) == 0)
            return 0;
    remove(path);
    return 0;
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

/* Unmount the last file system that was not there at the start.  Returns: was there one? */
static int unmount_one(void)
{
    static const char known[] = " / /dev /dev/shm /proc /sys /dev/pts ";
    char line[1024], path[256], word[260], last[256] = "";
    FILE *mounts = fopen("/proc/mounts", "r");
    while (mounts && fgets(line, sizeof(line), mounts)) {
        if (sscanf(line, "%*s %255s", path) != 1)
            continue;
        snprintf(word, sizeof(word), " %s ", path);
        if (!strstr(known, word))
            strcpy(last, path);
    }
    if (mounts)
        fclose(mounts);
    if (*last && umount2(last, 0) && umount2(last, MNT_DETACH) && umount2(PLACE, MNT_DETACH))
        place_failed(last); /* all of it, then: something else may cover a directory in its path */
    return *last;
}

static void take_down_place(void)
{
    remove_shared_memory();
    while (unmount_one())
        ;
    for_each_path(remove_stray);
}

#endif
