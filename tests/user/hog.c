/*
 * Children that want all memory there is, as many at once as the argument says: each is killed, the
 * parent is not.  Not for a host whose memory somebody needs.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 3, PAGE = 4096, CHUNK = 1 << 20 };

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

static int round_of(int hogs, int round)
{
    int killed = 0;
    for (int i = 0; i < hogs; i++) {
        pid_t pid;
        while ((pid = fork()) < 0)
            usleep(1000); /* the others have it all at this moment: one of them will be killed */
        if (pid == 0)
            eat((i + round) % 2);
    }
    for (int i = 0; i < hogs; i++) {
        int status;
        if (wait(&status) < 0)
            return 0;
        killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }
    return killed == hogs;
}

int main(int argc, char **argv)
{
    const int hogs = argc > 1 ? atoi(argv[1]) : 1;
    int fine = 0;
    for (int round = 0; round < ROUNDS; round++)
        fine += round_of(hogs, round);
    char *memory = malloc(CHUNK);
    if (memory)
        memset(memory, 1, CHUNK);
    printf("%d rounds of hogs, all killed in %d; the parent has memory: %s\n", ROUNDS, fine,
           memory ? "yes" : "no");
    return fine == ROUNDS && memory ? 0 : 1;
}
