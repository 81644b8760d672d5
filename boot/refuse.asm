; The last words of a kernel that this machine cannot run.
;
; Too early for printk: no paging, no C.  The message goes to the serial port and to the top line
; of a VGA text screen, then the machine stops with status 125, told in the same way as
; arch/x86/power.c does.
; Source: Intel SDM vol. 2A, "CPUID"; the 16550's data sheet for the port numbers.

%include "gen/offsets.inc"

COM1        equ 0x3f8
LINE_STATUS equ COM1 + 5
VGA_TEXT    equ 0xb8000
WHITE_ON_RED equ 0x4f

global refuse, require_cpuid, require_whole_image
extern _boot, _end

section .boot.text progbits alloc exec nowrite align=16
bits 32

; Return if the CPU has CPUID: if the ID flag can be changed.  Changes eax, ecx.
require_cpuid:
        pushfd
        pop ecx
        mov eax, ecx
        xor eax, FLAGS_ID
        push eax
        popfd
        pushfd
        pop eax
        xor eax, ecx
        test eax, FLAGS_ID
        mov esi, no_cpuid
        jz refuse
        ret

; Return if the loader has put the initrd elsewhere than over this kernel, as QEMU does in a machine
; that is too small for both.  This very code comes first in the image, so it is what survives.
; ebp = which loader, ebx = its data.  Changes eax, ecx, esi.
; Source: Xen, "x86/HVM direct boot ABI" (struct hvm_start_info, struct hvm_modlist_entry).
require_whole_image:
        cmp ebp, LOADER_PVH             ; GRUB looks where the kernel is
        jne .whole
        cmp dword [ebx + 12], 0         ; number of modules
        je .whole
        mov eax, [ebx + 16]             ; the first module's start and length
        mov ecx, [eax]
        cmp ecx, _end - KERNEL_BASE
        jae .whole
        add ecx, [eax + 8]
        cmp ecx, _boot
        jbe .whole
        mov esi, too_small
        jmp refuse
.whole: ret

; Say the zero-ended text at esi and stop with status 125.  Never returns.
refuse: mov dx, COM1 + 3                ; 8 data bits, no parity, 1 stop bit; the firmware's speed
        mov al, 3
        out dx, al
        push esi
        mov esi, quire
        call say
        pop esi
        call say
        mov esi, stopped
        call say
        mov esi, exit_line
        mov dx, 0xe9
.exit:  lodsb
        out dx, al
        test al, al
        jnz .exit
        mov dx, 0xf4
        mov eax, EXIT_PANIC
        out dx, eax
        mov esi, shutdown
        mov dx, 0x8900
.bochs: lodsb
        out dx, al
        test al, al
        jnz .bochs
.stop:  cli
        hlt
        jmp .stop

; Write the zero-ended text at esi to the serial port and behind [cursor].  Changes eax, edx, edi.
say:    lodsb
        test al, al
        jz .end
        mov ah, al
        mov ecx, 100000                 ; a port that is not there is never ready: go on
        mov dx, LINE_STATUS
.wait:  in al, dx
        test al, 0x20
        loopz .wait
        mov al, ah
        mov dx, COM1
        out dx, al
        cmp al, ' '
        jb say
        mov ah, WHITE_ON_RED
        mov edi, [cursor]
        mov [edi], ax
        add dword [cursor], 2
        jmp say
.end:   ret

cursor:    dd VGA_TEXT
quire:     db 13, 10, "Quire: ", 0
stopped:   db ". Stopped.", 13, 10, 0
no_cpuid:  db "this CPU has no CPUID instruction", 0
too_small: db "not enough memory: the initrd lies over the kernel", 0
exit_line: db "exit 125", 10, 0
shutdown:  db "Shutdown", 0
