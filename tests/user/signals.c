/*
 * Signals: sent, blocked, taken, handled; what a handler is told, and what it can change.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>

#include "check.h"

static volatile sig_atomic_t count, last, depth, deepest;
static siginfo_t last_info;

static void on_signal(int signal)
{
    count++;
    last = signal;
}

static void on_info(int signal, siginfo_t *info, void *context)
{
    last_info = *info;
    on_signal(context ? signal : 0);
}

static void handle(int signal, void (*handler)(int), int flags)
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = flags };
    sigaction(signal, &action, NULL);
}

static void handle_info(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = { .sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO };
    sigaction(signal, &action, NULL);
}

static sigset_t set_of(int signal)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    return set;
}

static void block(int signal)
{
    sigset_t set = set_of(signal);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static void unblock(int signal)
{
    sigset_t set = set_of(signal);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static int waits(int signal)
{
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, signal);
}

static void test_handlers(void)
{
    count = 0;
    handle(SIGUSR1, on_signal, 0);
    raise(SIGUSR1);
    check("a handler runs", count == 1 && last == SIGUSR1);
    raise(SIGUSR1);
    check("each time", count == 2);
    handle(SIGUSR1, on_signal, (int)SA_RESETHAND);
    raise(SIGUSR1);
    struct sigaction action;
    sigaction(SIGUSR1, NULL, &action);
    check("SA_RESETHAND: once", count == 3 && action.sa_handler == SIG_DFL);
    handle_info(SIGUSR1, on_info, 0);
    kill(getpid(), SIGUSR1);
    check("siginfo tells who", last_info.si_signo == SIGUSR1 && last_info.si_code == SI_USER &&
                                   last_info.si_pid == getpid());
    raise(SIGUSR1);
    check("and how", last_info.si_code == SI_TKILL && last_info.si_pid == getpid());
    sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 4711 });
    check("and what", last_info.si_code == SI_QUEUE && last_info.si_value.sival_int == 4711);
    signal(SIGUSR1, SIG_IGN);
    count = 0;
    raise(SIGUSR1);
    check("what is ignored does nothing", count == 0);
    signal(SIGUSR1, SIG_DFL);
}

static void test_blocking(void)
{
    count = 0;
    handle(SIGUSR1, on_signal, 0);
    block(SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    check("a blocked signal waits", count == 0 && waits(SIGUSR1));
    unblock(SIGUSR1);
    check("once, however often it was sent", count == 1 && !waits(SIGUSR1));

    handle_info(SIGRTMIN, on_info, 0);
    block(SIGRTMIN);
    count = 0;
    for (int i = 0; i < 5; i++)
        sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = i });
    unblock(SIGRTMIN);
    check("real-time signals are all kept, in order",
          count == 5 && last_info.si_value.sival_int == 4);

    block(SIGUSR1);
    raise(SIGUSR1);
    signal(SIGUSR1, SIG_IGN);
    handle(SIGUSR1, on_signal, 0);
    check("to ignore is to forget", !waits(SIGUSR1));
    unblock(SIGUSR1);
    sigset_t all, now;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    sigprocmask(SIG_SETMASK, NULL, &now);
    check("SIGKILL and SIGSTOP cannot be blocked",
          !sigismember(&now, SIGKILL) && !sigismember(&now, SIGSTOP) && sigismember(&now, SIGTERM));
    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
}

static void on_nested(int signal)
{
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (++count < 3)
        raise(signal);
    depth--;
}

static void on_first(int signal)
{
    (void)signal;
    raise(SIGUSR2);
    count += last == SIGUSR2 ? 10 : 100; /* was its handler called in ours? */
}

static void test_nesting(void)
{
    count = deepest = 0;
    handle(SIGUSR1, on_nested, 0);
    raise(SIGUSR1);
    check("a handler is not interrupted by its own signal", deepest == 1 && count == 3);
    count = deepest = 0;
    handle(SIGUSR1, on_nested, SA_NODEFER);
    raise(SIGUSR1);
    check("unless it says so (SA_NODEFER)", deepest == 3 && count == 3);
    count = last = 0;
    handle(SIGUSR1, on_first, 0);
    handle(SIGUSR2, on_signal, 0);
    raise(SIGUSR1);
    check("but by others", count == 11);
    struct sigaction action = { .sa_handler = on_first };
    action.sa_mask = set_of(SIGUSR2);
    sigaction(SIGUSR1, &action, NULL);
    count = last = 0;
    raise(SIGUSR1);
    check("unless it blocks them (sa_mask)", count == 101 && last == SIGUSR2);
}

