# What busybox shows of the machine, and what it mounts: on Quire alone.
for applet in awk cat chroot df dmesg du free grep head ls mkdir mknod mount mountpoint mv ps rm rmdir sed \
    sleep sort stat sync top umount uname uptime wc dd touch; do
    alias $applet="/bin/busybox $applet"
done
say() { echo "== $1"; }
umask 022

say "processes"
ps | sed 1d | awk '$1 == 1 { print "1 is there" }'
ps -o pid,comm | awk '/ps$/ { found = 1 } END { print found }'
top -b -n 1 | head -n 4 | awk '{ print $1 }'
ls /proc | grep -c '^1$'
cat /proc/1/comm

say "memory"
free | awk '/^Mem/ { print ($2 > 10000 && $3 > 0 && $3 < $2 ? "some is used" : "odd") }'
uptime | grep -c 'load average'
cat /proc/uptime | wc -w

say "mounts"
mount | awk '{ print $1, $3, $5 }'
mkdir /m
mount -t tmpfs -o size=64k,mode=700 mine /m
stat -c '%a' /m
grep -c ' /m tmpfs rw,' /proc/mounts
df -k /m | sed 1d
dd if=/dev/zero of=/m/full bs=4096 2>/dev/null || echo "it is full"
stat -c %s /m/full
df -k /m | sed 1d | awk '{ print $3, $4 }'
rm /m/full
touch /m/x
cd /m
umount /m 2>/dev/null || echo "busy"
cd /
mv /m/x /moved && ls /moved
mount -o remount,ro /m
touch /m/y 2>&1 | sed 's/.*: //'
mount -o remount,rw /m
touch /m/y && ls /m
umount /m && ls /m
mount -t proc p /m && cat /m/self/comm
mount -t tmpfs t /m && ls /m
umount /m && cat /m/self/comm
umount /m
mount -t nonsense n /m 2>&1 | sed 's/.*: //'
umount /m 2>/dev/null || echo "nothing is mounted"
mount -t tmpfs lazy /m
cd /m
umount -l /m
touch x 2>/dev/null && ls
cd /
ls /m
rmdir /m /dev/shm 2>&1 | sed 's/.*: //'
rm /moved

mkdir /m
mount -t devpts d /m && grep -c '^d /m devpts' /proc/mounts
umount /m && rmdir /m
umount /dev/pts && mount -t devpts devpts /dev/pts && mount | grep -c devpts

say "devices"
ls -l /dev/null /dev/zero /dev/full /dev/tty | awk '{ print $1, $5, $6, $NF }'
mknod /null c 1 3
echo x >/null && cat /null | wc -c
rm /null
echo x 2>/dev/null >/dev/full || echo "no space"
dd if=/dev/urandom bs=100 count=1 2>/dev/null | wc -c
cat /sys/kernel/mm/transparent_hugepage/enabled | wc -w
cat /sys/devices/system/cpu/online

say "another root"
mkdir -p /jail/bin
cp /bin/busybox /jail/bin
chroot /jail /bin/busybox ls /
chroot /jail /bin/busybox sh -c 'cd /bin; cd ../..; pwd; /bin/busybox ls'
rm -r /jail
