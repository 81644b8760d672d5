/*
 * What a system call costs that does nothing: from user mode into the kernel and back, counted in
 * instructions where the TSC counts them (-icount).  The program divides and exits with the result.
 */
#include "kernel/ktest.h"
#include "tests/kernel/user_mode.h"

PROGRAM(null_system_calls);

KTEST(a_system_call_that_does_nothing)
{
    int status = user_mode_status(&null_system_calls);
    ktest_equal(status & 0xff, 0);
    ktest_note("figure null_system_call %u", (unsigned)status >> 8);
}
