/*
 * Reads what is pasted, to the end (^D), and says how much it was: no byte may be lost.  The suite
 * pastes once "ready" has been printed.
 */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    unsigned long bytes = 0, sum = 0;
    unsigned char buffer[512];
    ssize_t got;

    printf("ready\n");
    fflush(stdout);
    while ((got = read(0, buffer, sizeof(buffer))) > 0) {
        for (ssize_t i = 0; i < got; i++)
            sum = (sum * 31 + buffer[i]) & 0xffffffff;
        bytes += (unsigned long)got;
    }
    printf("\n%lu bytes, sum %lx\n", bytes, sum);
    return got < 0;
}
