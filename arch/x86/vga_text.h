/* The PC's text screen: 80 by 25 characters in the memory of a VGA. */
#ifndef ARCH_X86_VGA_TEXT_H
#define ARCH_X86_VGA_TEXT_H

/* If there is a VGA in text mode, make it the console "tty0".  After vmalloc_init(); sleeps. */
void vga_text_init(void);

#endif
