/*
 * A stack that grows beyond its limit ends the program by SIGSEGV, not its neighbours.
 */
#include <stdio.h>

static volatile unsigned depth;

static unsigned fall(volatile char *above)
{
    volatile char room[4096];
    room[0] = above[0];
    depth++;
    return depth ? fall(room) + room[0] : 0;
}

int main(void)
{
    char start = 1;
    printf("falling\n");
    fflush(stdout);
    return (int)fall(&start);
}
