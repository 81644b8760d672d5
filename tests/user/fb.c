/*
 * /dev/fb0: a program draws, and reads what it has drawn.  Where the loader left a framebuffer.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "check.h"

/* Source: Linux uapi linux/fb.h. */
enum { FBIOGET_VSCREENINFO = 0x4600, FBIOPUT_VSCREENINFO, FBIOGET_FSCREENINFO };

struct fb_var_screeninfo {
    uint32_t xres, yres, virtual_size[2], offset[2], bits_per_pixel, rest[33];
};

struct fb_fix_screeninfo {
    char id[16];
    unsigned long smem_start;
    uint32_t smem_len, type[3];
    uint16_t pan[3];
    uint32_t line_length;
    unsigned long rest[5]; /* at least what the kernel knows */
};

int main(void)
{
    struct fb_var_screeninfo var = { 0 };
    struct fb_fix_screeninfo fix = { 0 };
    int fd = open("/dev/fb0", O_RDWR);
    check("there is one", fd >= 0);
    check("it has a size", ioctl(fd, FBIOGET_VSCREENINFO, &var) == 0 && var.xres >= 320 &&
                               var.yres >= 200 && var.bits_per_pixel >= 16);
    check("and lines", ioctl(fd, FBIOGET_FSCREENINFO, &fix) == 0 &&
                           fix.line_length >= var.xres * (var.bits_per_pixel / 8) &&
                           fix.smem_len >= fix.line_length * var.yres);
    check("its size may be what it is", ioctl(fd, FBIOPUT_VSCREENINFO, &var) == 0);
    var.xres++;
    check_errno(ioctl(fd, FBIOPUT_VSCREENINFO, &var), EINVAL);
    check_errno(ioctl(fd, FBIOGET_VSCREENINFO, (void *)8), EFAULT);
    check_errno(ioctl(fd, 0x46ff, 0), ENOTTY);
    check_errno(mmap(NULL, fix.smem_len + 4096, PROT_READ, MAP_SHARED, fd, 0), EINVAL);
    volatile uint32_t *pixels = mmap(NULL, fix.smem_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    volatile uint32_t *again = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    check("it can be mapped", pixels != MAP_FAILED && again != MAP_FAILED);
    for (uint32_t i = 0; i < 1024; i++)
        pixels[i] = i * 0x010203;
    int same = 1;
    for (uint32_t i = 0; i < 1024; i++)
        same &= again[i] == i * 0x010203;
    check("what is drawn is there", same);
    pixels[fix.smem_len / 4 - 1] = 7;
    check("to the last pixel", pixels[fix.smem_len / 4 - 1] == 7);
    return finish();
}
