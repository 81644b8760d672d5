/* The PS/2 keyboard, or what the firmware shows as one. */
#ifndef ARCH_X86_KEYBOARD_H
#define ARCH_X86_KEYBOARD_H

/* If there is a keyboard controller, let the terminal have what is typed.  After irq_init(). */
void keyboard_init(void);

#endif
