/*
 * Corrupt ELF files: each is refused, or at worst kills the process that becomes it; the one that
 * asked for it lives.
 *
 * The program damages copies of itself.  "ENOEXEC" rows are refused as that on every kernel; what
 * others do to "dead" ones is their business, as long as no program runs: Linux loads some of them
 * and kills them then.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "check.h"

#define FILE_NAME "/tmp/quire-elf"
enum { RAN = 77, ROOM = 1 << 20, PAGE = 4096 };

static unsigned char original[ROOM], image[ROOM];
static size_t original_bytes, bytes;

#define H        ((ElfW(Ehdr) *)image)
#define P(n)     (&((ElfW(Phdr) *)(image + ((ElfW(Ehdr) *)original)->e_phoff))[n])
#define CODE     P(code)
#define DATA     P(data)
#define SPARE    P(spare)
#define KERNEL   (sizeof(long) == 8 ? (unsigned long)0xffffffff80100000 : 0xc0100000ul)
#define TOP      (sizeof(long) == 8 ? (unsigned long)0x7ffffffff000 : 0xc0000000ul)
#define MINUS(n) ((ElfW(Addr))0 - (n))

static int code, data, spare; /* program headers: executable, writable, one that is not needed */

static void load_original(void)
{
    int fd = open("/proc/self/exe", O_RDONLY);
    for (ssize_t got; (got = read(fd, original + original_bytes, ROOM - original_bytes)) > 0;)
        original_bytes += got;
    close(fd);
    memcpy(image, original, original_bytes);
    spare = code = data = -1;
    for (int i = 0; i < H->e_phnum; i++) {
        if (P(i)->p_type == PT_LOAD && P(i)->p_flags & PF_X)
            code = i;
        else if (P(i)->p_type == PT_LOAD && P(i)->p_flags & PF_W)
            data = i;
        else if (P(i)->p_type == PT_GNU_STACK)
            spare = i;
    }
    if (code < 0 || data < 0 || spare < 0)
        abort();
}

static void write_image(void)
{
    unlink(FILE_NAME);
    int fd = open(FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    if (fd < 0 || write(fd, image, bytes) != (ssize_t)bytes)
        abort();
    close(fd);
}

/* Start the file.  Returns: the errno of execve, 0 if it ran, -1 if it died. */
static int start(void)
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        freopen("/dev/null", "w", stderr);
        execve(FILE_NAME, (char *[]){ FILE_NAME, "run", NULL }, (char *[]){ NULL });
        _exit(errno);
    }
    waitpid(child, &status, 0);
    return !WIFEXITED(status) ? -1 : WEXITSTATUS(status) == RAN ? 0 : WEXITSTATUS(status);
}

static void report(const char *what, int wanted)
{
    write_image();
    int result = start();
    int right = wanted == ENOEXEC ? result == ENOEXEC : result != 0;
    printf("%s: %s: %s\n", right ? "ok" : "FAILED", what, wanted == ENOEXEC ? "ENOEXEC" : "dead");
    if (!right)
        printf("    but %s %d\n", result ? "it is" : "it ran:", result);
    failures += !right;
}

#define ROW(wanted, name, damage)                \
    do {                                         \
        memcpy(image, original, original_bytes); \
        bytes = original_bytes;                  \
        damage;                                  \
        report(name, wanted);                    \
    } while (0)
#define REFUSED(damage) ROW(ENOEXEC, #damage, damage)
#define DEAD(damage)    ROW(-1, #damage, damage)

static void interpreter(const char *path, size_t length)
{
    SPARE->p_type = PT_INTERP;
    SPARE->p_offset = bytes;
    SPARE->p_filesz = SPARE->p_memsz = length;
    memcpy(image + bytes, path, length);
    bytes += length;
}