/* --- registers ------------------------------------------------------------------------------- */

static volatile unsigned long seen_ip;

static void on_trap(int signal, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)signal;
    (void)info;
#if defined(__x86_64__)
    seen_ip = (unsigned long)uc->uc_mcontext.gregs[REG_RIP];
    uc->uc_mcontext.gregs[REG_RIP] += 2; /* ud2 */
    uc->uc_mcontext.gregs[REG_RBX] = 12345;
#else
    seen_ip = (unsigned long)uc->uc_mcontext.gregs[REG_EIP];
    uc->uc_mcontext.gregs[REG_EIP] += 2;
    uc->uc_mcontext.gregs[REG_EBX] = 12345;
#endif
    volatile double x = 1.5;
    for (int i = 0; i < 10; i++)
        x = x * 1.25 + i; /* the FPU is ours meanwhile */
    last_info = *info;
}

static void test_registers(void)
{
    long rbx = 1;
    handle_info(SIGILL, on_trap, 0);
    double before = 0.1, sum = 0;
    for (int i = 0; i < 7; i++)
        sum += before;
    double product = sum * 3.7;
    __asm__ volatile("1: ud2" : "+b"(rbx) : : "memory");
    check("a handler changes registers", rbx == 12345);
    check("SIGILL tells where",
          (unsigned long)last_info.si_addr == seen_ip && last_info.si_code == ILL_ILLOPN);
    check("floating point survives a handler", product == sum * 3.7 && sum > 0.69 && sum < 0.71);
    signal(SIGILL, SIG_DFL);
}

static volatile unsigned long handler_stack;
static void on_stack(int signal)
{
    int here;
    handler_stack = (unsigned long)&here;
    on_signal(signal);
}

static void test_alt_stack(void)
{
    static char area[65536] __attribute__((aligned(64)));
    stack_t stack = { .ss_sp = area, .ss_size = sizeof(area) }, old;
    check("sigaltstack()", sigaltstack(&stack, NULL) == 0);
    check("tells what there is",
          sigaltstack(NULL, &old) == 0 && old.ss_sp == area && old.ss_size == sizeof(area));
    handle(SIGUSR1, on_stack, SA_ONSTACK);
    raise(SIGUSR1);
    check("a handler runs there", handler_stack >= (unsigned long)area &&
                                      handler_stack < (unsigned long)area + sizeof(area));
    handle(SIGUSR1, on_stack, 0);
    raise(SIGUSR1);
    check("if it wants to", handler_stack < (unsigned long)area ||
                                handler_stack >= (unsigned long)area + sizeof(area));
    check_errno(sigaltstack(&((stack_t){ .ss_sp = area, .ss_size = 100 }), NULL), ENOMEM);
    check_errno(sigaltstack(&((stack_t){ .ss_flags = 77, .ss_size = 8192 }), NULL), EINVAL);
    stack.ss_flags = SS_DISABLE;
    check("and can be switched off", sigaltstack(&stack, NULL) == 0 &&
                                         sigaltstack(NULL, &old) == 0 &&
                                         old.ss_flags == SS_DISABLE);
}

/* --- interrupted system calls ---------------------------------------------------------------- */

static pid_t kill_soon(int signal)
{
    pid_t parent = getpid();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct timespec moment = { 0, 50000000 };
        nanosleep(&moment, NULL);
        kill(parent, signal);
        nanosleep(&moment, NULL);
        _exit(0);
    }
    return child;
}

static void test_interruption(void)
{
    struct timespec second = { 30, 0 }, left = { 0, 0 };
    int status;
    handle(SIGUSR1, on_signal, 0);
    pid_t child = kill_soon(SIGUSR1);
    check_errno(waitpid(child, &status, 0), EINTR);
    check("then it works", waitpid(child, &status, 0) == child);
    handle(SIGUSR1, on_signal, SA_RESTART);
    child = kill_soon(SIGUSR1);
    check("SA_RESTART: it is done again", waitpid(child, &status, 0) == child);
    child = kill_soon(SIGUSR1);
    check_errno(nanosleep(&second, &left), EINTR);
    check("and what is left is told", left.tv_sec >= 20 && left.tv_sec < 30);
    waitpid(child, &status, 0);
    child = kill_soon(SIGUSR1);
    check_errno(pause(), EINTR);
    waitpid(child, &status, 0);

    block(SIGUSR1);
    count = 0;
    sigset_t none;
    sigemptyset(&none);
    child = kill_soon(SIGUSR1);
    check_errno(sigsuspend(&none), EINTR);
    check("sigsuspend() let the handler run", count == 1);
    raise(SIGUSR1);
    check("and the signal is blocked again", count == 1 && waits(SIGUSR1));
    unblock(SIGUSR1);
    waitpid(child, &status, 0);
}

