"""What starting a machine and debugging one in Bochs share: an ISO for one run, settings."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Each has what its build can use: PSE alone; PAE and no-execute; all that Bochs knows.
BOCHS_CPU = {"i386": "p3_katmai", "i386pae": "core_duo_t2400_yonah", "x86_64": "tigerlake"}

BOCHSRC = """\
plugin_ctrl: unmapped=1, biosdev=1, speaker=0, extfpuirq=1, parallel=0, serial=1, gameport=0
config_interface: textconfig
display_library: {display}
memory: guest={mem}, host={host}
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
vga: extension=vbe, update_freq=5
boot: cdrom
ata0-master: type=cdrom, path={iso}, status=inserted
{serial}
log: {log}
panic: action=fatal
clock: sync=none, time0=946684800, rtc_sync=0
port_e9_hack: enabled=1
magic_break: enabled=0
cpu: model={cpu}, count={smp}, ips=50000000, reset_on_triple_fault=0
"""
HEADLESS = 'rfb, options="timeout=0"'


def megabytes(text):
    m = re.fullmatch(r"(\d+)([MG]?)", text.upper())
    if not m:
        sys.exit(f"--mem {text}: a number and M or G, please")
    return int(m[1]) * (1024 if m[2] == "G" else 1)


def own_iso(args, tmp):
    """An ISO with this kernel, initrd and parameters only."""
    iso = tmp / "quire.iso"
    subprocess.run([ROOT / "tools/iso", "--one", args.arch, args.kernel, args.initrd, args.append,
                    iso], check=True, stdout=sys.stderr)
    return iso


def bochs_configuration(args, tmp, iso, serial, display=HEADLESS):
    mem = megabytes(args.mem)
    rc = BOCHSRC.format(display=display, mem=mem, host=min(mem, 512), iso=iso, serial=serial,
                        log=tmp / "bochs.log", cpu=BOCHS_CPU[args.arch], smp=args.smp)
    (tmp / "bochsrc").write_text(rc + "".join(line + "\n" for line in args.extra))
