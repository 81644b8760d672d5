/*
 * Crashes on purpose, to see what the kernel says about them: crash=KIND on the command line.
 *
 *     divide, ud, protection    an exception without an address
 *     pagefault, rodata         a write to where nothing is mapped, to the kernel's own code
 *     nullcall, nx              a jump to where nothing is mapped, to data
 *     stackoverflow             a double fault, by running into the guard page below the stack
 *     bootstack                 the same on the stack that the boot began with
 *     assert, panic             the kernel's own words
 *     deaf                      a panic while another CPU loops with interrupts off
 */
#ifndef ARCH_X86_CRASH_H
#define ARCH_X86_CRASH_H

/* Crash if the command line asked for it.  Sleeps. */
void crash_if_asked(void);

#endif
