# Runs each of the programs of /tests that its argument names, separated by commas, and says how it
# ended: what tools/difftest compares.  Linux starts it with nothing mounted.
busybox=/bin/busybox
ready() { # FILE TYPE FOLDER: mount it, if FILE is not there yet
    [ -e "$1" ] || { $busybox mkdir -p "$3" && $busybox mount -t "$2" "$2" "$3"; }
}
ready /proc/self proc /proc
ready /sys/kernel sysfs /sys
ready /dev/zero devtmpfs /dev
ready /dev/pts/ptmx devpts /dev/pts
$busybox mkdir -p /dev/shm /tmp
IFS=,
for program in $1; do
    echo "== $program"
    cd /
    /tests/$program </dev/null 2>&1
    echo "== status $?"
done
