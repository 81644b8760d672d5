/*
 * How a program finds the world when it starts: arguments, environment, auxiliary vector, stack,
 * data, zeroes behind the data, thread-local storage.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <sys/auxv.h>

#include "check.h"

enum { BIG = 8 << 20 };

static char big_bss[BIG];
static char data[5000] = { [0] = 1, [4999] = 2 };
static char odd_bss[3];
static _Alignas(64) __thread char local_zero[100];
static _Alignas(64) __thread int local_value = 42;

static int all_zero(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return 0;
    return 1;
}

static void test_auxiliary(char **argv)
{
    const ElfW(Phdr) *headers = (const void *)getauxval(AT_PHDR);
    const unsigned char *random = (const void *)getauxval(AT_RANDOM);
    unsigned loads = 0, different = 0;
    extern const char __ehdr_start[];
    for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++)
        loads += headers[i].p_type == PT_LOAD;
    for (unsigned i = 1; i < 16; i++)
        different += random[i] != random[0];
    check("AT_PAGESZ is 4096", getauxval(AT_PAGESZ) == 4096);
    check("AT_CLKTCK is 100", getauxval(AT_CLKTCK) == 100);
    check("AT_PHENT is right", getauxval(AT_PHENT) == sizeof(ElfW(Phdr)));
    check("AT_PHDR shows the program headers",
          (const char *)headers == __ehdr_start + ((const ElfW(Ehdr) *)__ehdr_start)->e_phoff);
    check("among them segments to load", loads >= 2);
    check("AT_ENTRY is where it started",
          getauxval(AT_ENTRY) == ((const ElfW(Ehdr) *)__ehdr_start)->e_entry);
    check("AT_BASE and AT_FLAGS are 0", !getauxval(AT_BASE) && !getauxval(AT_FLAGS));
    check("AT_RANDOM has random bytes", random && different > 8);
    check("AT_EXECFN is the path", strcmp((const char *)getauxval(AT_EXECFN), argv[0]) == 0);
    check("AT_SECURE is 0", !getauxval(AT_SECURE));
    check("AT_HWCAP says there is an FPU", getauxval(AT_HWCAP) & 1);
    check("AT_MINSIGSTKSZ has room for a signal", getauxval(AT_MINSIGSTKSZ) >= 1024);
    check("AT_PLATFORM is a name", getauxval(AT_PLATFORM) && *(const char *)getauxval(AT_PLATFORM));
}

static void test_memory(void)
{
    check("data are what the file says",
          data[0] == 1 && data[4999] == 2 && all_zero(data + 1, 4998));
    check("bss is zero", all_zero(big_bss, BIG) && all_zero(odd_bss, 3));
    memset(big_bss, 1, BIG);
    check("and can be written", big_bss[BIG - 1] == 1);
    check("thread-local data are there", local_value == 42 && all_zero(local_zero, 100));
    check("and aligned", (uintptr_t)&local_value % 64 == 0 && (uintptr_t)local_zero % 64 == 0);
}

/* Use about @bytes of stack, 1000 at a time. */
static unsigned deep(unsigned bytes)
{
    volatile char room[1000];
    room[0] = (char)bytes;
    room[999] = 1;
    return (unsigned)room[999] + (bytes < 1000 ? 0 : deep(bytes - 1000));
}

int main(int argc, char **argv, char **envp)
{
    check("there is an argument", argc == 1 && argv[0] && !argv[1]);
    check("the lists lie one behind the other", envp == argv + argc + 1);
    check("the number of arguments is where it should be", ((long *)argv)[-1] == argc);
    check("the stack was aligned to 16", (uintptr_t)(argv - 1) % 16 == 0);
    test_auxiliary(argv);
    test_memory();
    check("the stack grows to 7 MiB", deep(7 << 20) > 7000);
    return finish();
}
