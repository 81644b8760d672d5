/*
 * The local APIC: each CPU's own interrupt controller, with a timer and a way to interrupt other
 * CPUs.
 *
 * Its registers are a page of memory (xAPIC), or model-specific registers (x2APIC), which are
 * quicker and know CPUs by 32 bits instead of 8.  x2APIC is used where the CPU has it.
 */
#ifndef ARCH_X86_APIC_H
#define ARCH_X86_APIC_H

#include "lib/types.h"

/* Find the registers, at @phys unless in x2APIC mode, and start the boot CPU's.  Once. */
void apic_init(paddr_t phys);

/* Switch this CPU's local APIC on, its timer off.  Interrupts off. */
void apic_start_this(void);

/* This CPU's number among local APICs; that of online CPU @cpu. */
u32 apic_id(void);
u32 apic_id_of(unsigned cpu);

/* End the interrupt being handled. */
void apic_end_of_interrupt(void);

/* Send interrupt @vector, or an NMI, to the local APIC numbered @id.  Any context. */
void apic_send(u32 id, unsigned vector);
void apic_send_nmi(u32 id);

/* Reset the CPU of local APIC @id; let it start, in real mode, at the page at @phys below 1 MiB. */
void apic_send_init(u32 id);
void apic_send_startup(u32 id, paddr_t phys);

/* Interrupt this CPU with VECTOR_TIMER every @count ticks of the timer. */
void apic_timer_start(u32 count);

/* Let the timer count, without interrupts, what apic_timer_elapsed() then tells. */
void apic_timer_count_down(void);
u32 apic_timer_elapsed(void);

/* Errors the local APICs have reported: an OR of their bits, cleared. */
u32 apic_take_errors(void);

#endif
