; How loaders recognise this kernel, and where they enter it.
;
; Two descriptions stand in the same ELF file.  GRUB looks for the Multiboot2 header in the first
; 32 KiB and enters at the ELF entry point, `start`.  QEMU's -kernel looks for the PVH note and
; enters at `start_pvh`.  Both enter in 32-bit protected mode without paging, on all three builds.
;
; Source: Multiboot2 Specification 2.0, 3.1 "OS image format"; Xen, "x86/HVM direct boot ABI".

extern start_pvh

MULTIBOOT2_MAGIC equ 0xe85250d6
MULTIBOOT2_I386  equ 0

TAG_END          equ 0
TAG_INFORMATION  equ 1
TAG_FRAMEBUFFER  equ 5
TAG_MODULE_ALIGN equ 6
OPTIONAL         equ 1

XEN_NOTE_PHYS32_ENTRY equ 18

section .boot.header progbits alloc noexec nowrite align=8

header: dd MULTIBOOT2_MAGIC
        dd MULTIBOOT2_I386
        dd header_end - header
        dd 0x100000000 - (MULTIBOOT2_MAGIC + MULTIBOOT2_I386 + (header_end - header))

tags:   dw TAG_INFORMATION, OPTIONAL
        dd tags_end - tags
        dd 1, 2, 3, 6, 8, 14, 15        ; command line, loader, modules, memory, screen, RSDP
tags_end:
        align 8, db 0
        dw TAG_MODULE_ALIGN, OPTIONAL
        dd 8
screen: dw TAG_FRAMEBUFFER, OPTIONAL
        dd 20
        dd 1024, 768, 32                ; what we would like; we take what we get
        align 8, db 0
        dw TAG_END, 0
        dd 8
header_end:

section .note.Xen progbits alloc noexec nowrite align=4

        dd owner_end - owner
        dd 4
        dd XEN_NOTE_PHYS32_ENTRY
owner:  db "Xen", 0
owner_end:
        dd start_pvh
