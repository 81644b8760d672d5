/*
 * Drawing a system call: which one, and arguments that are a little sensible.
 *
 * Wholly random arguments would all be refused at the first check.  So a descriptor is mostly one
 * that is open, a pointer mostly leads into memory that was mapped once, a structure has words that
 * are lengths, pointers and small numbers; and now and then each is nonsense.
 */
#ifndef USER_FUZZ_DRAW_H
#define USER_FUZZ_DRAW_H

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "fuzz_kinds.h"
#include "fuzz_raw.h"

enum {
    PAGE = 4096,
    ARENA_PAGES = 256,
    SCRATCH_WORDS = 512,
    NAME_TOO_LONG = 5000,
    OTHERS_MAX = 64,
};

#define ARENA 0x30000000ul

/* The calls that there are: the kernel's own table. */
struct known_call {
    long number;
    const char *name, *arguments, *handler; /* of which there is none: the call is not there */
};

#ifdef __x86_64__
#define SYSCALL_BOTH(x86_64, i386, name, handler, count) SYSCALL(x86_64, name, handler, count)
#define SYSCALL_X86_64(number, name, handler, count)     SYSCALL(number, name, handler, count)
#define SYSCALL_I386(number, name, handler, count)
#else
#define SYSCALL_BOTH(x86_64, i386, name, handler, count) SYSCALL(i386, name, handler, count)
#define SYSCALL_X86_64(number, name, handler, count)
#define SYSCALL_I386(number, name, handler, count) SYSCALL(number, name, handler, count)
#endif
#define SYSCALL(number, name, handler, count) { number, #name, NULL, #handler },

