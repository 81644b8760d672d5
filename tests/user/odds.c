/*
 * What few programs ask, but some do: devices that are the same everywhere, membarrier(2),
 * ioprio_get(2), the terminal settings of System V.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>

#include "check.h"

static void test_devices(void)
{
    char bytes[8] = "xxxxxxx";
    int zero = open("/dev/zero", O_RDWR), full = open("/dev/full", O_RDWR);
    int null = open("/dev/null", O_RDWR), any = open("/dev/urandom", O_RDONLY);
    check("zeroes are read anywhere", pread(zero, bytes, 4, 12345) == 4 && !bytes[0] && bytes[4]);
    check("of /dev/full too", pread(full, bytes, 8, 1 << 30) == 8 && !bytes[7]);
    check_errno(pwrite(full, "x", 1, 5), ENOSPC);
    check("nothing, anywhere", pread(null, bytes, 8, 7) == 0 && pwrite(null, bytes, 8, 7) == 8);
    check("random numbers", pread(any, bytes, 8, 7) == 8);
    check("they have one place", lseek(zero, 1000, SEEK_SET) == 0 && lseek(null, 5, SEEK_END) == 0);
    check_errno(lseek(zero, 0, 77), EINVAL);
    check_errno(pread(zero, bytes, 8, -1), EINVAL);
    close(zero), close(full), close(null), close(any);
}

/* Source: membarrier(2). */
enum {
    QUERY = 0,
    GLOBAL = 1,
    PRIVATE = 8,
    REGISTER_PRIVATE = 16,
    BOTH = PRIVATE | REGISTER_PRIVATE
};

static void test_membarrier(void)
{
    check("there are memory barriers",
          (syscall(SYS_membarrier, QUERY, 0) & (GLOBAL | BOTH)) == (GLOBAL | BOTH));
    check("for all", syscall(SYS_membarrier, GLOBAL, 0) == 0);
    check_errno(syscall(SYS_membarrier, PRIVATE, 0), EPERM);
    check("for us, who have registered", syscall(SYS_membarrier, REGISTER_PRIVATE, 0) == 0 &&
                                             syscall(SYS_membarrier, PRIVATE, 0) == 0);
    check_errno(syscall(SYS_membarrier, 3, 0), EINVAL);
    check_errno(syscall(SYS_membarrier, QUERY, 8), EINVAL);
}

/* Source: ioprio_set(2). */
enum { PROCESS = 1, BEST_EFFORT = 2 << 13, IDLE = 3 << 13 };

static void test_io_priority(void)
{
    check("an I/O priority is set",
          syscall(SYS_ioprio_set, PROCESS, 0, BEST_EFFORT | 3) == 0 &&
              syscall(SYS_ioprio_get, PROCESS, getpid()) == (BEST_EFFORT | 3));
    check("and another", syscall(SYS_ioprio_set, PROCESS, 0, IDLE) == 0 &&
                             syscall(SYS_ioprio_get, PROCESS, 0) == IDLE);
    check_errno(syscall(SYS_ioprio_set, PROCESS, 0, 4 << 13), EINVAL);
    check_errno(syscall(SYS_ioprio_get, 99, 0), EINVAL);
    check_errno(syscall(SYS_ioprio_get, PROCESS, 99999), ESRCH);
}

/* As System V has it. */
struct old_settings {
    unsigned short input, output, control, local;
    unsigned char line, characters[8];
};

static void test_old_settings(void)
{
    struct old_settings old = { 0 };
    struct termios now = { 0 };
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    tcgetattr(terminal, &now);
    check("settings in the old form", ioctl(terminal, 0x5405 /* TCGETA */, &old) == 0 &&
                                          old.local == (unsigned short)now.c_lflag &&
                                          old.characters[VINTR] == now.c_cc[VINTR]);
    old.characters[VINTR] = 'x';
    old.local &= (unsigned short)~ECHO;
    check("can be set", ioctl(terminal, 0x5406 /* TCSETA */, &old) == 0 &&
                            tcgetattr(terminal, &now) == 0 && now.c_cc[VINTR] == 'x' &&
                            !(now.c_lflag & ECHO) && now.c_lflag & IEXTEN);
    close(terminal);
}

int main(void)
{
    test_devices();
    test_membarrier();
    test_io_priority();
    test_old_settings();
    return finish();
}
