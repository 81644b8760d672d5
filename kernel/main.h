/* The first C function of the kernel. */
#ifndef KERNEL_MAIN_H
#define KERNEL_MAIN_H

/* Bring the kernel up, run what the user asked for.  Called once, by start.asm. */
_Noreturn void kernel_main(void);

#endif
