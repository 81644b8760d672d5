/* The receiving side of ipi_call(). */
#ifndef ARCH_X86_IPI_CALL_H
#define ARCH_X86_IPI_CALL_H

/* Run what other CPUs have put on this CPU's list.  Interrupts off, inside irq_enter(). */
void ipi_call_interrupt(void);

#endif
