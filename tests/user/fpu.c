/*
 * Floating point survives whatever else the CPU does meanwhile: interrupts, other tasks, sleeping.
 */
#include <fenv.h>
#include <sched.h>
#include <stdint.h>
#include <time.h>

#include "check.h"

/* Three chaotic sequences, 1000 steps in registers: one wrong bit in one changes everything. */
static __attribute__((noinline)) void wander_on(double *x_at, float *y_at, long double *z_at)
{
    double x = *x_at;
    float y = *y_at;
    long double z = *z_at;
    for (unsigned i = 0; i < 1000; i++) {
        x = 3.9 * x * (1 - x);
        y = 3.9f * y * (1 - y);
        z = 3.9l * z * (1 - z);
    }
    *x_at = x;
    *y_at = y;
    *z_at = z;
}

static double wander(unsigned thousands, int give_way)
{
    double x = 0.3;
    float y = 0.7f;
    long double z = 0.1l;
    while (thousands--) {
        wander_on(&x, &y, &z);
        if (give_way)
            sched_yield();
    }
    return x + (double)y + (double)z;
}

/* Keep eight values in registers, across a system call that the compiler cannot see. */
static int registers_are_kept(void)
{
    uint64_t in[8], out[8];
    for (unsigned i = 0; i < 8; i++)
        in[i] = 0x0123456789abcdefull * (i + 1);
    struct timespec span = { 0, 15000000 };
#if defined(__x86_64__)
    __asm__ volatile("movq 0(%[in]), %%xmm0; movq 8(%[in]), %%xmm1; movq 16(%[in]), %%xmm2;"
                     "movq 24(%[in]), %%xmm3; movq 32(%[in]), %%xmm12; movq 40(%[in]), %%xmm13;"
                     "movq 48(%[in]), %%xmm14; movq 56(%[in]), %%xmm15;"
                     "syscall;"
                     "movq %%xmm0, 0(%[out]); movq %%xmm1, 8(%[out]); movq %%xmm2, 16(%[out]);"
                     "movq %%xmm3, 24(%[out]); movq %%xmm12, 32(%[out]); movq %%xmm13, 40(%[out]);"
                     "movq %%xmm14, 48(%[out]); movq %%xmm15, 56(%[out])"
                     :
                     : [in] "r"(in), [out] "r"(out), "a"(35), "D"(&span), "S"(0)
                     : "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm12", "xmm13",
                       "xmm14", "xmm15");
#else
    __asm__ volatile("fildll 0(%[in]); fildll 8(%[in]); fildll 16(%[in]); fildll 24(%[in]);"
                     "fildll 32(%[in]); fildll 40(%[in]); fildll 48(%[in]); fildll 56(%[in]);"
                     "int $0x80;"
                     "fistpll 56(%[out]); fistpll 48(%[out]); fistpll 40(%[out]);"
                     "fistpll 32(%[out]); fistpll 24(%[out]); fistpll 16(%[out]);"
                     "fistpll 8(%[out]); fistpll 0(%[out])"
                     :
                     : [in] "S"(in), [out] "D"(out), "a"(162), "b"(&span), "c"(0)
                     : "memory");
#endif
    return memcmp(in, out, sizeof(in)) == 0;
}

int main(void)
{
    struct timespec span = { 0, 30000000 };
    volatile double once = wander(3000, 0); /* in memory: an x87 register is wider */
    volatile double twice = wander(3000, 0), thrice = wander(3000, 1);
    check("the same sum twice", twice == once);
    check("the same with others in between", thrice == once);
    check("registers are kept in a system call that sleeps", registers_are_kept());
    check("rounding can be changed", fesetround(FE_UPWARD) == 0);
    nanosleep(&span, NULL);
    check("and stays so", fegetround() == FE_UPWARD);
    volatile double one = 1, three = 3;
    double up = one / three;
    fesetround(FE_DOWNWARD);
    check("and is felt", up > one / three);
    return finish();
}
