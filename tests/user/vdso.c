/*
 * The vDSO: found by the auxiliary vector, read as the ELF file it is, and called.  What it says is
 * what the system calls say.  On i386 it also has the way into the kernel, which must take system
 * calls like any other: with six arguments, interrupted and started again, single-stepped.
 *
 * The checks that are i386's alone hold everywhere else by being skipped.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"
#include "later.h"

#if defined(__x86_64__)
enum { IS_I386 = 0 };
#define CLOCK_NAME "__vdso_clock_gettime"
#define CLOCK_CALL SYS_clock_gettime
#else
enum { IS_I386 = 1 };
#define CLOCK_NAME "__vdso_clock_gettime64"
#define CLOCK_CALL SYS_clock_gettime64
#endif
#define TRAP_FLAG 0x100

struct time {
    int64_t s, ns;
};

typedef int clock_function(int clock, struct time *time);

static const char *image;
static clock_function *vdso_clock;

/* --- looking up ------------------------------------------------------------------------------ */

struct tables {
    const ElfW(Sym) * symbols;
    const char *strings;
    const uint32_t *hash;
    const uint16_t *versions;
    const char *definitions;
    const char *name;
};

static struct tables tables;

static void read_dynamic(void)
{
    const ElfW(Ehdr) *header = (const void *)image;
    const ElfW(Phdr) *segment = (const void *)(image + header->e_phoff);
    const ElfW(Dyn) *dynamic = NULL;
    size_t name = 0;
    for (unsigned i = 0; i < header->e_phnum; i++)
        if (segment[i].p_type == PT_DYNAMIC)
            dynamic = (const void *)(image + segment[i].p_vaddr);
    for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
        const char *there = image + dynamic->d_un.d_ptr;
        if (dynamic->d_tag == DT_SYMTAB)
            tables.symbols = (const void *)there;
        else if (dynamic->d_tag == DT_STRTAB)
            tables.strings = there;
        else if (dynamic->d_tag == DT_HASH)
            tables.hash = (const void *)there;
        else if (dynamic->d_tag == DT_VERSYM)
            tables.versions = (const void *)there;
        else if (dynamic->d_tag == DT_VERDEF)
            tables.definitions = there;
        else if (dynamic->d_tag == DT_SONAME)
            name = dynamic->d_un.d_val;
    }
    tables.name = tables.strings + name;
}

static const char *version_of(unsigned symbol)
{
    const ElfW(Verdef) *definition = (const void *)tables.definitions;
    for (;; definition = (const void *)((const char *)definition + definition->vd_next)) {
        if (definition->vd_ndx == (tables.versions[symbol] & 0x7fff)) {
            const ElfW(Verdaux) *first =
                (const void *)((const char *)definition + definition->vd_aux);
            return tables.strings + first->vda_name;
        }
        if (!definition->vd_next)
            return "";
    }
}

static void *find(const char *name, const char *version)
{
    for (unsigned i = 0; tables.symbols && i < tables.hash[1]; i++) {
        const ElfW(Sym) *symbol = &tables.symbols[i];
        if (symbol->st_shndx && strcmp(tables.strings + symbol->st_name, name) == 0 &&
            strcmp(version_of(i), version) == 0)
            return (void *)(image + symbol->st_value);
    }
    return NULL;
}

/* --- time ------------------------------------------------------------------------------------ */

static int64_t in_ns(const struct time *time) { return time->s * 1000000000 + time->ns; }

static int64_t ask_vdso(int clock)
{
    struct time time = { -1, -1 };
    return vdso_clock(clock, &time) ? -1 : in_ns(&time);
}

static int64_t ask_kernel(int clock)
{
    struct time time = { -1, -1 };
    return syscall(CLOCK_CALL, clock, &time) ? -1 : in_ns(&time);
}

static void test_clock(const char *name, int clock)
{
    int64_t before = ask_kernel(clock), said = ask_vdso(clock), after = ask_kernel(clock);
    check(name, before > 0 && before <= said && said <= after);
}