static void test_waiting(void)
{
    sigset_t set = set_of(SIGUSR1);
    siginfo_t info;
    struct timespec moment = { 0, 10000000 }, long_time = { 30, 0 };
    int status;
    block(SIGUSR1);
    count = 0;
    check_errno(sigtimedwait(&set, &info, &moment), EAGAIN);
    raise(SIGUSR1);
    check("sigtimedwait() takes what waits",
          sigtimedwait(&set, &info, &moment) == SIGUSR1 && info.si_pid == getpid() && count == 0);
    pid_t child = kill_soon(SIGUSR1);
    check("or waits for it",
          sigtimedwait(&set, &info, &long_time) == SIGUSR1 && info.si_pid == child && count == 0);
    waitpid(child, &status, 0);
    unblock(SIGUSR1);
    set = set_of(SIGUSR2);
    child = kill_soon(SIGUSR1);
    check_errno(syscall(SYS_rt_sigtimedwait, &set, &info, NULL, 8), EINTR);
    waitpid(child, &status, 0);
}

static void test_stop(void)
{
    struct timespec moment = { 0, 30000000 };
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct timespec nap = { 0, 200000000 };
        _exit(nanosleep(&nap, NULL) == 0 ? 0 : 1);
    }
    nanosleep(&moment, NULL);
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED);
    kill(child, SIGCONT);
    check("a sleep goes on after a stop", waitpid(child, &status, 0) == child && status == 0);
}

/* --- threads --------------------------------------------------------------------------------- */

static volatile pid_t handled_by;
static void on_thread(int signal)
{
    (void)signal;
    handled_by = (pid_t)syscall(SYS_gettid);
}

static volatile pid_t thread_tid;
static volatile int ready, done;

static void *wait_until_done(void *data)
{
    (void)data;
    thread_tid = (pid_t)syscall(SYS_gettid);
    ready = 1;
    while (!done)
        sched_yield();
    return NULL;
}

static void test_threads(void)
{
    pthread_t thread;
    handle(SIGUSR1, on_thread, 0);
    pthread_create(&thread, NULL, wait_until_done, NULL);
    while (!ready)
        sched_yield();
    pthread_kill(thread, SIGUSR1);
    while (!handled_by)
        sched_yield();
    check("a thread gets its own signals", handled_by == thread_tid);
    handled_by = 0;
    block(SIGUSR1);
    kill(getpid(), SIGUSR1);
    while (!handled_by)
        sched_yield();
    check("and the process's, if the others block them", handled_by == thread_tid);
    unblock(SIGUSR1);
    done = 1;
    pthread_join(thread, NULL);
}

/* --- ends ------------------------------------------------------------------------------------ */

static int end_of(void (*function)(void))
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        function();
        _exit(0);
    }
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 1000 + WEXITSTATUS(status);
}

static void end_by_term(void) { raise(SIGTERM); }
static void end_by_rt(void) { raise(SIGRTMAX); }
static void ignore_chld(void) { raise(SIGCHLD); }
static void end_by_abort(void) { abort(); }

static volatile int *volatile nowhere = (int *)8;

static void end_in_blocked_fault(void)
{
    block(SIGSEGV);
    handle(SIGSEGV, on_signal, 0);
    *nowhere = 1;
}

static void end_in_ignored_fault(void)
{
    signal(SIGSEGV, SIG_IGN);
    *nowhere = 1;
}

static void end_without_stack(void)
{
    handle(SIGUSR1, on_signal, 0);
#if defined(__x86_64__)
    __asm__ volatile("mov $16, %%rsp; mov $39, %%eax; syscall; mov %%eax, %%edi; mov $10, %%esi;"
                     "mov $62, %%eax; syscall"
                     :
                     :
                     : "memory");
#else
    __asm__ volatile("mov $16, %%esp; mov $20, %%eax; int $0x80; mov %%eax, %%ebx; mov $10, %%ecx;"
                     "mov $37, %%eax; int $0x80"
                     :
                     :
                     : "memory");
#endif
}

