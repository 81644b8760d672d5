; The i386's way into the kernel, and back from signal handlers, as the vDSO offers them.
;
; __kernel_vsyscall takes what int 0x80 takes and gives what that gives.  sysenter forgets where it
; came from: the kernel returns to vsyscall_return, in this page, and takes the user's stack pointer
; from ebp, whose own value, the sixth argument, it finds there on the stack.  A system call that
; starts again does so by the int 0x80 just before, with all registers as they were, ebp too.
;
; On a CPU without sysenter there is only the int 0x80.  The kernel writes the two instructions over
; the nops if the CPU has it: arch/x86/vdso.c.
;
; The C library's unwinder finds its way through __kernel_vsyscall by .eh_frame; the code of the
; other two it knows by heart, so their bytes are a promise.
;
; Source: Intel SDM vol. 2B, "SYSENTER"; DWARF 4, 6.4 "Call Frame Information"; vdso(7).

global __kernel_vsyscall:function, __kernel_sigreturn:function, __kernel_rt_sigreturn:function
global vsyscall_sysenter, vsyscall_return

SYS_SIGRETURN    equ 119
SYS_RT_SIGRETURN equ 173

section .text progbits alloc exec nowrite align=16
bits 32

        nop                             ; an unwinder looks at what comes before
__kernel_sigreturn:
        pop eax                         ; the signal's number
        mov eax, SYS_SIGRETURN
        int 0x80

        align 16
        nop
__kernel_rt_sigreturn:
        mov eax, SYS_RT_SIGRETURN
        int 0x80

        align 16
__kernel_vsyscall:
        push ebp
vsyscall_pushed:
vsyscall_sysenter:
        times 4 nop                     ; or mov ebp, esp; sysenter
        int 0x80
vsyscall_return:
        pop ebp
vsyscall_popped:
        ret
vsyscall_end:

section .eh_frame progbits alloc noexec nowrite align=4
cie:    dd cie_end - $ - 4
        dd 0                            ; a CIE
        db 1, "zR", 0                   ; version; what comes with it
        db 1, 0x7c, 8                   ; code in bytes, data in units of -4; 8: the return address
        db 1, 0x1b                      ; one byte more: addresses are relative, 32 bits
        db 0x0c, 4, 4                   ; the frame is at esp + 4,
        db 0x88, 1                      ; the return address just below that
        align 4, db 0
cie_end:
fde:    dd fde_end - $ - 4
        dd $ - cie
        dd __kernel_vsyscall - $
        dd vsyscall_end - __kernel_vsyscall
        db 0                            ; nothing more
        db 0x40 + (vsyscall_pushed - __kernel_vsyscall)
        db 0x0e, 8                      ; the frame is at esp + 8,
        db 0x85, 2                      ; ebp 8 below that
        db 0x40 + (vsyscall_popped - vsyscall_pushed)
        db 0x0e, 4
        db 0xc5                         ; ebp is itself again
        align 4, db 0
fde_end:

section .note.GNU-stack noalloc noexec nowrite progbits
