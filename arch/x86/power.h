/*
 * The end of the machine's work, with a status that whoever started it can see.
 */
#ifndef ARCH_X86_POWER_H
#define ARCH_X86_POWER_H

/* What a kernel that cannot go on leaves with. */
enum { EXIT_PANIC = 125 };

/*
 * Power off, leaving @status (0-255) to an emulator's host: as the line "exit N" on port 0xe9,
 * which tools/vm reads, and through QEMU's isa-debug-exit.  Any context.
 */
_Noreturn void machine_exit(int status);

/* Power off with status 0, as a user who types `poweroff` means it. */
_Noreturn void machine_power_off(void);

/* Start the machine again from its firmware. */
_Noreturn void machine_reboot(void);

/* Stop this CPU for good. */
_Noreturn void machine_halt(void);

#endif
