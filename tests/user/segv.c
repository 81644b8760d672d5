/*
 * A program that touches what is not there is ended by SIGSEGV, after its output has come out.
 */
#include <stdio.h>

int main(void)
{
    printf("reading where nothing is\n");
    fflush(stdout);
    volatile int *volatile nowhere = (int *)16;
    int value = *nowhere;
    printf("and got %d\n", value);
    return 0;
}
