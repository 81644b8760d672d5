/*
 * A division by zero ends the program by SIGFPE.
 */
#include <stdio.h>

int main(void)
{
    volatile int zero = 0;
    printf("dividing by zero\n");
    fflush(stdout);
    printf("and got %d\n", 7 / zero);
    return 0;
}
