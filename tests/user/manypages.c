/*
 * Many processes that each fill memory of their own, all at once, and then find it as they left it.
 *
 *     manypages [PROCESSES MIB_EACH]
 *
 * No two pages have the same contents, so a page that is mapped twice, or a mapping through which
 * the kernel reached another page, shows.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "check.h"

enum { PAGE = 4096, WORDS = PAGE / 8, MOST = 64 };

/* What stands at the start and the end of page @page of process @who. */
static uint64_t mark(unsigned who, size_t page, int end)
{
    return ((uint64_t)(who + 1) << 40 | page << 1 | (size_t)end) * 0x9e3779b97f4a7c15u;
}

static uint64_t *map(size_t pages, unsigned who)
{
    void *place =
        mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED)
        _exit(2);
    if (who % 2 == 0)
        madvise(place, pages * PAGE, MADV_NOHUGEPAGE); /* so that there are many tables, too */
    return place;
}

static int all_right(const uint64_t *words, size_t pages, unsigned who)
{
    for (size_t page = 0; page < pages; page++) {
        const uint64_t *first = words + page * WORDS;
        if (first[0] != mark(who, page, 0) || first[WORDS - 1] != mark(who, page, 1) ||
            first[WORDS / 2])
            return 0;
    }
    return 1;
}

/* Fill @pages, say so on @filled, and look again when @go is closed. */
static int child(unsigned who, size_t pages, int filled, int go)
{
    uint64_t *words = map(pages, who);
    char byte = 0;

    for (size_t page = 0; page < pages; page++) {
        words[page * WORDS] = mark(who, page, 0);
        words[page * WORDS + WORDS - 1] = mark(who, page, 1);
    }
    if (write(filled, &byte, 1) != 1 || read(go, &byte, 1) != 0)
        return 2;
    return all_right(words, pages, who) ? 0 : 1;
}

int main(int argc, char **argv)
{
    const unsigned processes = argc > 2 ? (unsigned)atoi(argv[1]) : 4;
    const size_t pages = (argc > 2 ? (size_t)atoi(argv[2]) : 8) << 20 >> 12;
    int filled[2], go[2], right = 0, started = 0, ended = 0;
    char byte;

    if (processes > MOST || pipe(filled) || pipe(go))
        return 2;
    for (unsigned who = 0; who < processes; who++) {
        pid_t pid = fork();
        if (pid == 0) {
            close(filled[0]);
            close(go[1]);
            _exit(child(who, pages, filled[1], go[0]));
        }
        started += pid > 0;
    }
    close(filled[1]);
    close(go[0]);
    int count = 0;
    while (count < started && read(filled[0], &byte, 1) == 1) /* 0: all others are dead */
        count++;
    close(go[1]);
    for (int status; wait(&status) > 0; ended++)
        right += status == 0;
    printf("%u processes with %zu pages each\n", processes, pages);
    check("all were started", started == (int)processes);
    check("all have filled their pages at once", count == (int)processes);
    check("every page is as it was left", right == (int)processes && ended == right);
    return finish();
}
