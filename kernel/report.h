/*
 * Reports of programmer errors: a double free, a lock out of order, sleeping where nothing may.
 *
 * A report stops the machine with its text, the locks held and the stack.  But a test that
 * provokes the error on purpose says so first (ktest_expect_report()); then report() notes that
 * it came and returns, and the caller goes on as harmlessly as it can.
 */
#ifndef KERNEL_REPORT_H
#define KERNEL_REPORT_H

#include "lib/annotate.h"
#include "lib/types.h"

/* Report a programmer error.  Returns only if a running test expects it.  Any context. */
void report(const char *format, ...) PRINTF(1, 2);

/*
 * Let the next report that contains @text return instead of stopping the machine.  One
 * expectation at a time.  @text is kept until report_seen().
 */
void report_expect(const char *text);

/* Has the expected report come?  Ends the expectation. */
bool report_seen(void);

#endif
