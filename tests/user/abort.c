/*
 * abort() ends the program by SIGABRT.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    printf("giving up\n");
    fflush(stdout);
    abort();
}
