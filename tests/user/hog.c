/*
 * Children that want all memory there is, as many at once as the argument says: each is killed, the
 * parent is not.  With another argument, "tables", they have no memory but page tables, and another
 * child, which has more and is nobody's trouble, lives on.  Not for a host whose memory somebody
 * needs.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 3, PAGE = 4096, CHUNK = 1 << 20, HOGS = 16, BYSTANDER = 2 << 20 };

/* Touch memory for ever: by stores, or by having the kernel copy there. */
static void eat(int by_reading)
{
    int zero = open("/dev/zero", O_RDONLY);
    for (;;) {
        char *chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (chunk == MAP_FAILED)
            continue; /* it is the address space's end, or memory's: try for ever */
        for (int i = 0; i < CHUNK; i += PAGE)
            if (!by_reading || read(zero, chunk + i, PAGE) != PAGE)
                chunk[i] = 1;
    }
}

/* Look into memory for ever, so far apart that each page that is not there costs a table. */
static void eat_tables(void)
{
    const size_t size = (size_t)1 << (sizeof(long) == 8 ? 38 : 28), step = 2 << 20;
    for (;;) {
        const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        volatile char *chunk = mmap(NULL, size, PROT_READ, flags, -1, 0);
        for (size_t at = 0; chunk != MAP_FAILED && at < size; at += step)
            (void)chunk[at];
    }
}

static pid_t start_bystander(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        volatile char *memory = malloc(BYSTANDER);
        for (int i = 0; i < BYSTANDER; i += PAGE)
            memory[i] = 1;
        for (;;)
            pause();
    }
    return pid;
}

static int round_of(int hogs, int round, int of_tables)
{
    pid_t pids[HOGS];
    int killed = 0;
    for (int i = 0; i < hogs; i++) {
        pid_t pid;
        while ((pid = pids[i] = fork()) < 0)
            usleep(1000); /* the others have it all at this moment: one of them will be killed */
        if (pid == 0 && of_tables)
            eat_tables();
        if (pid == 0)
            eat((i + round) % 2);
    }
    for (int i = 0; i < hogs; i++) {
        int status;
        if (waitpid(pids[i], &status, 0) < 0)
            return 0;
        killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }
    return killed == hogs;
}

int main(int argc, char **argv)
{
    const int hogs = argc > 1 ? atoi(argv[1]) % (HOGS + 1) : 1;
    const int of_tables = argc > 2 && strcmp(argv[2], "tables") == 0;
    const pid_t bystander = of_tables ? start_bystander() : 0;
    int fine = 0;
    for (int round = 0; round < ROUNDS; round++)
        fine += round_of(hogs, round, of_tables);
    char *memory = malloc(CHUNK);
    if (memory)
        memset(memory, 1, CHUNK);
    printf("%d rounds of hogs, all killed in %d; the parent has memory: %s\n", ROUNDS, fine,
           memory ? "yes" : "no");
    if (of_tables && waitpid(bystander, NULL, WNOHANG) != 0)
        printf("and somebody else was killed\n");
    return fine == ROUNDS && memory ? 0 : 1;
}
