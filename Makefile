# Build Quire: `make help` lists what can be made.
#
# One kernel is one folder, build/<build>/.  Sources are found by wildcard, so a new file needs no
# line here.  A build differs from another in three things: the compiler, the folder that
# "machine/..." names, and gen/config.h.

ARCH    ?= x86_64
CHECK   ?= 0
O       ?= build
VERSION := 0.1

ifeq ($(filter $(ARCH),i386 i386pae x86_64),)
$(error ARCH=$(ARCH) is not a build: use i386, i386pae or x86_64)
endif

MACHINE := $(ARCH:i386pae=i386)
BUILD   := $(ARCH)$(if $(filter 1,$(CHECK)),-check)
B       := $(O)/$(BUILD)
USER    := $(O)/user/$(MACHINE)
Q       := $(if $(V),,@)
QUIET   := $(V)$(findstring s,$(firstword -$(MAKEFLAGS)))
say      = $(if $(QUIET),@:,@printf '  %-5s %s\n' $(1) $(2))
SHELL   := /bin/bash

# --- compilers -------------------------------------------------------------------------------

TRIPLET_i386   := i686-linux-gnu
TRIPLET_x86_64 := x86_64-linux-gnu
TRIPLET        := $(TRIPLET_$(MACHINE))
MUSL_i386      := i386-linux-musl-gcc
MUSL_x86_64    := musl-gcc
ELF_i386       := elf32
ELF_x86_64     := elf64
LDARCH_i386    := elf_i386
LDARCH_x86_64  := elf_x86_64

ifeq ($(origin CC),default)
CC := $(TRIPLET)-gcc
endif
IS_CLANG := $(findstring clang,$(CC))
LD       := $(TRIPLET)-ld
NM       := $(TRIPLET)-nm

# What every line of the kernel is compiled with: no library, no floating point, no code or data
# behind our back.  Frame pointers stay, for stack traces.
CFLAGS := -std=gnu17 -O2 -g -ffreestanding -nostdlib -fno-pic -fno-pie -fno-stack-protector \
    -fno-asynchronous-unwind-tables -fno-strict-aliasing -fno-omit-frame-pointer -fno-common \
    -mgeneral-regs-only -fcf-protection=none -ffile-prefix-map=$(CURDIR)=.
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Wvla \
    -Wundef -Wconversion -Wno-sign-conversion -Wno-unused-parameter -Wframe-larger-than=512
CFLAGS_i386   := -march=i686 -mregparm=3 -freg-struct-return
CFLAGS_x86_64 := -mno-red-zone -mcmodel=kernel
ifneq ($(IS_CLANG),)
CFLAGS   += --target=$(TRIPLET)
WARNINGS += -Wno-gnu-designator -Wno-initializer-overrides
endif
ifneq ($(filter 1 true,$(WERROR) $(CI)),)
WARNINGS += -Werror
endif
CFLAGS  += $(CFLAGS_$(MACHINE)) $(WARNINGS) -I. -I$(B)
ASFLAGS := -f $(ELF_$(MACHINE)) --reproducible -I./ -I$(B)/
LDFLAGS := -m $(LDARCH_$(MACHINE)) -nostdlib -static --build-id=none -z max-page-size=4096 \
    -z noexecstack --no-warn-rwx-segments
UFLAGS  := -std=gnu17 -static -no-pie -O2 -I. -Wall -Wextra -ffile-prefix-map=$(CURDIR)=.

# --- sources ---------------------------------------------------------------------------------