static void test_headers(void)
{
    REFUSED(bytes = 0);
    REFUSED(bytes = 1);
    REFUSED(bytes = 4);
    REFUSED(bytes = 16);
    REFUSED(bytes = sizeof(*H) - 1);
    REFUSED(bytes = sizeof(*H));
    REFUSED(bytes = sizeof(*H) + sizeof(*P(0)));
    REFUSED(bytes = sizeof(*H) + H->e_phnum * sizeof(*P(0)) - 1);
    REFUSED(H->e_ident[0] = 0);
    REFUSED(H->e_ident[3] = 'G');
    REFUSED(memset(image, 0, sizeof(*H)));
    REFUSED(H->e_type = ET_NONE);
    REFUSED(H->e_type = ET_REL);
    REFUSED(H->e_type = ET_CORE);
    REFUSED(H->e_type = 0xffff);
    REFUSED(H->e_machine = EM_NONE);
    REFUSED(H->e_machine = EM_ARM);
    REFUSED(H->e_machine = 0xffff);
    REFUSED(H->e_phentsize = 0);
    REFUSED(H->e_phentsize++);
    REFUSED(H->e_phentsize = 0xffff);
    REFUSED(H->e_phnum = 0);
    REFUSED(H->e_phnum = 0xffff);
    REFUSED(H->e_phoff = bytes);
    REFUSED(H->e_phoff = bytes - 8);
    REFUSED(H->e_phoff = MINUS(1));
    REFUSED(H->e_phoff = MINUS(64));
    REFUSED(H->e_phoff = (ElfW(Off))1 << (sizeof(long) * 8 - 1));
    DEAD(H->e_phoff = 0);
    DEAD(H->e_phnum = 1);
    DEAD(H->e_entry = 0);
    DEAD(H->e_entry = MINUS(1));
    DEAD(H->e_entry = KERNEL);
    DEAD(H->e_entry = DATA->p_vaddr + DATA->p_memsz + PAGE);
}

static void test_segments(void)
{
    DEAD(bytes = CODE->p_offset);
    DEAD(bytes = CODE->p_offset + 16);
    DEAD(CODE->p_type = PT_NULL);
    DEAD(CODE->p_type = DATA->p_type = PT_NULL);
    DEAD(CODE->p_filesz = CODE->p_memsz + 1);
    DEAD(CODE->p_filesz = MINUS(1));
    DEAD(CODE->p_filesz = CODE->p_memsz = 0);
    DEAD(CODE->p_memsz = MINUS(1));
    DEAD(CODE->p_memsz = MINUS(PAGE));
    DEAD(CODE->p_memsz = TOP);
    DEAD(CODE->p_filesz = CODE->p_memsz = MINUS(PAGE));
    DEAD(CODE->p_offset++);
    DEAD(CODE->p_offset += 8);
    DEAD(CODE->p_offset = MINUS(PAGE));
    DEAD(CODE->p_offset = (bytes + 16 * PAGE) & -PAGE);
    DEAD(CODE->p_vaddr += 16);
    DEAD(CODE->p_vaddr = 0);
    DEAD(CODE->p_vaddr = 0x1000);
    DEAD(CODE->p_vaddr = TOP);
    DEAD(CODE->p_vaddr = TOP - PAGE);
    DEAD(CODE->p_vaddr = KERNEL);
    DEAD(CODE->p_vaddr = MINUS(PAGE));
    DEAD(CODE->p_vaddr += (ElfW(Addr))1 << 28);
    DEAD(CODE->p_flags = 0);
    DEAD(CODE->p_flags = PF_R | PF_W);
    DEAD(DATA->p_memsz = MINUS(1));
    DEAD(DATA->p_memsz = TOP);
    DEAD(DATA->p_filesz = DATA->p_memsz + 1);
    DEAD(DATA->p_offset += 4);
    DEAD(DATA->p_vaddr = KERNEL);
    DEAD(DATA->p_vaddr = MINUS(PAGE));
    DEAD(DATA->p_vaddr = CODE->p_vaddr + DATA->p_offset % PAGE);
}

static void test_interpreters(void)
{
    char longer[PATH_MAX + 1];
    memset(longer, 'x', sizeof(longer));
    longer[PATH_MAX] = 0;
    REFUSED(interpreter("", 0));
    REFUSED(interpreter("", 1));
    REFUSED(interpreter("/tmp", 4));
    REFUSED(interpreter(longer, sizeof(longer)));
    REFUSED((interpreter("/tmp", 5), SPARE->p_filesz = MINUS(1)));
    DEAD((interpreter("/tmp", 5), SPARE->p_offset = MINUS(2)));
    DEAD((interpreter("/tmp", 5), SPARE->p_offset = bytes));
    DEAD((interpreter("/tmp", 5), SPARE->p_offset = bytes - 2));
    DEAD(interpreter("/tmp", 5));
    DEAD(interpreter("/dev/null", 10));
    DEAD(interpreter("/no/such/file", 14));
    DEAD(interpreter("/tmp/quire-elf/x", 17));
    DEAD(interpreter("/proc/self/maps", 16));
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return RAN;
    load_original();
    memcpy(image, original, bytes = original_bytes);
    write_image();
    check("undamaged it runs", start() == 0);
    test_headers();
    test_segments();
    test_interpreters();
    memcpy(image, original, bytes = original_bytes);
    write_image();
    check("undamaged it still runs", start() == 0);
    return finish();
}
