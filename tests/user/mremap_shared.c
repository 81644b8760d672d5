/*
 * mremap of shared memory: a size of nothing makes a second mapping of the same pages.
 */
#define _GNU_SOURCE
#include "memory.h"

int main(void)
{
    char *one = map_at(NULL, 4, READ_WRITE, MAP_SHARED);
    write_pages(one, 4, 1);
    char *two = (char *)syscall(SYS_mremap, one, 0, 4 * PAGE, MREMAP_MAYMOVE, 0);
    check("an old size of nothing maps it again", two != MAP_FAILED && two != one);
    check("both show the same", holds(one, 4, 1) && holds(two, 4, 1));
    two[PAGE] = 77;
    check("what is written to one is in the other", one[PAGE] == 77);
    one[2 * PAGE] = 78;
    check("and the other way round", two[2 * PAGE] == 78);

    char *part = (char *)syscall(SYS_mremap, one + 2 * PAGE, 0, 2 * PAGE,
                                 MREMAP_MAYMOVE | MREMAP_FIXED, ARENA);
    check("a part too, where it is told", part == ARENA && part[0] == 78 && part[PAGE] == 4);
    check_errno(syscall(SYS_mremap, one, 0, PAGE, 0, 0), ENOMEM);

    char *moved = (char *)syscall(SYS_mremap, two, 4 * PAGE, 4 * PAGE,
                                  MREMAP_MAYMOVE | MREMAP_FIXED, ARENA + 16 * PAGE);
    check("it moves and stays shared", moved == ARENA + 16 * PAGE && !is_mapped(two));
    moved[0] = 79;
    check("with the first", one[0] == 79 && moved[3 * PAGE] == 4);
    check("and the third", (moved[3 * PAGE] = 80) == part[PAGE]);
    check("the first may go", !munmap(one, 4 * PAGE) && moved[0] == 79 && part[0] == 78);
    return finish();
}
