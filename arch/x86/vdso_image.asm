; The vDSO as the linker made it, on pages of its own: programs see these very pages.
;
; It is data: the kernel itself never runs it, and at boot it writes a few instructions into it.
; With: arch/x86/vdso.c

global vdso_image, vdso_image_end

section .data.vdso progbits alloc noexec write align=4096
vdso_image:
        incbin "gen/vdso.so"
        align 4096, db 0
vdso_image_end:
