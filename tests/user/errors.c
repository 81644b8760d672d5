/*
 * Bad arguments: every call answers with the errno that the manual gives, and nothing breaks.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

#include "check.h"

/* A pointer to nothing, one into the kernel, and one just below it. */
#define NOWHERE ((void *)8)
#define KERNEL  ((void *)(sizeof(long) == 8 ? 0xffffffff80100000ul : 0xfffff010ul))

static long kernel_edge(void)
{
    return sizeof(long) == 8 ? (long)0x7ffffffff000 - 4 : (long)0xc0000000 - 4;
}

/* musl's name for the call on i386 tells of its 32 bits. */
#ifdef SYS_clock_gettime32
#define CALL_CLOCK_GETTIME SYS_clock_gettime32
#else
#define CALL_CLOCK_GETTIME SYS_clock_gettime
#endif

static void test_files(void)
{
    int fd = open("/dev/zero", O_RDWR);
    check_errno(read(-1, "", 1), EBADF);
    check_errno(read(1000000, "", 1), EBADF);
    check_errno(read(fd, NOWHERE, 1), EFAULT);
    check_errno(read(fd, KERNEL, 1), EFAULT);
    check_errno(read(fd, (void *)kernel_edge(), 100), EFAULT);
    check_errno(read(fd, (void *)-1l, 2), EFAULT);
    check_errno(syscall(SYS_read, fd, "", -1l), EFAULT);
    check_errno(write(1, NOWHERE, 1), EFAULT);
    check_errno(write(1, KERNEL, 1), EFAULT);
    check_errno(close(77), EBADF);
    check_errno(lseek(77, 0, SEEK_SET), EBADF);
    check_errno(open(NOWHERE, O_RDONLY), EFAULT);
    check_errno(open(KERNEL, O_RDONLY), EFAULT);
    check_errno(readv(fd, NOWHERE, 1), EFAULT);
    check_errno(readv(fd, NULL, 100000), EINVAL);
    check_errno(readv(fd, (struct iovec[]){ { KERNEL, 10 } }, 1), EFAULT);
    check_errno(writev(fd, (struct iovec[]){ { "", (size_t)-1 } }, 1), EINVAL);
    check_errno(fstat(77, (struct stat *)NOWHERE), EBADF);
    check_errno(readlink("/proc/self/exe", NOWHERE, 10), EFAULT);
    check_errno(syscall(SYS_readlink, "/proc/self/exe", "", 0), EINVAL);
    check_errno(ioctl(fd, TIOCGWINSZ, NOWHERE), ENOTTY);
    check_errno(syscall(SYS_getcwd, NOWHERE, 4096), EFAULT);
    close(fd);
}

static void test_numbers(void)
{
    int fd = open("/proc/version", O_RDONLY);
    check("a file of /proc opens", fd >= 0);
    check_errno(lseek(fd, -1, SEEK_SET), EINVAL);
    check_errno(lseek(fd, 0, 77), EINVAL);
    check_errno(pread(fd, "", 1, -1), EINVAL);
    close(fd);
    check_errno(syscall(SYS_prlimit64, 0, 99, NULL, NULL), EINVAL);
    check_errno(syscall(SYS_prlimit64, 0, RLIMIT_STACK, NULL, NOWHERE), EFAULT);
    check_errno(syscall(SYS_getrusage, 7, NULL), EINVAL);
    check_errno(syscall(SYS_getrusage, 0, NOWHERE), EFAULT);
    check_errno(syscall(SYS_uname, NOWHERE), EFAULT);
    check_errno(syscall(SYS_sysinfo, KERNEL), EFAULT);
    check_errno(syscall(SYS_getrandom, NOWHERE, 10, 0), EFAULT);
    check_errno(syscall(SYS_getrandom, "", 0, 99), EINVAL);
    check_errno(syscall(SYS_sched_getaffinity, 0, 1, NULL), EINVAL);
    check_errno(syscall(SYS_set_robust_list, NULL, 1), EINVAL);
    check_errno(syscall(9999), ENOSYS);
}

static void test_time_and_signals(void)
{
    struct timespec bad = { 0, 1000000000 }, negative = { -1, 0 };
    check_errno(nanosleep(&bad, NULL), EINVAL);
    check_errno(nanosleep(&negative, NULL), EINVAL);
    check_errno(syscall(SYS_nanosleep, NOWHERE, NULL), EFAULT);
    check_errno(syscall(CALL_CLOCK_GETTIME, 99, NULL), EINVAL);
    check_errno(syscall(CALL_CLOCK_GETTIME, CLOCK_MONOTONIC, NOWHERE), EFAULT);
    check_errno(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8), EINVAL);
    check_errno(syscall(SYS_rt_sigaction, SIGTERM, NULL, NULL, 4), EINVAL);
    check_errno(syscall(SYS_rt_sigaction, SIGTERM, NOWHERE, NULL, 8), EFAULT);
    check_errno(syscall(SYS_rt_sigaction, SIGKILL, (char[64]){ 0 }, NULL, 8), EINVAL);
    check_errno(syscall(SYS_rt_sigprocmask, 77, (char[8]){ 0 }, NULL, 8), EINVAL);
    check_errno(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NOWHERE, NULL, 8), EFAULT);
    check_errno(kill(getpid(), 99), EINVAL);
    check_errno(syscall(SYS_tgkill, 0, 0, 0), EINVAL);
    check("signal 0 may be sent", kill(getpid(), 0) == 0);
    check("SIGCHLD harms nobody", kill(getpid(), SIGCHLD) == 0);
    check("what is ignored does not either",
          signal(SIGTERM, SIG_IGN) != SIG_ERR && !raise(SIGTERM));
}

int main(void)
{
    test_files();
    test_numbers();
    test_time_and_signals();
    return finish();
}
