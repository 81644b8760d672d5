/*
 * A program that writes to its own code is ended by SIGSEGV.
 */
#include <stdio.h>

int main(void)
{
    printf("writing to code\n");
    fflush(stdout);
    *(volatile char *)&main = 0;
    printf("and it worked\n");
    return 0;
}