static struct known_call known[] = {
#include "../kernel/syscalls.def"
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

/* What the caller has to work with: set up by whoever draws. */
static long *scratch; /* structures; nothing of ours is behind them */
static char *fixed;   /* a page that cannot be written, and is no code */
static char *edge;    /* a page with nothing behind it */
static char long_name[NAME_TOO_LONG];
static int others[OTHERS_MAX]; /* processes that signals may be sent to; never PID 1 */
static unsigned others_count = 1;
static uint64_t random_state;

/* Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014. */
static uint64_t draw(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static unsigned below(unsigned limit) { return (unsigned)(draw() >> 32) % limit; }

#define ONE_OF(list) (list)[below(sizeof(list) / sizeof((list)[0]))]

static void learn_kinds(void)
{
    for (unsigned i = 0; i < KNOWN; i++)
        for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
            if (strcmp(known[i].name, kinds[k].name) == 0)
                known[i].arguments = kinds[k].arguments;
}

/* A number at whose neighbourhood code likes to be wrong. */
static long draw_anything(void)
{
    static const long edges[] = { 0, 1, -1, 2, 4095, 4096, 4097, 0x7fffffff, (long)0x80000000ul };
    switch (below(4)) {
    case 0:
        return ONE_OF(edges);
    case 1:
        return (long)(1ul << below(8 * sizeof(long)));
    case 2:
        return (long)below(256);
    default:
        return (long)draw();
    }
}

static long draw_bad_pointer(void)
{
    static const unsigned long bad[] = {
        0,
        1,
        PAGE - 1,
        ~0ul,
        ~0ul - 7,
        ~0ul - PAGE + 1,
#ifdef __x86_64__
        0xffff800000000000ul,
        0xffffffff80000000ul,
        0x7ffffffff000ul,
        0x7ffffffffff8ul,
        0x800000000000ul,
        0x8000000000000000ul,
#else
        0xc0000000ul,
        0xc0100000ul,
        0xbffffffcul,
        0xbffff000ul,
        0xfffff000ul,
        0xff800000ul,
#endif
    };
    return (long)ONE_OF(bad);
}

static long draw_buffer(void)
{
    switch (below(16)) {
    case 0:
        return draw_bad_pointer();
    case 1:
        return (long)(edge + PAGE - below(64)); /* a part of it is there */
    case 2:
        return (long)fixed; /* nobody may write there */
    case 3:
    case 4:
    case 5:
        return (long)(scratch + below(SCRATCH_WORDS / 2));
    case 6:
        return (long)(ARENA + below(ARENA_PAGES * PAGE));
    default:
        return (long)(ARENA + below(ARENA_PAGES) * PAGE + below(4) * sizeof(long));
    }
}

static long draw_length(void)
{
    switch (below(8)) {
    case 0:
        return draw_anything();
    case 1:
        return (long)below(16 * PAGE);
    case 2:
        return (long)(PAGE - 2 + below(4));
    default:
        return (long)below(256);
    }
}

/* Words of a structure: of what, the call will find out. */
static long draw_structure(void)
{
    unsigned count = below(32);
    long *words = scratch + below(8);
    if (below(8) == 0)
        return draw_buffer();
    for (unsigned i = 0; i < count; i++) {
        static const long common[] = { 0, 0, 1, 2, 3, 4, 8, 100, 4096, 1000000 };
        words[i] = below(4) == 0    ? draw_buffer()
                   : below(16) == 0 ? draw_anything()
                                    : ONE_OF(common);
    }
    return (long)words;
}

static long draw_path(int may_change)
{
    static const char *const own[] = { "a", "b", "c", "d", "a/a", "a/b", "b/a", "b/c/d", "./c" };
    static const char *const all[] = {
        "/",
        ".",
        "..",
        "",
        "/a",
        "/b",
        "a/../b",
        "a/",
        "//a//b",
        "dev/null",
        "dev/zero",
        "dev/full",
        "dev/urandom",
        "dev/ptmx",
        "/dev/ptmx",
        "/dev/pts/0",
        "dev/tty",
        "dev/nothing",
        "proc/self/maps",
        "/proc/self/smaps",
        "/proc/self/exe",
        "/proc/self/fd/3",
        "/proc/self/fd",
        "/proc/self/cwd/a",
        "/proc/self/pagemap",
        "proc/self/status",
        "proc/meminfo",
        "proc/vmstat",
        "/proc/self/mounts",
        "proc/self/task",
        "proc",
        "dev",
        "proc/stat",
        "proc/self/root/b",
        "proc/slabinfo",
        "proc/kmap",
        "proc/zoneinfo",
        "proc/self/comm",
        "proc/unimplemented",
    };
    unsigned how = below(32);
    if (how == 0)
        return draw_bad_pointer();
    if (how == 1)
        return (long)long_name + below(NAME_TOO_LONG);
    if (how == 2)
        return (long)strcpy(edge + PAGE - 2, "a");
    if (how == 3)
        return (long)memset(edge + PAGE - 8, 'a', 8); /* it has no end */
    return (long)(may_change || how < 16 ? ONE_OF(own) : ONE_OF(all));
}

static long draw_any_process(void)
{
    switch (below(16)) {
    case 0:
        return 0;
    case 1:
        return below(8) ? 0 : -1;
    case 2:
        return -others[below(others_count)];
    case 3:
        return (long)(2 + below(30000));
    default:
        return others[below(others_count)];
    }
}

/* Never the first program, whatever a call has written to the list. */
static long draw_process(void)
{
    int pid = (int)draw_any_process();
    return pid == 1 ? 0 : pid;
}

static long draw_flags(void)
{
    unsigned long flags = 0;
    if (below(3) == 0)
        return 0;
    for (unsigned i = below(4); i > 0; i--)
        flags |= 1ul << below(below(4) ? 24 : 32);
    return (long)flags;
}

/* Mostly memory, and mostly nobody else's. */
static long draw_map_flags(void)
{
    static const long often[] = { 0x22, 0x21, 0x32, 0x31, 0x02, 0x01, 0x12, 0x11, 0x4022, 0x8022 };
    long flags = ONE_OF(often);
    return below(4) ? flags : flags | draw_flags();
}

/* Seconds that are none, and nanoseconds that are few. */
static long draw_time(void)
{
    if (below(8) == 0)
        return draw_structure();
    scratch[64] = 0;
    scratch[65] = below(8) ? (long)below(100000) : draw_anything();
    scratch[66] = scratch[67] = 0;
    return below(8) ? (long)(scratch + 64) : 0;
}

/* A child, a thread, with or without what they share. */
static long draw_clone_flags(void)
{
    static const long often[] = { 17, 0x4111, 0x100, 0x10900 | 0x0, 0x3d0f00, 0x50f00, 0x1200011 };
    return below(4) ? ONE_OF(often) : draw_flags();
}

static long draw_small(void)
{
    switch (below(8)) {
    case 0:
        return draw_anything();
    case 1:
        return (long)below(64);
    default:
        return (long)below(12);
    }
}

static long draw_descriptor(void)
{
    unsigned how = below(16);
    return how < 13 ? (long)below(24) : how < 15 ? -100 : draw_anything();
}

static long draw_request(void)
{
    static const long others_there_are[] = { 0x80045430, 0x40045431, 0x5441, 0x541b, 0x80086601 };
    return below(4) ? (long)(0x5400 + below(0x60)) : ONE_OF(others_there_are);
}

static long draw_words_for_exec(void)
{
    scratch[128] = (long)"fuzz";
    scratch[129] = below(4) ? 0 : draw_buffer();
    scratch[130] = 0;
    return below(8) ? (long)(scratch + 128) : draw_buffer();
}

static long draw_argument(char kind)
{
    static const char *const types[] = { "tmpfs", "proc", "sysfs", "devpts", "ramfs", "nonsense" };
    switch (kind) {
    case 'f':
        return draw_descriptor();
    case 'b':
        return draw_buffer();
    case 'l':
        return draw_length();
    case 's':
        return draw_path(0);
    case 'm':
        return draw_path(1);
    case 'o':
        return below(3) ? (long)below(64 * 1024) : draw_anything();
    case 'i':
        return draw_process();
    case 'c':
        return draw_structure();
    case 'n':
        return draw_small();
    case 'k':
        return (long)below(66);
    case 't':
        return draw_time();
    case 'g':
        return draw_flags();
    case 'a':
        return below(16) ? (long)(ARENA + below(ARENA_PAGES) * PAGE) : draw_buffer();
    case 'z':
        return below(16) ? (long)(below(64) * PAGE) : draw_length();
    case 'p':
        return below(32) ? (long)below(8) : draw_flags();
    case 'M':
        return draw_map_flags();
    case 'T':
        return (long)ONE_OF(types);
    case 'C':
        return draw_clone_flags();
    case 'w':
        return (long)(ARENA + below(4) * PAGE + below(4) * 4);
    case 'e':
        return draw_words_for_exec();
    case 'I':
        return draw_request();
    case 'F':
        return (long)(below(4) ? below(17) : 1024 + below(16));
    default:
        return below(4) ? draw_buffer() : draw_anything();
    }
}

/* Is @call not to be made, or not now?  What is not there is tried as seldom as what kills. */
static int is_left_out(const struct known_call *call)
{
    const char first = call->arguments ? *call->arguments : 0;
    return first == '!' || ((first == '-' || *call->handler != 's') && below(64));
}

/* Draw a call.  Returns: what is known of it. */
static const struct known_call *draw_call(struct raw_call *call)
{
    const struct known_call *which;
    do
        which = &known[below(KNOWN)];
    while (is_left_out(which));
    const char *kind = which->arguments ? which->arguments : "xxxxxx";
    kind += *kind == '-';
    call->word[0] = which->number;
    for (unsigned i = 1; i < 7; i++)
        call->word[i] = *kind ? draw_argument(*kind++) : draw_anything();
    return which;
}

#endif