MACHINE_DIR := arch/$(MACHINE)
SOURCES := $(sort $(wildcard boot/*.c boot/*.asm arch/x86/*.c arch/x86/*.asm $(MACHINE_DIR)/*.c \
    $(MACHINE_DIR)/*.asm kernel/*.c kernel/*/*.c mm/*.c lib/*.c tests/kernel/*.c \
    tests/kernel/*.asm))
OFFSETS_C := $(wildcard arch/x86/offsets.c)
SOURCES := $(filter-out $(OFFSETS_C),$(SOURCES))
OBJECTS := $(patsubst %,$(B)/%.o,$(basename $(SOURCES)))
PROGRAMS := $(patsubst user/%.c,$(USER)/%,$(wildcard user/*.c)) \
    $(patsubst tests/user/%.c,$(USER)/tests/%,$(wildcard tests/user/*.c))
GENERATED := $(B)/gen/config.h $(B)/gen/offsets.inc

# A change of compiler or flags rebuilds everything, a change of the list of sources links anew:
# each is remembered in a file that is written only when it differs.
define REMEMBERED
$(CC) $(shell $(CC) -dumpfullversion -dumpversion 2>/dev/null) $(CFLAGS) / $(ASFLAGS)
endef
ifneq ($(file <$(B)/flags),$(REMEMBERED))
$(shell mkdir -p $(B)/gen && ln -sfn $(CURDIR)/$(MACHINE_DIR) $(B)/machine)
$(file >$(B)/flags,$(REMEMBERED))
endif
ifneq ($(file <$(B)/sources),sources: $(SOURCES) $(PROGRAMS))
$(file >$(B)/sources,sources: $(SOURCES) $(PROGRAMS))
endif

# --- the kernel ------------------------------------------------------------------------------

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: kernel flags all iso run fuzz storm bochs bochs-fault gdb test bench diff-test check deps \
    docs syscalls help clean

kernel: $(B)/quire.elf $(B)/initramfs.cpio

$(B)/gen/config.h: $(B)/flags Makefile
	$(Q){ echo '/* Written by the Makefile: what this build is. */'; \
	echo '#define CONFIG_BUILD "$(BUILD)"'; \
	echo '#define CONFIG_VERSION "$(VERSION)"'; \
	echo '#define CONFIG_PAE $(if $(filter i386pae,$(ARCH)),1,0)'; \
	echo '#define CONFIG_CHECK $(if $(filter 1,$(CHECK)),1,0)'; } >$@

# Constants that assembly shares with C: offsets.c leaves marks in its assembly, sed reads them.
$(B)/gen/offsets.inc: $(OFFSETS_C) $(B)/gen/config.h
	$(Q)$(if $(OFFSETS_C),$(CC) $(CFLAGS) -MMD -MP -MF $(B)/gen/offsets.d -MT $@ -S -o - $(OFFSETS_C) \
	| sed -n 's/.*"->\([A-Za-z0-9_]*\) [$$]*\([-0-9]*\)".*/%define \1 \2/p' >$@,: >$@)

FONT := /usr/share/consolefonts/spleen-8x16.psfu.gz

$(B)/gen/font.h: tools/font.py $(wildcard $(FONT)) $(B)/flags
	$(Q)tools/font.py $(FONT) >$@

$(B)/arch/x86/framebuffer.o: $(B)/gen/font.h

# The vDSO, which the kernel maps into every program (arch/x86/vdso/): compiled for any address and
# for callers that pass arguments as the system's ABI says.  The kernel embeds it without its
# symbols, but knows where in it some of them are.
VDSO_CFLAGS := $(filter-out -g -fno-pic -fno-pie -fno-asynchronous-unwind-tables -mregparm=3 \
    -freg-struct-return -mcmodel=kernel,$(CFLAGS)) -fpic -fasynchronous-unwind-tables
VDSO_SONAME := $(if $(filter i386,$(MACHINE)),linux-gate.so.1,linux-vdso.so.1)
VDSO_OBJECTS := $(B)/vdso/clock.o $(if $(filter i386,$(MACHINE)),$(B)/vdso/vsyscall.o)

$(B)/vdso/%.o: arch/x86/vdso/%.c $(B)/flags $(B)/gen/config.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(VDSO_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/vdso/%.o: arch/x86/vdso/%.asm $(B)/flags
	$(call say,NASM,$@)
	$(Q)mkdir -p $(@D)
	$(Q)nasm -f $(ELF_$(MACHINE)) --reproducible -o $@ $<

$(B)/vdso/vdso.so: $(VDSO_OBJECTS) arch/x86/vdso/layout.ld arch/x86/vdso/$(MACHINE).map
	$(call say,LD,$@)
	$(Q)$(LD) -m $(LDARCH_$(MACHINE)) -shared -soname $(VDSO_SONAME) -Bsymbolic --no-undefined \
	-z noexecstack -z max-page-size=4096 --no-ld-generated-unwind-info --hash-style=both \
	--build-id=none --eh-frame-hdr --orphan-handling=error -T arch/x86/vdso/layout.ld \
	--version-script arch/x86/vdso/$(MACHINE).map -o $@ $(VDSO_OBJECTS)

$(B)/gen/vdso.so: $(B)/vdso/vdso.so
	$(Q)$(TRIPLET)-objcopy -S $< $@

$(B)/gen/vdso.h: $(B)/vdso/vdso.so
	$(Q){ echo '/* Written by the Makefile: where functions of the vDSO are in it. */'; \
	$(NM) $< | sed -n 's/^0*\([0-9a-f]*\) [Tt] \([a-z_]*\)$$/#define VDSO_\2 0x\1/p'; } >$@

$(B)/arch/x86/vdso_image.o: $(B)/gen/vdso.so

$(B)/%.o: %.c $(B)/flags $(B)/gen/config.h | $(B)/gen/vdso.h
	$(call say,CC,$(BUILD)/$*.o)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# NASM writes the resolved folder of its source into the debug information: two checkouts would
# differ.  It cannot resolve a file that has lost its name, and %line gives the lines their source.
$(B)/%.o: %.asm $(B)/flags $(GENERATED)
	$(call say,NASM,$(BUILD)/$*.o)
	$(Q)mkdir -p $(@D)
	$(Q)nasm $(ASFLAGS) -M -MP -MT $@ -MF $(@:.o=.d) $<
	$(Q){ echo '%line 0+1 $<'; cat $<; } >$@.asm && exec 3<$@.asm && rm $@.asm && \
	nasm $(ASFLAGS) -g -F dwarf -o $@ /dev/fd/3

$(B)/quire.ld: linker.ld $(B)/flags $(B)/gen/config.h
	$(Q)$(CC) $(filter --target=%,$(CFLAGS)) -I. -I$(B) -E -P -undef -D__ASSEMBLER__ \
	-x assembler-with-cpp -MMD -MP -MF $@.d -MT $@ -o $@ $<

# The kernel carries its own symbols, for stack traces.  They stand behind all code, so that adding
# them moves no function: link without them, write them down, link with them, compare.
$(B)/quire.elf: $(OBJECTS) $(B)/quire.ld $(B)/sources tools/symbols.py
	$(call say,LD,$@)
	$(Q)tools/symbols.py --none >$(B)/gen/symbols.asm
	$(Q)nasm $(ASFLAGS) -o $(B)/gen/symbols.o $(B)/gen/symbols.asm
	$(Q)$(LD) $(LDFLAGS) -T $(B)/quire.ld -o $(B)/first.elf $(OBJECTS) $(B)/gen/symbols.o
	$(Q)$(NM) -n $(B)/first.elf | tools/symbols.py >$(B)/gen/symbols.asm
	$(Q)nasm $(ASFLAGS) -o $(B)/gen/symbols.o $(B)/gen/symbols.asm
	$(Q)$(LD) $(LDFLAGS) -T $(B)/quire.ld -Map $(B)/quire.map -o $@ $(OBJECTS) $(B)/gen/symbols.o
	$(Q)$(NM) -n $@ | tools/symbols.py | cmp - $(B)/gen/symbols.asm
	$(Q)rm $(B)/first.elf

-include $(wildcard $(OBJECTS:.o=.d) $(VDSO_OBJECTS:.o=.d) $(B)/gen/offsets.d $(B)/quire.ld.d \
    $(PROGRAMS:=.d))

# --- user programs and the first file system -----------------------------------------------

$(USER)/%: user/%.c Makefile
	$(call say,MUSL,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(MUSL_$(MACHINE)) $(UFLAGS) -MMD -MP -MF $@.d -o $@ $<

$(USER)/tests/%: tests/user/%.c Makefile
	$(call say,MUSL,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(MUSL_$(MACHINE)) $(UFLAGS) -MMD -MP -MF $@.d -o $@ $<

SCRIPTS := user/rc $(wildcard tests/shell/*.sh)

$(B)/initramfs.cpio: $(PROGRAMS) $(B)/sources tools/initramfs $(SCRIPTS)
	$(call say,CPIO,$@)
	$(Q)tools/initramfs $(MACHINE) $(O)/debian $@ $(PROGRAMS)

# The compiler and its flags, for tools that compile; what headers need exists afterwards.
flags: $(GENERATED) $(B)/gen/font.h $(B)/gen/vdso.h
	@echo '$(CC) $(CFLAGS)'

# --- everything else -------------------------------------------------------------------------

BUILDS := i386 i386pae x86_64

all: $(BUILDS:%=all-%)
all-%: ; $(Q)$(MAKE) --no-print-directory ARCH=$*

iso: all
	$(Q)tools/iso $(O)

OPTIONS = $(if $(MEM),--mem $(MEM)) $(if $(SMP),--smp $(SMP)) $(if $(INITRD),--initrd $(INITRD)) \
    $(if $(APPEND),--append "$(APPEND)")

# A shell, unless APPEND asks for another first program.
SHELL_PARAMS := init=/bin/busybox -- sh /etc/rc
run: override APPEND := $(APPEND) $(if $(findstring init=,$(APPEND)),,$(SHELL_PARAMS))
run: deps
	$(Q)$(MAKE) --no-print-directory ARCH=$(ARCH)
	$(Q)tools/vm --arch $(ARCH) $(OPTIONS)

# For long; the suite does both for seconds.  docs/storms.md says more.
CALLS ?= 5000000
SEED  ?= 1
fuzz: override APPEND := $(APPEND) loglevel=4 init=/bin/fuzz -- $(CALLS) $(SEED)
storm: override APPEND := $(APPEND) loglevel=4 init=/bin/storm -- forks 10000 alive 1000 \
    pipes 200000 signals 100000 maps 60 bomb 10
fuzz storm: deps
	$(Q)$(MAKE) --no-print-directory ARCH=$(ARCH)
	$(Q)tools/vm --arch $(ARCH) $(if $(SMP),,--smp 4) $(OPTIONS)

bochs: deps
	$(Q)$(MAKE) --no-print-directory ARCH=$(ARCH)
	$(Q)tools/bochs --arch $(ARCH) $(if $(GUI),--gui) $(OPTIONS)

bochs-fault: deps
	$(Q)$(MAKE) --no-print-directory ARCH=$(ARCH)
	$(Q)tools/bochs-fault --arch $(ARCH) $(OPTIONS)

gdb: deps
	$(Q)$(MAKE) --no-print-directory ARCH=$(ARCH)
	$(Q)tools/gdb $(ARCH) $(OPTIONS)

deps:
	$(Q)tools/deps

test: deps
	$(Q)tools/test

bench: deps
	$(Q)$(MAKE) --no-print-directory ARCH=x86_64
	$(Q)$(MAKE) --no-print-directory ARCH=i386pae
	$(Q)tools/bench

diff-test: deps
	$(Q)$(MAKE) --no-print-directory ARCH=x86_64
	$(Q)$(MAKE) --no-print-directory ARCH=i386pae
	$(Q)tools/difftest

check:
	$(Q)tools/check

# What is written by programs: run it when `make check` says that the map is out of date.
docs: all syscalls
	$(Q)tools/docmap.py --write
	$(Q)tools/statements.py --write
	$(Q)tests/suite/figures.py --write

syscalls:
	$(Q)tools/syscalls.py --write

clean:
	rm -rf $(O)

help:
	@sed -n 's/^#: //p' Makefile

#: make              build one kernel and its initramfs (ARCH=i386, i386pae or x86_64; CHECK=1)
#: make all          build all three
#: make iso          build/quire.iso: all three in one GRUB menu, for BIOS and UEFI
#: make run          install what is missing, build, boot to a shell in QEMU; Ctrl-A x leaves
#: make bochs-fault  single-step a page fault in Bochs, annotated
#: make bochs        the same in Bochs's debugger, stopped at the kernel's entry; GUI=1 has a window
#: make gdb          the same in QEMU, with GDB and commands that know Quire (help quire)
#: make test         every test on every build; ends with "N passed, N failed"
#: make fuzz         random system calls (CALLS=5000000 SEED=1), on 4 CPUs without SMP=
#: make storm        much of one thing at once: forks, pipes, signals, mappings, a fork bomb
#: make bench        instructions per operation, on Quire and on Debian's Linux, with the ratio
#: make diff-test    the user tests on Quire and on Debian's Linux, line by line
#: make check        the tools that keep the source in order
#: make docs         write docs/map.md, docs/statements.md and docs/figures.md anew
#: make syscalls     write docs/syscalls.md anew: which system calls there are, how completely
#: make deps         install the Debian packages that are missing
#: make clean        remove build/
#:
#: ARCH= MEM=256M SMP=4 APPEND="..." INITRD=file apply to run, bochs and gdb.  V=1 shows the
#: commands, CC=clang builds with clang, WERROR=1 makes warnings errors, O=folder builds elsewhere.
