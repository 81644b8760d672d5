/* The screen as the loader left it: pixels, on which we draw the characters ourselves. */
#ifndef ARCH_X86_FRAMEBUFFER_H
#define ARCH_X86_FRAMEBUFFER_H

/* If the loader named a framebuffer, make it the console "tty0".  After vmalloc_init(); sleeps. */
void framebuffer_init(void);

#endif
