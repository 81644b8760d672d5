/*
 * A program that repairs its own page faults: the handler learns the address and why, maps or
 * unlocks the page, and the instruction runs again.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "check.h"

enum { PAGE = 4096, PAGES = 64 };

static char *area;
static volatile int faults, code;
static void *volatile address;
static volatile unsigned long trap, error;

static void note(siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    faults++;
    code = info->si_code;
    address = info->si_addr;
    trap = (unsigned long)uc->uc_mcontext.gregs[REG_TRAPNO];
    error = (unsigned long)uc->uc_mcontext.gregs[REG_ERR];
}

/* Let the page be there, and be writable. */
static void repair(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    note(info, context);
    char *page = (char *)((unsigned long)info->si_addr & ~(unsigned long)(PAGE - 1));
    if (info->si_code == SEGV_ACCERR)
        mprotect(page, PAGE, PROT_READ | PROT_WRITE);
    else
        mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static sigjmp_buf back;

static void jump(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    note(info, context);
    siglongjmp(back, 1);
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
    sigaction(signal, &action, NULL);
}

/* Is @expression interrupted by a fault at @where with @why? */
#define FAULTS(expression, where, why)                              \
    ({                                                              \
        faults = 0;                                                 \
        if (sigsetjmp(back, 1) == 0)                                \
            (void)(expression);                                     \
        faults == 1 && address == (void *)(where) && code == (why); \
    })

static void test_repair(void)
{
    handle(SIGSEGV, repair);
    area = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    faults = 0;
    ((volatile char *)area)[5 * PAGE + 7] = 42;
    check("a write to a page that is only to be read", faults == 1 && code == SEGV_ACCERR);
    check("si_addr is the byte", address == area + 5 * PAGE + 7);
    check("trap and error code are in the context", trap == 14 && (error & 6) == 6);
    check("after the repair the write happens", area[5 * PAGE + 7] == 42);

    munmap(area, PAGES * PAGE);
    faults = 0;
    for (int i = 0; i < PAGES; i++)
        ((volatile char *)area)[i * PAGE + i] = (char)i;
    check("a program that maps its pages when it faults", faults == PAGES && code == SEGV_MAPERR);
    int good = 0;
    for (int i = 0; i < PAGES; i++)
        good += area[i * PAGE + i] == (char)i;
    check("has them all", good == PAGES);
}

static void test_codes(void)
{
    volatile char *p = area, *volatile nowhere = (char *)16;
    handle(SIGSEGV, jump);
    handle(SIGBUS, jump);
    handle(SIGFPE, jump);
    handle(SIGTRAP, jump);
    mprotect(area, PAGE, PROT_NONE);
    check("PROT_NONE", FAULTS(p[3], area + 3, SEGV_ACCERR));
    munmap(area, PAGE);
    check("nothing there", FAULTS(p[3], area + 3, SEGV_MAPERR));
    check("a null pointer", FAULTS(*nowhere, 16, SEGV_MAPERR));
    faults = 0;
    if (sigsetjmp(back, 1) == 0)
        __asm__ volatile("xor %%ecx, %%ecx; mov $1, %%eax; cltd; idivl %%ecx"
                         :
                         :
                         : "eax", "ecx", "edx");
    check("division by zero", faults == 1 && code == FPE_INTDIV && trap == 0);
    faults = 0;
    if (sigsetjmp(back, 1) == 0)
        __asm__ volatile("int3");
    check("a breakpoint", faults == 1 && code == SI_KERNEL && trap == 3);
    faults = 0;
    if (sigsetjmp(back, 1) == 0)
        __asm__ volatile("hlt");
    check("what only the kernel may", faults == 1 && code == SI_KERNEL && trap == 13);
    check("and its address is nobody's", address == NULL);
}

/* The stack itself is the problem: the handler has another. */
static int recurse(int n)
{
    volatile char space[4096];
    space[0] = (char)n;
    return n > 1000000 ? space[0] : recurse(n + 1) + space[0];
}

static void test_stack(void)
{
    static char other[65536];
    stack_t stack = { .ss_sp = other, .ss_size = sizeof(other) };
    struct sigaction action = { .sa_sigaction = jump, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    sigaltstack(&stack, NULL);
    sigaction(SIGSEGV, &action, NULL);
    faults = 0;
    if (sigsetjmp(back, 1) == 0)
        recurse(0);
    check("a stack that has run over is survived", faults == 1 && code == SEGV_MAPERR);
}

int main(void)
{
    test_repair();
    test_codes();
    test_stack();
    return finish();
}