/* Whatever a handler's frame comes back with, only the program suffers. */
static void on_wild(int signal, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)signal;
    (void)info;
#if defined(__x86_64__)
    uc->uc_mcontext.gregs[REG_RIP] = (long long)0x8000000000000000;
    uc->uc_mcontext.gregs[REG_CSGSFS] = 0x10;
    uc->uc_mcontext.gregs[REG_EFL] = -1;
#else
    uc->uc_mcontext.gregs[REG_EIP] = (int)0xfffffff0;
    uc->uc_mcontext.gregs[REG_CS] = 8;
    uc->uc_mcontext.gregs[REG_DS] = 16;
    uc->uc_mcontext.gregs[REG_GS] = 0xffff;
    uc->uc_mcontext.gregs[REG_EFL] = -1;
#endif
}

static void end_in_wild_return(void)
{
    handle_info(SIGUSR1, on_wild, 0);
    raise(SIGUSR1);
}

static void end_by_false_return(void)
{
#if defined(__x86_64__)
    __asm__ volatile("mov $4096, %%rsp; mov $15, %%eax; syscall" : : : "memory");
#else
    __asm__ volatile("mov $4096, %%esp; mov $173, %%eax; int $0x80" : : : "memory");
#endif
}

static void test_ends(void)
{
    check("SIGTERM ends a program", end_of(end_by_term) == SIGTERM);
    check("and so do real-time signals", end_of(end_by_rt) == SIGRTMAX);
    check("SIGCHLD does not", end_of(ignore_chld) == 1000);
    check("abort()", end_of(end_by_abort) == SIGABRT);
    check("a fault's signal cannot be blocked", end_of(end_in_blocked_fault) == SIGSEGV);
    check("or ignored", end_of(end_in_ignored_fault) == SIGSEGV);
    check("a handler without a stack", end_of(end_without_stack) == SIGSEGV);
    check("a handler that returns to nowhere", end_of(end_in_wild_return) == SIGSEGV);
    check("rt_sigreturn() without a frame", end_of(end_by_false_return) == SIGSEGV);
}

static void test_errors(void)
{
    check_errno(kill(getpid(), 65), EINVAL);
    check_errno(kill(999999, 0), ESRCH);
    check_errno(syscall(SYS_tkill, -1, 0), EINVAL);
    check_errno(syscall(SYS_tgkill, 0, getpid(), 0), EINVAL);
    check_errno(syscall(SYS_tgkill, getpid(), 999999, 0), ESRCH);
    check_errno(syscall(SYS_tgkill, getpid(), getpid(), 65), EINVAL);
    check_errno(syscall(SYS_rt_sigprocmask, 77, &(long[2]){ 0 }, NULL, 8), EINVAL);
    check_errno(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 8l, NULL, 8), EFAULT);
    check_errno(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, NULL, 4), EINVAL);
    check_errno(syscall(SYS_rt_sigaction, SIGKILL, &(long[8]){ 0 }, NULL, 8), EINVAL);
    check_errno(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8), EINVAL);
    check_errno(syscall(SYS_rt_sigsuspend, NULL, 8), EFAULT);
    check_errno(syscall(SYS_rt_sigpending, 8l, 8), EFAULT);
    check_errno(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, 8l), EFAULT);
    check("signal 0 to ourselves", kill(getpid(), 0) == 0);
}

/* Who waits for a blocked signal gets it, though without a handler it ends us, or is ignored. */
static void test_awaited(void)
{
    const int numbers[] = { SIGTERM, SIGCHLD };
    for (int i = 0; i < 2; i++) {
        const struct timespec moment = { 0, 200000000 }, long_time = { 10, 0 };
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            sigset_t set;
            sigemptyset(&set);
            sigaddset(&set, numbers[i]);
            signal(numbers[i], SIG_DFL);
            sigprocmask(SIG_BLOCK, &set, NULL);
            if (fork() == 0) {
                nanosleep(&moment, NULL);
                kill(getppid(), numbers[i]);
                _exit(0);
            }
            _exit(sigtimedwait(&set, NULL, &long_time) == numbers[i] ? 7 : 8);
        }
        waitpid(child, &status, 0);
        check("a signal without a handler can be awaited", status == 7 << 8);
    }
}

int main(void)
{
    test_handlers();
    test_blocking();
    test_nesting();
    test_registers();
    test_alt_stack();
    test_interruption();
    test_waiting();
    test_awaited();
    test_stop();
    test_threads();
    test_ends();
    test_errors();
    return finish();
}
