/*
 * A program that reads the kernel's memory is ended by SIGSEGV.
 */
#include <stdio.h>

int main(void)
{
    unsigned long address = sizeof(long) == 8 ? 0xffffffff80100000ul : 0xc0100000ul;
    printf("reading the kernel\n");
    fflush(stdout);
    int value = *(volatile int *)address;
    printf("and got %d\n", value);
    return 0;
}