static void test_time(void)
{
    int (*day)(struct timeval *, void *) = find("__vdso_gettimeofday", "LINUX_2.6");
    long (*seconds)(long *) = find("__vdso_time", "LINUX_2.6");
    long (*cpu)(unsigned *, unsigned *, void *) = find("__vdso_getcpu", "LINUX_2.6");
    struct {
        long s, us;
    } now = { -1, -1 };
    struct time time;
    unsigned number = 12345, node = 12345;
    unsigned backwards = 0;
    int64_t last = 0;

    test_clock("CLOCK_REALTIME", CLOCK_REALTIME);
    test_clock("CLOCK_MONOTONIC", CLOCK_MONOTONIC);
    test_clock("CLOCK_MONOTONIC_RAW", CLOCK_MONOTONIC_RAW);
    test_clock("CLOCK_BOOTTIME", CLOCK_BOOTTIME);
    test_clock("CLOCK_REALTIME_COARSE", CLOCK_REALTIME_COARSE);
    test_clock("CLOCK_MONOTONIC_COARSE", CLOCK_MONOTONIC_COARSE);
    test_clock("CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID);
    test_clock("CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID);
    check("there is no clock 1000", vdso_clock(1000, &time) == -EINVAL);
    for (int i = 0; i < 20000; i++) {
        int64_t is = i % 8 ? ask_vdso(CLOCK_MONOTONIC) : ask_kernel(CLOCK_MONOTONIC);
        backwards += is < last;
        last = is;
    }
    check("asked in turn they never go back", !backwards);

    int64_t before = ask_kernel(CLOCK_REALTIME) / 1000;
    check("gettimeofday", day && day((struct timeval *)&now, NULL) == 0);
    int64_t us = (int64_t)now.s * 1000000 + now.us;
    check("says the same", before <= us && us <= ask_kernel(CLOCK_REALTIME) / 1000);
    long stored = -1;
    check("time", seconds && seconds(&stored) == stored && stored - now.s <= 1);
    check("time without a place for it", seconds && seconds(NULL) - now.s <= 1);
    check("getcpu", !cpu || (cpu(&number, &node, NULL) == 0 && number < 4096 && node < 64));
    check("getcpu without places", !cpu || cpu(NULL, NULL, NULL) == 0);
}

/* --- memory ---------------------------------------------------------------------------------- */

/* The rights and the start of the mapping @name; 0: there is none. */
static unsigned long find_mapping(const char *name, char rights[5])
{
    char line[256];
    unsigned long found = 0, start;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (!found && maps && fgets(line, sizeof(line), maps))
        if (strstr(line, name) && sscanf(line, "%lx-%*x %4s", &start, rights) == 2)
            found = start;
    if (maps)
        fclose(maps);
    return found;
}

static int status_of(pid_t child)
{
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

static int child_is_fine(void)
{
    pid_t child = fork();
    if (!child)
        _exit(ask_vdso(CLOCK_MONOTONIC) > 0 && find_mapping("[vdso]", (char[5]){ 0 }) ? 7 : 1);
    int status = status_of(child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

static int dies_of(void (*what)(unsigned long), unsigned long argument, int signal)
{
    pid_t child = fork();
    if (!child) {
        what(argument);
        _exit(1);
    }
    int status = status_of(child);
    return WIFSIGNALED(status) && WTERMSIG(status) == signal;
}

static void write_to(unsigned long address) { *(volatile char *)address = 1; }

static void test_memory(void)
{
    char rights[5] = "";
    unsigned long data = find_mapping("[vvar]", rights);
    check("[vvar] is mapped, to be read", data && strcmp(rights, "r--p") == 0);
    check("[vdso] is mapped, to be read and executed",
          find_mapping("[vdso]", rights) == (unsigned long)image && strcmp(rights, "r-xp") == 0);
    check("and stays so", mprotect((void *)data, 4096, PROT_READ | PROT_WRITE) == -1);
    check("writing to the data is a fault", dies_of(write_to, data, SIGSEGV));
    check("writing to the code is a fault", dies_of(write_to, (unsigned long)image, SIGSEGV));
    check("a child has it, too", child_is_fine());
}

/* --- system calls ---------------------------------------------------------------------------- */

static volatile int steps, handled;

static void step(int signal) { steps += signal == SIGTRAP; }
static void handle(int signal) { handled += signal == SIGUSR1; }

#if defined(__x86_64__)

static long enter(long number, const long arguments[6], long flags)
{
    register long r10 __asm__("r10") = arguments[3];
    register long r8 __asm__("r8") = arguments[4];
    register long r9 __asm__("r9") = arguments[5];
    __asm__ volatile("push %[flags]; popfq; syscall; push $0x202; popfq"
                     : "+a"(number)
                     : "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]), "r"(r10), "r"(r8),
                       "r"(r9), [flags] "b"(flags)
                     : "rcx", "r11", "memory", "cc");
    return number;
}

static int garbage_kills(void) { return 1; }
static int returns_without_restorer(void) { return 1; }

#else

/* System call @number through AT_SYSINFO, with @flags set meanwhile. */
long enter(long number, const long arguments[6], long flags);
__asm__("enter:  push %ebp; push %ebx; push %esi; push %edi\n"
        "        mov 20(%esp), %eax; mov 24(%esp), %edi; mov 28(%esp), %edx\n"
        "        push gate; push %edx; mov (%edi), %ebx; mov 4(%edi), %ecx; mov 8(%edi), %edx\n"
        "        mov 12(%edi), %esi; mov 20(%edi), %ebp; mov 16(%edi), %edi\n"
        "        popf; call *(%esp); push $0x202; popf\n"
        "        pop %edx; pop %edi; pop %esi; pop %ebx; pop %ebp; ret");
unsigned long gate;

static void enter_with_garbage(unsigned long garbage)
{
    __asm__ volatile("push %%edx; popf; mov %%ecx, %%ebp; sysenter"
                     :
                     : "a"(garbage), "c"(garbage), "d"(0x202 | (garbage & 0x44d00))
                     : "memory");
}

/* Some of it sets the trap flag as well, for which there is a handler by now. */
static int garbage_kills(void)
{
    static const unsigned long garbage[] = {
        0, 1, 0x1000, 0xbffffffd, 0xc0000000, 0xc0100000, 0xfffffffc, 0xffffffff, 0x44d00, 0x4000,
    };
    for (unsigned i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++)
        if (!dies_of(enter_with_garbage, garbage[i], SIGSEGV))
            return 0;
    return 1;
}

static void handle_info(int signal, siginfo_t *info, void *context)
{
    handled += info->si_signo == signal && context ? 10 : 0;
}

/* As old programs do: no SA_RESTORER. */
static int returns_without_restorer(void)
{
    struct {
        unsigned long handler, flags, restorer;
        uint64_t mask;
    } action = { .handler = (unsigned long)handle };
    handled = 0;
    syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8);
    raise(SIGUSR1);
    action.handler = (unsigned long)handle_info;
    action.flags = SA_SIGINFO;
    syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8);
    raise(SIGUSR1);
    return handled == 11;
}

#endif

static long no_arguments[6];

/* A read that a signal interrupts goes on when the handler has returned. */
static int is_started_again(void)
{
    int pipes[2];
    char byte = 0;
    if (pipe(pipes))
        return 0;
    sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = handle, .sa_flags = SA_RESTART }, NULL);
    handled = 0;
    pid_t first = later(signal_parent, SIGUSR1);
    pid_t second = fork();
    if (!second) {
        sleep_ms(3 * LATER_MS);
        write_byte(pipes[1]);
        _exit(0);
    }
    long got = enter(SYS_read, (long[6]){ pipes[0], (long)&byte, 1 }, 0x202);
    return status_of(first) == 0 && status_of(second) == 0 && got == 1 && byte == 'x' && handled;
}

static int takes_six(void)
{
    const long map = IS_I386 ? 192 : SYS_mmap;
    char name[] = "/tmp/vdsoXXXXXX";
    int fd = mkstemp(name);
    unlink(name);
    long unit = IS_I386 ? 1 : 4096;
    if (fd < 0 || pwrite(fd, "sixth", 5, 4096) != 5)
        return 0;
    long place = enter(map, (long[6]){ 0, 4096, PROT_READ, MAP_PRIVATE, fd, unit }, 0x202);
    close(fd);
    return place != -1 && strcmp((const char *)place, "sixth") == 0;
}

static int can_be_stepped(void)
{
    sigaction(SIGTRAP, &(struct sigaction){ .sa_handler = step }, NULL);
    steps = 0;
    long pid = enter(SYS_getpid, no_arguments, 0x202 | TRAP_FLAG);
    return pid == getpid() && steps > 0 && steps < 100;
}

static void test_calls(void)
{
    check("a system call", enter(SYS_getpid, no_arguments, 0x202) == getpid());
    check("one that fails", enter(SYS_close, (long[6]){ -1 }, 0x202) == -EBADF);
    check("one that is not there", enter(4000, no_arguments, 0x202) == -ENOSYS);
    check("the sixth argument arrives", takes_six());
    check("an interrupted call is started again", is_started_again());
    check("it can be single-stepped", can_be_stepped());
    check("and called with the direction and alignment flags set",
          enter(SYS_getpid, no_arguments, 0x40602) == getpid());
    check("a handler without a restorer returns", returns_without_restorer());
    check("sysenter with garbage kills the program alone", garbage_kills());
}

int main(void)
{
    image = (const char *)getauxval(AT_SYSINFO_EHDR);
    check("AT_SYSINFO_EHDR shows an ELF file", image && memcmp(image, ELFMAG, SELFMAG) == 0);
    read_dynamic();
    check("its name is the one that debuggers know",
          strcmp(tables.name, IS_I386 ? "linux-gate.so.1" : "linux-vdso.so.1") == 0);
    vdso_clock = (clock_function *)find(CLOCK_NAME, "LINUX_2.6");
    check("it has clock_gettime", vdso_clock);
    if (!vdso_clock)
        return 1;
#if !defined(__x86_64__)
    gate = getauxval(AT_SYSINFO);
    if (!gate || gate != (unsigned long)find("__kernel_vsyscall", "LINUX_2.5"))
        return 2;
#endif
    test_time();
    test_memory();
    test_calls();
    return finish();
}
