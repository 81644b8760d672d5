/*
 * System calls as i386 had them first, which small C libraries still make: a set of signals is a
 * word.  On x86_64, which never had them, nothing is asked.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"
#include "later.h"

#ifdef __i386__
#define old_check(what, condition)         check(what, condition)
#define old_errno(what, condition, wanted) check(what, (condition) == -1 && errno == (wanted))
#else
#define old_check(what, condition)         check(what, 1)
#define old_errno(what, condition, wanted) check(what, 1)
#endif

enum { SIGNAL = 48, SIGACTION = 67, SIGSUSPEND = 72, SIGPENDING = 73, SIGPROCMASK = 126 };
enum { SGETMASK = 68, SSETMASK = 69, NICE = 34, GET_THREAD_AREA = 244 };
enum { USR1 = 1 << (SIGUSR1 - 1), USR2 = 1 << (SIGUSR2 - 1), KILL = 1 << (SIGKILL - 1) };

struct old_sigaction {
    void (*handler)(int);
    unsigned long mask, flags;
    void (*restorer)(void);
};

struct user_desc {
    unsigned entry, base, limit, flags;
};

static volatile int caught;

static void note(int signal) { caught = signal; }

static int has_real_time_blocked(void)
{
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    return sigismember(&now, SIGRTMIN);
}

static void test_handlers(void)
{
    struct old_sigaction action = { note, USR2, SA_RESTART, NULL }, before = { 0 };
    (void)action, (void)before;
    old_check("signal", syscall(SIGNAL, SIGUSR1, note) == 0 && raise(SIGUSR1) == 0);
    old_check("the handler runs", caught == SIGUSR1);
    old_check("once", syscall(SIGNAL, SIGUSR1, SIG_IGN) == (long)SIG_DFL);
    old_check("what was there is told", syscall(SIGNAL, SIGUSR1, SIG_DFL) == (long)SIG_IGN);
    old_errno("not of SIGKILL", syscall(SIGNAL, SIGKILL, SIG_IGN), EINVAL);
    old_errno("nor of none", syscall(SIGNAL, 0, SIG_IGN), EINVAL);
    caught = 0;
    old_check("sigaction", syscall(SIGACTION, SIGUSR1, &action, NULL) == 0 && raise(SIGUSR1) == 0);
    old_check("the handler runs", caught == SIGUSR1);
    old_check("it is told", syscall(SIGACTION, SIGUSR1, NULL, &before) == 0);
    old_check("all of it",
              before.handler == note && before.mask == USR2 && before.flags & SA_RESTART);
    old_errno("sigaction of SIGSTOP", syscall(SIGACTION, SIGSTOP, &action, NULL), EINVAL);
    old_errno("of 65", syscall(SIGACTION, 65, NULL, NULL), EINVAL);
    old_errno("from nowhere", syscall(SIGACTION, SIGUSR1, 16, NULL), EFAULT);
    old_errno("to nowhere", syscall(SIGACTION, SIGUSR1, NULL, 16), EFAULT);
}

static void test_masks(void)
{
    sigset_t real_time;
    unsigned set = USR1 | KILL, before = 77, pending = 77;
    (void)set, (void)before, (void)pending;
    sigemptyset(&real_time);
    sigaddset(&real_time, SIGRTMIN);
    sigprocmask(SIG_SETMASK, &real_time, NULL);
    old_check("sigprocmask", syscall(SIGPROCMASK, SIG_SETMASK, &set, &before) == 0 && before == 0);
    old_check("SIGKILL is left out", syscall(SGETMASK) == USR1);
    check("what a word has no place for stays", has_real_time_blocked());
    caught = 0;
    old_check("blocked", raise(SIGUSR1) == 0 && caught == 0);
    old_check("sigpending", syscall(SIGPENDING, &pending) == 0 && pending == USR1);
    set = USR2;
    old_check("one more", syscall(SIGPROCMASK, SIG_BLOCK, &set, &before) == 0 && before == USR1);
    old_check("one less",
              syscall(SIGPROCMASK, SIG_UNBLOCK, &set, NULL) == 0 && syscall(SGETMASK) == USR1);
    old_check("sigsuspend", syscall(SIGSUSPEND, 0, 0, USR2) == -1 && errno == EINTR);
    old_check("lets it in", caught == SIGUSR1);
    old_check("and blocks it again", syscall(SGETMASK) == USR1);
    old_errno("no such change", syscall(SIGPROCMASK, 9, &set, NULL), EINVAL);
    old_errno("from nowhere", syscall(SIGPROCMASK, 0, 16, NULL), EFAULT);
    old_errno("to nowhere", syscall(SIGPROCMASK, 0, NULL, 16), EFAULT);
    old_errno("pending nowhere", syscall(SIGPENDING, 16), EFAULT);
    old_check("ssetmask", syscall(SSETMASK, USR2) == USR1 && syscall(SGETMASK) == USR2);
    old_check("sets all of it", !has_real_time_blocked());
    old_check("back", syscall(SSETMASK, 0) == USR2);
}

static void test_others(void)
{
    struct user_desc desc = { .entry = 0 };
    unsigned gs = 0;
#ifdef __i386__
    __asm__("mov %%gs, %0" : "=r"(gs));
#endif
    (void)gs, (void)desc;
    desc.entry = gs >> 3;
    old_check("nice", syscall(NICE, 0) == 0);
    old_check("the thread's data", syscall(GET_THREAD_AREA, &desc) == 0);
    old_check("is all memory", desc.limit == 0xfffff && desc.flags == 0x51 && desc.base);
    desc.entry++;
    old_check("another is empty", syscall(GET_THREAD_AREA, &desc) == 0 && desc.base == 0);
    old_check("and says so", desc.limit == 0 && desc.flags == 0x28);
    desc.entry = 1;
    old_errno("others are not told", syscall(GET_THREAD_AREA, &desc), EINVAL);
    old_errno("from nowhere", syscall(GET_THREAD_AREA, 16), EFAULT);
}

int main(void)
{
    test_handlers();
    test_masks();
    test_others();
    return finish();
}
