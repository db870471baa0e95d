#!/bin/sh
# Installs packages of Debian or Ubuntu with which nothing starts: not now, and not at the next boot.
# Usage: install-quietly.sh ROOT PACKAGE…   ROOT stands before the system's folders: empty, but in tests.
# Exit code: apt-get's last one; 100 when packages of others would have to go.
root=$1
shift

# busybox-static takes the place of busybox and does all that it does; any other removal is for people to decide.
replaceable=busybox

policy=$root/usr/sbin/policy-rc.d
units() { ls "$root/lib/systemd/system" "$root/usr/lib/systemd/system" 2>/dev/null | grep -E '\.(service|socket|timer|path)$' | sort -u; }
scripts() { ls "$root/etc/init.d" 2>/dev/null | sort -u; }
units_before=$(units)
scripts_before=$(scripts)

# policy-rc.d is Debian's own way to install without starting; it is there for this one installation only.
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' HUP INT TERM
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -qq -o DPkg::Lock::Timeout=300 "$@"; }
install() {
  removed=$(apt -s install --no-install-recommends "$@" 2>/dev/null | sed -n 's/^Remv \([^ ]*\).*/\1/p' | grep -vx "$replaceable")
  if [ -n "$removed" ]; then
    echo "apt-get would remove" $removed >&2
    return 100
  fi
  apt install -y --no-install-recommends "$@"
}
install "$@" || { apt update && install "$@"; }
result=$?

# Package scripts enable their units for the next boot all the same, and a policy of the machine's own may let them start.
# What was there before is left as it is.
booted_by_systemd() { [ -d "$root/run/systemd/system" ]; }
is_new() { ! printf '%s\n' "$2" | grep -Fqx -- "$1"; }
for unit in $(units); do
  is_new "$unit" "$units_before" && command -v systemctl || continue
  if booted_by_systemd; then systemctl disable --now "$unit"; else systemctl disable "$unit"; fi
done >/dev/null 2>&1
for script in $(scripts); do
  is_new "$script" "$scripts_before" || continue
  booted_by_systemd || "$root/etc/init.d/$script" stop
  ! command -v update-rc.d || update-rc.d "$script" disable
done >/dev/null 2>&1
exit "$result"
