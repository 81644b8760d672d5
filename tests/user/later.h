/*
 * What happens a little later, while a test waits for it: done by a child.
 */
#ifndef TESTS_USER_LATER_H
#define TESTS_USER_LATER_H

#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { LATER_MS = 30 };

static inline void sleep_ms(long ms)
{
    nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* A child that does @what after a while; the caller waits for it. */
static inline pid_t later(void (*what)(int), int argument)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    sleep_ms(LATER_MS);
    what(argument);
    _exit(0);
}

/* What it may do. */
static inline void write_byte(int fd) { (void)!write(fd, "x", 1); }
static inline void signal_parent(int signal) { kill(getppid(), signal); }

#endif
