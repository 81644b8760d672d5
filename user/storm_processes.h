/*
 * Storms of processes: one after another, many at once, and without end.
 */
#ifndef USER_STORM_PROCESSES_H
#define USER_STORM_PROCESSES_H

#include <signal.h>
#include <sys/resource.h>

#include "storm.h"

/* @count children, each of which tells a number. */
static int storm_forks(long count, long unused)
{
    static volatile long of_both; /* a page that parent and child have to copy */
    (void)unused;
    long right = 0;
    for (long i = 0; i < count; i++) {
        int status;
        of_both = i;
        pid_t pid = fork();
        if (pid == 0) {
            of_both += 1;
            _exit((int)(of_both & 0x7f));
        }
        right += pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
                 WEXITSTATUS(status) == ((i + 1) & 0x7f) && of_both == i;
    }
    printf("forks: %ld children, %ld told the right number\n", count, right);
    return right == count;
}

/* A child of storm_alive(): there until the pipe's other end is closed. */
static _Noreturn void stay(const int pipe_ends[2], volatile unsigned *counted)
{
    char byte;
    close(pipe_ends[1]);
    __atomic_fetch_add(counted, 1, __ATOMIC_SEQ_CST);
    _exit(read(pipe_ends[0], &byte, 1) == 0 ? 0 : 1);
}

/* @count children, all at once. */
static int storm_alive(long count, long unused)
{
    volatile unsigned *counted = shared_memory(PAGE);
    long made = 0, seen = 0, ended = 0;
    int pipe_ends[2], status;
    (void)unused;
    if (pipe(pipe_ends))
        return 0;
    pid_t *pids = calloc((size_t)count, sizeof(*pids));
    for (; made < count; made++) {
        pids[made] = fork();
        if (pids[made] == 0)
            stay(pipe_ends, counted);
        if (pids[made] < 0)
            break;
    }
    for (long start = now_ms(); *counted < (unsigned long)made && now_ms() - start < 60000;)
        usleep(10000);
    for (long i = 0; i < made; i++)
        seen += kill(pids[i], 0) == 0;
    printf("alive: %ld children were made, %u have run, %ld are alive\n", made, *counted, seen);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    for (long i = 0; i < made; i++)
        ended += wait(&status) > 0 && status == 0;
    free(pids);
    munmap((void *)counted, PAGE);
    return made == count && seen == count && ended == count;
}

/* What a bomb's parts count together. */
struct bomb {
    unsigned forks, refusals;
};

static _Noreturn void explode(struct bomb *bomb)
{
    for (;;) {
        if (fork() < 0) {
            __atomic_fetch_add(&bomb->refusals, 1, __ATOMIC_RELAXED);
            usleep(1000);
        } else {
            __atomic_fetch_add(&bomb->forks, 1, __ATOMIC_RELAXED);
        }
    }
}

/*
 * A child whose children have children, for some seconds.  Then all are killed at once, as only
 * the first program can.  RLIMIT_NPROC does not bind root: getrlimit(2).
 */
static int storm_bomb(long seconds, long limit)
{
    struct bomb *bomb = shared_memory(PAGE);
    int status;
    long killed = 0;
    if (getpid() != 1) {
        printf("bomb: only as the first program, since all others are killed\n");
        return 0;
    }
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit most = { (rlim_t)limit, (rlim_t)limit };
        if (limit)
            setrlimit(RLIMIT_NPROC, &most);
        explode(bomb);
    }
    for (long start = now_ms(); now_ms() - start < seconds * 1000;)
        usleep(100000);
    kill(-1, SIGKILL);
    while (wait(&status) > 0)
        killed += WIFSIGNALED(status);
    printf("bomb: it had children: %s; there was no memory for more: %s; all are gone: %s\n",
           bomb->forks > 100 ? "yes" : "no", bomb->refusals ? "yes" : "no", killed ? "yes" : "no");
    int well = bomb->forks > 100 && killed && kill(-1, 0) < 0;
    munmap(bomb, PAGE);
    return pid > 0 && well;
}

#endif
